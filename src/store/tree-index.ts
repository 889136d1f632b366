import { open, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { IngotError } from '../core/errors.ts'
import type { Limits } from '../core/limits.ts'
import { DIGEST_BYTES } from '../image/digest.ts'
import { SEGMENT_LEAVES, leafCount } from '../image/leaves.ts'
import { PageTable, listedLeaves, type DecodePage, type FileEntry, type TreeEntry } from '../image/tree.ts'
import { readExactly, writeAgain, writeAll } from './durable.ts'

const MAGIC = Buffer.from('ingot tree index 1\n')
/** Bytes before the first page. */
export const HEADER_BYTES = 64
const COUNT_BYTES = 24
/** Decoded pages that are kept: about 1 MB each at most. */
const KEPT_PAGES = 4

/** A file of a tree and where its leaves are numbered. */
export interface PlacedFile {
  entry: FileEntry
  /** Number among the files of the tree. */
  number: number
  /** Number of its first leaf in the tree. */
  firstLeaf: number
  leaves: number
  /** Place of its leaf digests among those in the index. */
  firstListed: number
}

/** What comes before a page. */
export interface Before {
  files: number
  leaves: number
  listed: number
}

export interface TreeIndexOptions {
  decodePage: DecodePage
  limits: Limits
}

/** Adds one entry to what came before it. */
export function countEntry(before: Before, entry: TreeEntry): Before {
  if (entry.kind !== 'file') return before
  return {
    files: before.files + 1,
    leaves: before.leaves + leafCount(entry.size),
    listed: before.listed + listedLeaves(entry.size),
  }
}

/**
 * The content index of a tree, in two files of a directory: `index` (a header, the pages, their table, and for each page what
 * comes before it) and `leaves` (the leaf digests of files with two leaves or more). Read page by page; in memory are the table
 * and the counts, 60 bytes per page, and a few pages.
 */
export class TreeIndex {
  readonly table: PageTable
  readonly #index: FileHandle
  readonly #leaves: FileHandle
  readonly #options: TreeIndexOptions
  /** Of each page files, leaves and listed leaves before it; one row more for all. */
  readonly #counts: Float64Array
  readonly #kept = new Map<number, TreeEntry[]>()

  private constructor(
    files: { index: FileHandle; leaves: FileHandle },
    table: PageTable,
    counts: Float64Array,
    options: TreeIndexOptions,
  ) {
    this.#index = files.index
    this.#leaves = files.leaves
    this.table = table
    this.#counts = counts
    this.#options = options
  }

  /** Makes an index without pages in a directory, in place of what is there; with `r+` around pages that lie there. */
  static async create(
    directory: string,
    table: PageTable,
    options: TreeIndexOptions & { flags?: 'w+' | 'r+' },
  ): Promise<TreeIndex> {
    const files = await openFiles(directory, options.flags ?? 'w+')
    const tree = new TreeIndex(files, table, new Float64Array((table.pages + 1) * 3), options)
    try {
      await tree.writeTable()
      return tree
    } catch (error) {
      await tree.close()
      throw error
    }
  }

  /** Opens the index in a directory. Throws `wrong-content` when there is none that is whole. */
  static async open(
    directory: string,
    options: TreeIndexOptions & { flags?: 'r' | 'r+' },
  ): Promise<TreeIndex> {
    const files = await openFiles(directory, options.flags ?? 'r')
    try {
      const header = Buffer.alloc(HEADER_BYTES)
      await readExactly(files.index, header, 0)
      if (!header.subarray(0, MAGIC.length).equals(MAGIC)) throw new RangeError('another header')
      const tableBytes = Number(header.readBigUInt64BE(HEADER_BYTES - 16))
      const pagesBytes = Number(header.readBigUInt64BE(HEADER_BYTES - 8))
      const { size } = await files.index.stat()
      if (tableBytes > size || pagesBytes > size) throw new RangeError('sizes that it does not have')
      const bytes = Buffer.alloc(tableBytes)
      await readExactly(files.index, bytes, HEADER_BYTES + pagesBytes)
      const table = PageTable.parse(bytes, options.limits)
      const counts = Buffer.alloc((table.pages + 1) * COUNT_BYTES)
      await readExactly(files.index, counts, HEADER_BYTES + pagesBytes + tableBytes)
      const numbers = new Float64Array(counts.buffer, counts.byteOffset, counts.length / 8)
      return new TreeIndex(files, table, Float64Array.from(numbers), options)
    } catch (error) {
      await files.index.close()
      await files.leaves.close()
      throw error instanceof RangeError || error instanceof IngotError
        ? new IngotError('wrong-content', `${directory} has no index of a tree`, { cause: error })
        : error
    }
  }

  /** Writes header, table and counts: all but the pages. */
  async writeTable(): Promise<void> {
    const { table } = this
    const pagesBytes = table.offset(table.pages)
    const header = Buffer.alloc(HEADER_BYTES)
    MAGIC.copy(header)
    header.writeBigUInt64BE(BigInt(table.bytes.length), HEADER_BYTES - 16)
    header.writeBigUInt64BE(BigInt(pagesBytes), HEADER_BYTES - 8)
    const counts = Buffer.from(this.#counts.buffer)
    await writeAll(this.#index, Buffer.concat([table.bytes, counts]), HEADER_BYTES + pagesBytes)
    await writeAll(this.#index, header, 0)
  }

  /** Bytes of pages from `first` on, one after the other. */
  async readPages(first: number, count = 1): Promise<Buffer> {
    const from = this.table.offset(first)
    const bytes = Buffer.allocUnsafe(this.table.offset(first + count) - from)
    await readExactly(this.#index, bytes, HEADER_BYTES + from)
    return bytes
  }

  async writePage(page: number, bytes: Uint8Array): Promise<void> {
    await writeAll(this.#index, bytes, HEADER_BYTES + this.table.offset(page))
  }

  /** Entries of a page, of an index that was checked before. */
  async entries(page: number): Promise<TreeEntry[]> {
    let entries = this.#kept.get(page)
    if (entries === undefined) {
      entries = this.#options.decodePage(await this.readPages(page))
      const [oldest] = this.#kept.keys()
      if (oldest !== undefined && this.#kept.size >= KEPT_PAGES) this.#kept.delete(oldest)
    } else this.#kept.delete(page)
    this.#kept.set(page, entries) // the newest
    return entries
  }

  /** All pages in order, or in reverse. */
  async *pages(options: { reverse?: boolean } = {}): AsyncGenerator<TreeEntry[]> {
    const { pages } = this.table
    for (let i = 0; i < pages; i++) yield await this.entries(options.reverse === true ? pages - 1 - i : i)
  }

  before(page: number): Before {
    const [files, leaves, listed] = this.#counts.subarray(page * 3, page * 3 + 3) as unknown as number[]
    return { files: files as number, leaves: leaves as number, listed: listed as number }
  }

  setBefore(page: number, { files, leaves, listed }: Before): void {
    this.#counts.set([files, leaves, listed], page * 3)
  }

  /** Files, leaves and listed leaves in all. */
  get totals(): Before {
    return this.before(this.table.pages)
  }

  /** Files of a page, in order. */
  async files(page: number): Promise<PlacedFile[]> {
    let before = this.before(page)
    const files: PlacedFile[] = []
    for (const entry of await this.entries(page)) {
      if (entry.kind !== 'file') continue
      files.push({
        entry,
        number: before.files,
        firstLeaf: before.leaves,
        leaves: leafCount(entry.size),
        firstListed: before.listed,
      })
      before = countEntry(before, entry)
    }
    return files
  }

  /** The file of that number. */
  async file(number: number): Promise<PlacedFile> {
    const page = this.#pageOf('files', number)
    const file = (await this.files(page))[number - this.before(page).files]
    if (file === undefined) throw new RangeError(`the tree has no file ${number}`)
    return file
  }

  /** Files from the one that has this leaf on, in order; those without leaves are among them. */
  async *filesFrom(leaf: number): AsyncGenerator<PlacedFile> {
    for (let page = this.#pageOf('leaves', leaf); page < this.table.pages; page++) {
      for (const file of await this.files(page)) {
        if (file.firstLeaf + file.leaves > leaf) yield file
      }
    }
  }

  /** The last page before which there are no more than `number`. */
  #pageOf(what: 'files' | 'leaves', number: number): number {
    let low = 0
    let high = this.table.pages - 1
    while (low < high) {
      const middle = Math.ceil((low + high) / 2)
      if (this.before(middle)[what] <= number) low = middle
      else high = middle - 1
    }
    return low
  }

  /** Leaf digests by their place among those in the index, 32 bytes each. Zeros where none were written. */
  async readLeafDigests(first: number, count: number): Promise<Buffer> {
    const digests = Buffer.alloc(count * DIGEST_BYTES)
    const { size } = await this.#leaves.stat()
    const there = Math.max(0, Math.min(digests.length, size - first * DIGEST_BYTES))
    await readExactly(this.#leaves, digests.subarray(0, there), first * DIGEST_BYTES)
    return digests
  }

  /** Leaf digests of a file with two leaves or more, a segment's worth at a time; `first` counts its leaves. */
  async *leafDigests(file: PlacedFile): AsyncGenerator<{ first: number; digests: Buffer[] }> {
    for (let first = 0; first < file.leaves; first += SEGMENT_LEAVES) {
      const count = Math.min(SEGMENT_LEAVES, file.leaves - first)
      const bytes = await this.readLeafDigests(file.firstListed + first, count)
      const digests = Array.from({ length: count }, (_, i) =>
        bytes.subarray(i * DIGEST_BYTES, (i + 1) * DIGEST_BYTES),
      )
      yield { first, digests }
    }
  }

  async writeLeafDigests(first: number, digests: Uint8Array): Promise<void> {
    await writeAll(this.#leaves, digests, first * DIGEST_BYTES)
  }

  /** Writes all of it over itself: for what an attempt left of which a sync may have failed. */
  async writeAgain(): Promise<void> {
    await writeAgain(this.#index)
    await writeAgain(this.#leaves)
  }

  async sync(): Promise<void> {
    await this.#index.datasync()
    await this.#leaves.datasync()
  }

  async close(): Promise<void> {
    await this.#index.close()
    await this.#leaves.close()
  }
}

async function openFiles(
  directory: string,
  flags: 'r' | 'r+' | 'w+',
): Promise<{ index: FileHandle; leaves: FileHandle }> {
  const index = await open(join(directory, 'index'), flags, 0o644)
  try {
    return { index, leaves: await open(join(directory, 'leaves'), flags, 0o644) }
  } catch (error) {
    await index.close()
    throw error
  }
}
