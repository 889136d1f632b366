import { open, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import type { Limits } from '../core/limits.ts'
import { DIGEST_BYTES } from '../image/digest.ts'
import { PageTable, endsPage, pageDigest, type TreeEntry } from '../image/tree.ts'
import { TreeOrder } from '../image/tree-order.ts'
import { writeAll } from './durable.ts'
import { HEADER_BYTES, TreeIndex, countEntry, type Before, type TreeIndexOptions } from './tree-index.ts'

export interface TreeIndexWriterOptions extends TreeIndexOptions {
  /** Encodes one entry; those of a page, one after the other, are the page. */
  encodeEntry: (entry: TreeEntry) => Uint8Array
  limits: Limits
}

/** Writes the index of a tree, entry by entry in order. Memory: one page, and 80 bytes for each before it. */
export class TreeIndexWriter {
  readonly #directory: string
  readonly #options: TreeIndexWriterOptions
  readonly #index: FileHandle
  readonly #leaves: FileHandle
  readonly #order: TreeOrder
  readonly #pages: { digest: Buffer; length: number; before: Before }[] = []
  #part: Uint8Array[] = []
  #partBytes = 0
  #partBefore: Before
  #offset = 0
  #count: Before = { files: 0, leaves: 0, listed: 0 }

  private constructor(
    directory: string,
    files: { index: FileHandle; leaves: FileHandle },
    options: TreeIndexWriterOptions,
  ) {
    this.#directory = directory
    this.#index = files.index
    this.#leaves = files.leaves
    this.#options = options
    this.#order = new TreeOrder(options.limits, { foldsCase: false })
    this.#partBefore = this.#count
  }

  static async create(directory: string, options: TreeIndexWriterOptions): Promise<TreeIndexWriter> {
    const index = await open(join(directory, 'index'), 'wx', 0o644)
    try {
      const leaves = await open(join(directory, 'leaves'), 'wx', 0o644)
      return new TreeIndexWriter(directory, { index, leaves }, options)
    } catch (error) {
      await index.close()
      throw error
    }
  }

  /** Adds an entry. Throws `invalid` or `too-large` for one that no receiver would take. */
  async add(entry: TreeEntry): Promise<void> {
    this.#order.add(entry)
    const bytes = this.#options.encodeEntry(entry)
    if (this.#partBytes + bytes.length > this.#options.limits.treePageBytes) await this.#endPage()
    this.#part.push(bytes)
    this.#partBytes += bytes.length
    this.#count = countEntry(this.#count, entry)
    if (endsPage(entry.path)) await this.#endPage()
  }

  /** Writes leaf digests of a file at their place among those of all files with two leaves or more. */
  async writeLeafDigests(first: number, digests: Uint8Array): Promise<void> {
    await writeAll(this.#leaves, digests, first * DIGEST_BYTES)
  }

  async #endPage(): Promise<void> {
    if (this.#part.length === 0) return
    const page = Buffer.concat(this.#part)
    await writeAll(this.#index, page, HEADER_BYTES + this.#offset)
    this.#pages.push({ digest: pageDigest(page), length: page.length, before: this.#partBefore })
    this.#offset += page.length
    this.#part = []
    this.#partBytes = 0
    this.#partBefore = this.#count
  }

  /** Completes the index and makes it durable; resolves to it, open. The writer is closed whatever comes of it. */
  async finish(): Promise<TreeIndex> {
    try {
      await this.#endPage()
    } finally {
      await this.close()
    }
    const { decodePage, limits } = this.#options
    const table = PageTable.parse(PageTable.of(this.#order.counts, this.#pages).bytes, limits)
    const index = await TreeIndex.create(this.#directory, table, { decodePage, limits, flags: 'r+' })
    try {
      for (const [page, { before }] of this.#pages.entries()) index.setBefore(page, before)
      index.setBefore(this.#pages.length, this.#count)
      await index.writeTable()
      await index.sync()
      return index
    } catch (error) {
      await index.close()
      throw error
    }
  }

  async close(): Promise<void> {
    await this.#index.close()
    await this.#leaves.close()
  }
}
