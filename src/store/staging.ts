import { mkdir, open, rm, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { DIGEST_BYTES } from '../image/digest.ts'
import {
  LEAF_BYTES,
  isZero,
  leafDigest,
  leafLength,
  runLength,
  segmentCount,
  segmentLeaves,
} from '../image/leaves.ts'
import { readExactly, writeAll } from './durable.ts'
import { IndexFile } from './index-file.ts'

/**
 * A file on its way here: `image` (grows as segments arrive, holes where leaves are zero), `index` and `progress`, a bitmap
 * of the segments that are whole, verified and synced. Bits only ever go from 0 to 1, and only after the bytes are
 * synced, so a torn write of the bitmap is harmless; what lies on disk beyond it is verified again, not fetched again.
 */
export class StagedFile {
  readonly directory: string
  readonly size: number
  readonly index: IndexFile
  readonly #image: FileHandle
  readonly #progress: FileHandle
  /** One bit per segment: whole and synced, or about to be. */
  readonly #whole: Buffer
  /** Bytes that were on disk when it was opened: only there can leaves lie from before. */
  readonly #found: number

  private constructor(init: {
    directory: string
    index: IndexFile
    image: FileHandle
    progress: FileHandle
    whole: Buffer
    found: number
  }) {
    this.directory = init.directory
    this.size = init.index.size
    this.index = init.index
    this.#image = init.image
    this.#progress = init.progress
    this.#whole = init.whole
    this.#found = init.found
  }

  /** Opens what an earlier attempt left in `directory`, or begins there. */
  static async open(directory: string, size: number): Promise<StagedFile> {
    await mkdir(directory, { recursive: true, mode: 0o700 })
    const path = (name: string) => join(directory, name)
    let index: IndexFile
    let fresh = false
    try {
      index = await IndexFile.open(path('index'), size, 'r+')
    } catch {
      // Nothing there, or nothing of use: begin anew.
      await rm(directory, { recursive: true })
      await mkdir(directory, { mode: 0o700 })
      index = await IndexFile.create(path('index'), size)
      fresh = true
    }
    const image = await open(path('image'), fresh ? 'w+' : 'a+', 0o600).then(async (file) => {
      if (fresh) return file
      await file.close() // 'a+' made it where it was missing; positions need 'r+'
      return await open(path('image'), 'r+')
    })
    const progress = await open(path('progress'), 'a+', 0o600)
    const whole = Buffer.alloc(Math.ceil(segmentCount(size) / 8))
    await progress.read(whole, 0, whole.length, 0)
    await progress.close()
    const { size: found } = await image.stat()
    return new StagedFile({
      directory,
      index,
      image,
      progress: await open(path('progress'), 'r+'),
      whole,
      found,
    })
  }

  /** True for a segment that is whole. */
  isWhole(segment: number): boolean {
    return (((this.#whole[segment >> 3] as number) >> (segment & 7)) & 1) === 1
  }

  /** Marks a segment whose leaves are all written; durable after the next {@link checkpoint}. */
  markWhole(segment: number): void {
    this.#whole[segment >> 3] = (this.#whole[segment >> 3] as number) | (1 << (segment & 7))
  }

  /** Bytes in segments that are whole. */
  wholeBytes(): number {
    let bytes = 0
    for (let segment = 0; segment < segmentCount(this.size); segment++) {
      if (!this.isWhole(segment)) continue
      const { first, count } = segmentLeaves(this.size, segment)
      bytes += runLength(this.size, first, count)
    }
    return bytes
  }

  /** Writes verified bytes at a leaf. */
  async write(firstLeaf: number, bytes: Uint8Array): Promise<void> {
    await writeAll(this.#image, bytes, firstLeaf * LEAF_BYTES)
  }

  /**
   * Which leaves of a segment lie on disk from before and verify against its leaf list (32 bytes per leaf).
   */
  async verifiedLeaves(segment: number, digests: Uint8Array): Promise<boolean[]> {
    const { first, count } = segmentLeaves(this.size, segment)
    const verified = Array.from({ length: count }, () => false)
    const position = first * LEAF_BYTES
    const available = Math.min(this.#found, this.size) - position
    if (available <= 0) return verified
    const bytes = Buffer.allocUnsafe(Math.min(available, runLength(this.size, first, count)))
    await readExactly(this.#image, bytes, position)
    for (let i = 0; i < count; i++) {
      const leaf = bytes.subarray(i * LEAF_BYTES, i * LEAF_BYTES + leafLength(this.size, first + i))
      if (leaf.length < leafLength(this.size, first + i) || isZero(leaf)) continue
      verified[i] = leafDigest(leaf).equals(digests.subarray(i * DIGEST_BYTES, (i + 1) * DIGEST_BYTES))
    }
    return verified
  }

  /** Makes what was written durable, then the record that claims it. */
  async checkpoint(): Promise<void> {
    const record = Buffer.from(this.#whole)
    await this.index.sync()
    await this.#image.datasync()
    await writeAll(this.#progress, record, 0)
  }

  /** Brings the file to its full size and makes it durable. Every segment must be whole. */
  async complete(): Promise<void> {
    await this.#image.truncate(this.size)
    await this.#image.sync()
    await this.index.sync()
    await this.close()
    await rm(join(this.directory, 'progress'))
  }

  async close(): Promise<void> {
    await this.index.close()
    await this.#image.close()
    await this.#progress.close()
  }
}
