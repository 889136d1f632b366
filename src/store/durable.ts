import { mkdir, open, type FileHandle } from 'node:fs/promises'
import { systemCode } from '../core/errors.ts'

/** Makes what was written to a file durable. */
export async function syncFile(path: string | Buffer): Promise<void> {
  const file = await open(path, 'r')
  try {
    await file.sync()
  } finally {
    await file.close()
  }
}

/** Makes the names in a directory durable. */
export async function syncDirectory(path: string | Buffer): Promise<void> {
  await syncFile(path)
}

/** Makes a directory in one that is there; false when it is there already. */
export async function makeDirectory(path: string, mode: number): Promise<boolean> {
  try {
    await mkdir(path, { mode })
    return true
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw error
    return false
  }
}

/** Reads exactly `length` bytes at `position` into `target` (from its start). Throws when the file is shorter. */
export async function readExactly(file: FileHandle, target: Uint8Array, position: number): Promise<void> {
  let done = 0
  while (done < target.length) {
    const { bytesRead } = await file.read(target, done, target.length - done, position + done)
    if (bytesRead === 0)
      throw new RangeError(`the file ends at ${position + done}, ${target.length - done} bytes early`)
    done += bytesRead
  }
}

/** Bytes that {@link writeAgain} holds at a time. */
const PIECE_BYTES = 1024 * 1024

/**
 * Writes what a file holds over itself. After a sync that failed the system shows bytes that may not be on the disk: only
 * what is written again is taken to the disk by the next sync.
 */
export async function writeAgain(file: FileHandle): Promise<void> {
  const { size } = await file.stat()
  for (let done = 0; done < size; done += PIECE_BYTES) {
    const piece = Buffer.allocUnsafe(Math.min(PIECE_BYTES, size - done))
    await readExactly(file, piece, done)
    await writeAll(file, piece, done)
  }
}

/** Writes all of `source` at `position`. */
export async function writeAll(file: FileHandle, source: Uint8Array, position: number): Promise<void> {
  let done = 0
  while (done < source.length) {
    const { bytesWritten } = await file.write(source, done, source.length - done, position + done)
    done += bytesWritten
  }
}
