import { statfs } from 'node:fs/promises'
import { IngotError } from '../core/errors.ts'

/** Bytes free for this user on the file system of `path`. */
export async function freeBytes(path: string): Promise<number> {
  const { bavail, bsize } = await statfs(path)
  return bavail * bsize
}

/** Bytes of the file system of `path` in all. */
export async function totalBytes(path: string): Promise<number> {
  const { blocks, bsize } = await statfs(path)
  return blocks * bsize
}

/** Space that was promised to one operation. */
export interface Reservation {
  /** What of it is still to be written, bytes; never more than was reserved. */
  shrinkTo(bytes: number): void
  release(): void
}

/** Accounts for space before it is used, so that what runs at the same time fits together and a floor stays free. */
export class SpaceLedger {
  readonly #path: string
  readonly #floor: number
  /** Bytes that were promised and are not written yet. */
  #promised = 0
  /** The same of inodes. */
  #promisedInodes = 0

  /** `path` lies on the file system; `floor` is the share of it that stays free. */
  constructor(path: string, floor: number) {
    this.#path = path
    this.#floor = floor
  }

  /** Throws `no-space` unless `bytes`, and for a tree its nodes, fit besides what is promised already. */
  async reserve(bytes: number, inodes = 0): Promise<Reservation> {
    const { bavail, blocks, bsize, files, ffree } = await statfs(this.#path)
    // Some file systems make inodes as they are needed, and say that they have none.
    if (files > 0 && inodes > ffree - this.#promisedInodes)
      throw new IngotError(
        'no-space',
        `${inodes} files and directories are to be made at ${this.#path}; the file system has room for ${ffree - this.#promisedInodes}`,
        { hint: 'remove small files there, or put the images on another file system with --images DIR' },
      )
    const usable = Math.max(0, bavail * bsize - Math.ceil(blocks * bsize * this.#floor) - this.#promised)
    if (bytes > usable) {
      const floor = Math.round(this.#floor * 100)
      throw new IngotError(
        'no-space',
        `${bytes} bytes are needed at ${this.#path}, ${usable} are usable (${floor} % of the disk stay free)`,
        { hint: 'free space there, or put the images on a larger disk with --images DIR' },
      )
    }
    let left = bytes
    this.#promised += left
    this.#promisedInodes += inodes
    const shrinkTo = (remaining: number) => {
      const next = Math.max(0, Math.min(left, remaining))
      this.#promised -= left - next
      left = next
    }
    const release = () => {
      shrinkTo(0)
      this.#promisedInodes -= inodes
      inodes = 0
    }
    return { shrinkTo, release }
  }
}
