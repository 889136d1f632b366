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

/** Space that something needs, or that there is. */
export interface Needs {
  bytes: number
  inodes: number
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

  /** What can still be promised. */
  async room(): Promise<Needs> {
    const { bavail, blocks, bsize, files, ffree } = await statfs(this.#path)
    return {
      bytes: Math.max(0, bavail * bsize - Math.ceil(blocks * bsize * this.#floor) - this.#promised),
      // Some file systems make inodes as they are needed, and say that they have none.
      inodes: files > 0 ? Math.max(0, ffree - this.#promisedInodes) : Infinity,
    }
  }

  /** True when less is free than shall stay free: whatever was promised, nothing more may be written. */
  async isBelowFloor(): Promise<boolean> {
    const { bavail, blocks } = await statfs(this.#path)
    return bavail < Math.ceil(blocks * this.#floor)
  }

  /** What an operator reads where `bytes` do not fit. */
  async shortage(bytes: number): Promise<IngotError> {
    return this.#shortage(bytes, (await this.room()).bytes)
  }

  #shortage(bytes: number, usable: number): IngotError {
    const floor = Math.round(this.#floor * 100)
    return new IngotError(
      'no-space',
      `${bytes} bytes are needed at ${this.#path}, ${usable} are usable (${floor} % of the disk stay free)`,
      { hint: 'free space there, or put the images on a larger disk with --images DIR' },
    )
  }

  /** Throws `no-space` unless `bytes`, and for a tree its nodes, fit besides what is promised already. */
  async reserve(bytes: number, inodes = 0): Promise<Reservation> {
    const room = await this.room()
    if (inodes > room.inodes)
      throw new IngotError(
        'no-space',
        `${inodes} files and directories are to be made at ${this.#path}; the file system has room for ${room.inodes}`,
        { hint: 'remove small files there, or put the images on another file system with --images DIR' },
      )
    if (bytes > room.bytes) throw this.#shortage(bytes, room.bytes)
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
