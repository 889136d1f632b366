import { open, type FileHandle } from 'node:fs/promises'
import { IngotError } from '../core/errors.ts'
import { DIGEST_BYTES, toDigest, type Digest } from '../image/digest.ts'
import { fileRoot, leafCount, segmentCount, segmentLeaves } from '../image/leaves.ts'
import { readExactly, writeAll } from './durable.ts'

const MAGIC = Buffer.from('ingot file index 1\n')
const HEADER_BYTES = 64
/** Bytes before the digests in an index file: all segment digests, then all leaf digests. */
export const indexHeaderBytes = HEADER_BYTES

/**
 * The content index of a file, as a file: a header with the size, all segment digests, then all leaf digests, each
 * 32 bytes. Read by parts, never held whole: 100 GB of content have 0.8 MB of segment and 49 MB of leaf digests.
 */
export class IndexFile {
  /** Bytes of the content that it describes. */
  readonly size: number
  readonly #file: FileHandle

  private constructor(file: FileHandle, size: number) {
    this.#file = file
    this.size = size
  }

  /** Makes an empty index for a content of `size` bytes, in place of what is at `path`. */
  static async create(path: string, size: number): Promise<IndexFile> {
    const file = await open(path, 'w+', 0o644)
    try {
      const header = Buffer.alloc(HEADER_BYTES)
      MAGIC.copy(header)
      header.writeBigUInt64BE(BigInt(size), HEADER_BYTES - 8)
      await writeAll(file, header, 0)
      await file.truncate(HEADER_BYTES + (segmentCount(size) + leafCount(size)) * DIGEST_BYTES)
      return new IndexFile(file, size)
    } catch (error) {
      await file.close()
      throw error
    }
  }

  /** Opens an index. Throws `wrong-content` when it is none, or one of another size. */
  static async open(path: string, size: number, flags: 'r' | 'r+' = 'r'): Promise<IndexFile> {
    const file = await open(path, flags)
    try {
      const header = Buffer.alloc(HEADER_BYTES)
      await readExactly(file, header, 0)
      const { size: bytes } = await file.stat()
      const expected = HEADER_BYTES + (segmentCount(size) + leafCount(size)) * DIGEST_BYTES
      if (
        !header.subarray(0, MAGIC.length).equals(MAGIC) ||
        header.readBigUInt64BE(HEADER_BYTES - 8) !== BigInt(size) ||
        bytes !== expected
      ) {
        throw new IngotError('wrong-content', `${path} is not the index of a content of ${size} bytes`)
      }
      return new IndexFile(file, size)
    } catch (error) {
      await file.close()
      throw error instanceof RangeError
        ? new IngotError('wrong-content', `${path} is not a content index`, { cause: error })
        : error
    }
  }

  /** Digests of `count` segments from `first` on. */
  async readSegments(first = 0, count = segmentCount(this.size)): Promise<Buffer> {
    return await this.#read(HEADER_BYTES + first * DIGEST_BYTES, count)
  }

  async writeSegments(digests: Uint8Array, first = 0): Promise<void> {
    await writeAll(this.#file, digests, HEADER_BYTES + first * DIGEST_BYTES)
  }

  /** Leaf digests of `count` segments from `first` on, one list after the other. */
  async readLeafLists(first: number, count: number): Promise<Buffer> {
    const from = segmentLeaves(this.size, first).first
    const last = segmentLeaves(this.size, first + count - 1)
    return await this.#read(this.#leafOffset(from), last.first + last.count - from)
  }

  /** Leaf digests of segments from `first` on. */
  async writeLeafLists(first: number, digests: Uint8Array): Promise<void> {
    await writeAll(this.#file, digests, this.#leafOffset(segmentLeaves(this.size, first).first))
  }

  #leafOffset(leaf: number): number {
    return HEADER_BYTES + (segmentCount(this.size) + leaf) * DIGEST_BYTES
  }

  async #read(position: number, count: number): Promise<Buffer> {
    const digests = Buffer.allocUnsafe(count * DIGEST_BYTES)
    await readExactly(this.#file, digests, position)
    return digests
  }

  /** Root of what the segment digests say now. */
  async root(): Promise<Digest> {
    return toDigest(fileRoot(this.size, await this.readSegments()))
  }

  async sync(): Promise<void> {
    await this.#file.datasync()
  }

  /** Its file descriptor, for what reads it in another thread. */
  get fd(): number {
    return this.#file.fd
  }

  async close(): Promise<void> {
    await this.#file.close()
  }
}
