import type { BigIntStats } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import { IngotError } from '../core/errors.ts'
import type { FileIdentity } from '../image/content.ts'
import { pathText } from '../image/tree-order.ts'
import { readExactly, writeAll } from './durable.ts'

/** Device, inode, size, times of the last change of content and of anything: 64 bits each. */
const IDENTITY_BYTES = 40

function identityBytes({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): Buffer {
  return Buffer.from(BigInt64Array.of(dev, ino, size, mtimeNs, ctimeNs).buffer)
}

/**
 * What tells whether the files of a tree in place are still those that were read: a file `identities` beside the index, 40 bytes
 * for each file of the tree.
 */
export class TreeIdentities {
  readonly #file: FileHandle

  private constructor(file: FileHandle) {
    this.#file = file
  }

  static async open(path: string, flags: 'r' | 'w' | 'wx'): Promise<TreeIdentities> {
    return new TreeIdentities(await open(path, flags, 0o644))
  }

  async record(file: number, stat: BigIntStats): Promise<void> {
    await writeAll(this.#file, identityBytes(stat), file * IDENTITY_BYTES)
  }

  /** Throws `changed-on-disk` when the file of that number is not what it was. */
  async requireSame(file: number, stat: BigIntStats, path: Uint8Array): Promise<void> {
    const before = Buffer.alloc(IDENTITY_BYTES)
    await readExactly(this.#file, before, file * IDENTITY_BYTES)
    if (!before.equals(identityBytes(stat)))
      throw new IngotError('changed-on-disk', `${pathText(path)} changed since it was imported`)
  }

  /** What the file of that number was, as {@link identityOf} tells it. */
  async of(file: number): Promise<FileIdentity> {
    const bytes = new Uint8Array(IDENTITY_BYTES)
    await readExactly(this.#file, bytes, file * IDENTITY_BYTES)
    const [dev, ino, size, mtimeNs, ctimeNs] = new BigInt64Array(bytes.buffer)
    return { inode: `${dev}:${ino}`, size: Number(size), mtime: String(mtimeNs), ctime: String(ctimeNs) }
  }

  async sync(): Promise<void> {
    await this.#file.sync()
  }

  async close(): Promise<void> {
    await this.#file.close()
  }
}
