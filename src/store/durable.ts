import { open, type FileHandle } from 'node:fs/promises'

/** Makes the names in a directory durable. */
export async function syncDirectory(path: string | Buffer): Promise<void> {
  const directory = await open(path, 'r')
  try {
    await directory.sync()
  } finally {
    await directory.close()
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

/** Writes all of `source` at `position`. */
export async function writeAll(file: FileHandle, source: Uint8Array, position: number): Promise<void> {
  let done = 0
  while (done < source.length) {
    const { bytesWritten } = await file.write(source, done, source.length - done, position + done)
    done += bytesWritten
  }
}
