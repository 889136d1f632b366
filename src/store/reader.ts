import { open, type FileHandle } from 'node:fs/promises'
import { fileError, IngotError, systemCode } from '../core/errors.ts'
import type { StoredContent } from '../image/content.ts'
import { runLength, LEAF_BYTES } from '../image/leaves.ts'
import { readExactly } from './durable.ts'
import { identityOf, requireSame } from './file-identity.ts'
import { IndexFile } from './index-file.ts'
import type { Layout } from './layout.ts'

/** Reads one content: its index and its leaves. */
export class ContentReader {
  readonly content: StoredContent
  readonly index: IndexFile
  readonly #file: FileHandle

  private constructor(content: StoredContent, index: IndexFile, file: FileHandle) {
    this.content = content
    this.index = index
    this.#file = file
  }

  static async open(layout: Layout, content: StoredContent): Promise<ContentReader> {
    const index = await IndexFile.open(layout.index(content.digest), content.size)
    try {
      return new ContentReader(
        content,
        index,
        await open(content.inPlace?.path ?? layout.file(content.digest), 'r'),
      )
    } catch (error) {
      await index.close()
      if (content.inPlace !== undefined && systemCode(error) === 'ENOENT') {
        throw new IngotError('changed-on-disk', `${content.inPlace.path} is gone`, { cause: error })
      }
      throw fileError(error, 'cannot read the content')
    }
  }

  /** Bytes of a run of leaves. Throws `changed-on-disk` when a file in place is not what it was. */
  async readLeaves(first: number, count: number): Promise<Buffer> {
    await this.#requireUnchanged()
    const bytes = Buffer.allocUnsafeSlow(runLength(this.content.size, first, count))
    try {
      await readExactly(this.#file, bytes, first * LEAF_BYTES)
    } catch (error) {
      if (error instanceof RangeError)
        throw new IngotError('changed-on-disk', 'the content is shorter than it was', { cause: error })
      throw error
    }
    return bytes
  }

  /** File descriptor of the bytes, for other threads; valid until {@link close}. Throws like {@link readLeaves}. */
  async descriptor(): Promise<number> {
    await this.#requireUnchanged()
    return this.#file.fd
  }

  async #requireUnchanged(): Promise<void> {
    const { inPlace } = this.content
    if (inPlace === undefined) return
    requireSame(
      inPlace.path,
      inPlace.stat,
      identityOf(await this.#file.stat({ bigint: true })),
      'since it was imported',
    )
  }

  async close(): Promise<void> {
    await this.index.close()
    await this.#file.close()
  }
}
