import { createCipheriv, createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open, readdir } from 'node:fs/promises'

/** Pseudo-random bytes: the same for the same seed. */
export function* randomPieces(length: number, seed: string): Generator<Buffer> {
  const key = createHash('sha256').update(seed).digest()
  const cipher = createCipheriv('aes-256-ctr', key, Buffer.alloc(16))
  const zeros = Buffer.alloc(Math.min(length, 1024 * 1024))
  for (let done = 0; done < length; done += zeros.length) {
    yield cipher.update(zeros.subarray(0, Math.min(zeros.length, length - done)))
  }
}

/** Up to some megabytes of {@link randomPieces} at once. */
export function randomBytes(length: number, seed: string): Buffer {
  return Buffer.concat([...randomPieces(length, seed)])
}

/** Makes a file of `length` bytes that only depend on the seed. */
export async function writeRandomFile(path: string, length: number, seed: string): Promise<void> {
  await writeSparseFile(path, length, [{ at: 0, length, seed }])
}

/** Data in a sparse file. */
export interface Extent {
  at: number
  length: number
  seed: string
}

/** Makes a file of `length` bytes with data at some places and holes elsewhere. */
export async function writeSparseFile(
  path: string,
  length: number,
  extents: readonly Extent[],
): Promise<void> {
  const file = await open(path, 'w')
  try {
    await file.truncate(length)
    for (const extent of extents) {
      let position = extent.at
      for (const piece of randomPieces(extent.length, extent.seed)) {
        await file.write(piece, 0, piece.length, position)
        position += piece.length
      }
    }
  } finally {
    await file.close()
  }
}

/** SHA-256 of a file's bytes, as `sha256:<hex>`. */
export async function sha256OfFile(path: string): Promise<`sha256:${string}`> {
  const hash = createHash('sha256')
  for await (const piece of createReadStream(path)) hash.update(piece as Buffer)
  return `sha256:${hash.digest('hex')}`
}

/** Everything under an images directory but what is always there, sorted. */
export async function storedUnder(images: string): Promise<string[]> {
  const always = ['.ingot-images', 'content', 'staging', 'own', 'patches']
  const found = await readdir(images, { recursive: true })
  return found.filter((path) => !always.includes(path)).sort()
}
