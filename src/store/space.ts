import { statfs } from 'node:fs/promises'
import { IngotError } from '../core/errors.ts'

/** Bytes free for this user on the file system of `path`. */
export async function freeBytes(path: string): Promise<number> {
  const { bavail, bsize } = await statfs(path)
  return bavail * bsize
}

/** Throws `no-space` unless `bytes` fit at `path` and the floor (a share of the file system) stays free. */
export async function requireSpace(path: string, bytes: number, floor: number): Promise<void> {
  const { bavail, blocks, bsize } = await statfs(path)
  const reserve = Math.ceil(blocks * bsize * floor)
  const usable = Math.max(0, bavail * bsize - reserve)
  if (bytes <= usable) return
  throw new IngotError(
    'no-space',
    `${bytes} bytes are needed at ${path}, ${usable} are usable (${Math.round(floor * 100)} % of the disk stay free)`,
    { hint: 'free space there, or put the images on a larger disk with --images DIR' },
  )
}
