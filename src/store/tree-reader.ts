import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { IngotError, systemCode } from '../core/errors.ts'
import type { StoredContent } from '../image/content.ts'
import { LEAF_BYTES, runLength } from '../image/leaves.ts'
import { pathText } from '../image/tree-order.ts'
import { readExactly } from './durable.ts'
import { realRoot, requireAt } from './inside.ts'
import type { Layout } from './layout.ts'
import { SMALL_FILES_AT_ONCE, readSmallFile } from './small-file.ts'
import { TreeIdentities } from './tree-identity.ts'
import { TreeIndex, type PlacedFile, type TreeIndexOptions } from './tree-index.ts'
import { joinBytes } from './tree-path.ts'

/** Some leaves of one file: from `first` of the file on. */
interface Part {
  file: PlacedFile
  first: number
  count: number
  bytes: number
}

/** Reads one tree: its index and its leaves. */
export class TreeReader {
  readonly content: StoredContent
  readonly index: TreeIndex
  readonly #root: Buffer
  readonly #identities: TreeIdentities | undefined
  readonly #openFiles: number

  private constructor(
    content: StoredContent,
    index: TreeIndex,
    options: { root: Buffer; identities: TreeIdentities | undefined; openFiles: number },
  ) {
    this.content = content
    this.index = index
    this.#root = options.root
    this.#identities = options.identities
    this.#openFiles = options.openFiles
  }

  static async open(layout: Layout, content: StoredContent, options: TreeIndexOptions): Promise<TreeReader> {
    const directory = layout.content(content.digest)
    const { openFiles } = options.limits
    const index = await TreeIndex.open(directory, options)
    try {
      const root = realRoot(content.inPlace?.path ?? layout.file(content.digest))
      const identities = content.inPlace && (await TreeIdentities.open(join(directory, 'identities'), 'r'))
      return new TreeReader(content, index, { root, identities, openFiles })
    } catch (error) {
      await index.close()
      throw error
    }
  }

  /** Leaf digests of those of a run of leaves whose files have two or more, in order. */
  async readLeafDigests(first: number, count: number): Promise<Buffer> {
    let from: number | undefined
    let listed = 0
    for await (const part of this.#parts(first, count)) {
      if (part.file.leaves < 2) continue
      from ??= part.file.firstListed + part.first
      listed += part.count
    }
    return from === undefined ? Buffer.alloc(0) : await this.index.readLeafDigests(from, listed)
  }

  /**
   * Bytes of a run of leaves, across files. Throws `too-large` beyond `most` bytes, `changed-on-disk` when a file is not what it
   * was.
   */
  async readLeaves(first: number, count: number, most: number): Promise<Buffer> {
    const parts: { part: Part; at: number }[] = []
    let length = 0
    for await (const part of this.#parts(first, count)) {
      parts.push({ part, at: length })
      length += part.bytes
      if (length > most) throw new IngotError('too-large', 'a request for more than one answer may carry')
    }
    const bytes = Buffer.allocUnsafeSlow(length)
    let small = 0
    const large = parts.filter(({ part }) => part.file.leaves > 1 || this.#identities !== undefined)
    for (const { part, at } of parts) {
      if (part.file.leaves > 1 || this.#identities !== undefined) continue
      this.#readSmall(part.file).copy(bytes, at)
      if (++small % SMALL_FILES_AT_ONCE === 0) await setImmediate()
    }
    const queue = large.values()
    const readers = Array.from({ length: Math.min(this.#openFiles, large.length) }, async () => {
      for (const { part, at } of queue) await this.#read(part, bytes.subarray(at, at + part.bytes))
    })
    await Promise.all(readers)
    return bytes
  }

  /** The files of a run of leaves, with what of each belongs to it. */
  async *#parts(first: number, count: number): AsyncGenerator<Part> {
    const end = first + count
    for await (const file of this.index.filesFrom(first)) {
      if (file.firstLeaf >= end) return
      const from = Math.max(0, first - file.firstLeaf)
      const n = Math.min(file.leaves, end - file.firstLeaf) - from
      yield { file, first: from, count: n, bytes: runLength(file.entry.size, from, n) }
    }
  }

  async #read({ file, first }: Part, target: Buffer): Promise<void> {
    const path = joinBytes(this.#root, file.entry.path)
    try {
      const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
      try {
        requireAt(handle.fd, path)
        if (this.#identities !== undefined)
          await this.#identities.requireSame(file.number, await handle.stat({ bigint: true }), path)
        await readExactly(handle, target, first * LEAF_BYTES)
      } finally {
        await handle.close()
      }
    } catch (error) {
      throw changed(path, error)
    }
  }

  #readSmall({ entry }: PlacedFile): Buffer {
    const path = joinBytes(this.#root, entry.path)
    try {
      return readSmallFile(path, entry.size, (_stat, fd) => requireAt(fd, path))
    } catch (error) {
      throw changed(path, error)
    }
  }

  async close(): Promise<void> {
    await this.index.close()
    await this.#identities?.close()
  }
}

/** What an error of reading a file that was there means. */
function changed(path: Buffer, error: unknown): unknown {
  const gone = ['ENOENT', 'ENOTDIR', 'ELOOP'].includes(systemCode(error) ?? '')
  if (!gone && !(error instanceof RangeError)) return error
  return new IngotError('changed-on-disk', `${pathText(path)} is not what it was`, { cause: error })
}
