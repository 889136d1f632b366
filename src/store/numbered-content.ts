import { constants } from 'node:fs'
import { join } from 'node:path'
import { LEAF_BLOCKS } from '../image/blocks.ts'
import type { StoredContent } from '../image/content.ts'
import { DIGEST_BYTES } from '../image/digest.ts'
import {
  LEAF_BYTES,
  SEGMENT_LEAVES,
  leafCount,
  leafLength,
  zeroLeafDigest,
  type ByteRange,
} from '../image/leaves.ts'
import { openPlace, type FilePlace } from './file-place.ts'
import { IndexFile } from './index-file.ts'
import { realRoot } from './inside.ts'
import type { Layout } from './layout.ts'
import { GROUP_LEAVES, type GroupLeaves } from './patch-part.ts'
import { TreeIdentities } from './tree-identity.ts'
import { TreeIndex, type PlacedFile, type TreeIndexOptions } from './tree-index.ts'
import { joinBytes } from './tree-path.ts'

/** A file of a content, and where its leaves are numbered. */
export interface NumberedFile {
  /** Number among the files of the content. */
  number: number
  /** In the tree; empty for the only file of a content that is no tree. */
  path: Buffer
  size: number
  firstLeaf: number
  leaves: number
  /** Of a file of a tree: equal for equal files. */
  digest: Buffer | undefined
}

/** A content as its files and the numbers of their leaves: the same for a file and a tree. Files are opened by whoever reads. */
export interface NumberedContent {
  readonly content: StoredContent
  readonly leaves: number
  /** Files from the one that has this leaf on, in order; those without leaves are among them. */
  filesFrom(leaf: number): AsyncGenerator<NumberedFile>
  file(number: number): Promise<NumberedFile>
  /** What tells whether leaves of a file are equal to others of a file with the same number of leaves, 32 bytes each. */
  leafDigests(file: NumberedFile, first: number, count: number): Promise<Buffer>
  /** Where the file lies. */
  place(file: NumberedFile): Promise<FilePlace>
  /** A descriptor to read the file. Throws `changed-on-disk` when it is not what it was. Close it with {@link closeSync}. */
  open(file: NumberedFile): Promise<number>
  close(): Promise<void>
}

/** Opens the index of a content that is here. */
export async function openNumbered(
  layout: Layout,
  content: StoredContent,
  options: TreeIndexOptions,
): Promise<NumberedContent> {
  return content.kind === 'tree'
    ? await NumberedTree.open(layout, content, options)
    : await NumberedSingle.open(layout, content)
}

/** A content that is one file. */
class NumberedSingle implements NumberedContent {
  readonly content: StoredContent
  readonly leaves: number
  readonly #index: IndexFile
  readonly #path: string

  private constructor(content: StoredContent, index: IndexFile, path: string) {
    this.content = content
    this.leaves = leafCount(content.size)
    this.#index = index
    this.#path = path
  }

  static async open(layout: Layout, content: StoredContent): Promise<NumberedSingle> {
    const index = await IndexFile.open(layout.index(content.digest), content.size)
    return new NumberedSingle(content, index, content.inPlace?.path ?? layout.file(content.digest))
  }

  async *filesFrom(): AsyncGenerator<NumberedFile> {
    yield await this.file()
  }

  async file(): Promise<NumberedFile> {
    const { size } = this.content
    return { number: 0, path: Buffer.alloc(0), size, firstLeaf: 0, leaves: this.leaves, digest: undefined }
  }

  async leafDigests(_file: NumberedFile, first: number, count: number): Promise<Buffer> {
    const segment = Math.floor(first / SEGMENT_LEAVES)
    const segments = Math.floor((first + count - 1) / SEGMENT_LEAVES) - segment + 1
    const digests = await this.#index.readLeafLists(segment, segments)
    const from = (first - segment * SEGMENT_LEAVES) * DIGEST_BYTES
    return digests.subarray(from, from + count * DIGEST_BYTES)
  }

  async place(): Promise<FilePlace> {
    const path = new Uint8Array(Buffer.from(this.#path))
    return { path, flags: constants.O_RDONLY, isReal: false, was: this.content.inPlace?.stat }
  }

  async open(): Promise<number> {
    return openPlace(await this.place())
  }

  async close(): Promise<void> {
    await this.#index.close()
  }
}

/** A content that is a tree. */
class NumberedTree implements NumberedContent {
  readonly content: StoredContent
  readonly #index: TreeIndex
  readonly #identities: TreeIdentities | undefined
  readonly #root: Buffer

  private constructor(
    content: StoredContent,
    index: TreeIndex,
    options: { root: Buffer; identities: TreeIdentities | undefined },
  ) {
    this.content = content
    this.#index = index
    this.#identities = options.identities
    this.#root = options.root
  }

  static async open(
    layout: Layout,
    content: StoredContent,
    options: TreeIndexOptions,
  ): Promise<NumberedTree> {
    const directory = layout.content(content.digest)
    const index = await TreeIndex.open(directory, options)
    try {
      const root = realRoot(content.inPlace?.path ?? layout.file(content.digest))
      const identities = content.inPlace && (await TreeIdentities.open(join(directory, 'identities'), 'r'))
      return new NumberedTree(content, index, { root, identities })
    } catch (error) {
      await index.close()
      throw error
    }
  }

  get leaves(): number {
    return this.#index.totals.leaves
  }

  async *filesFrom(leaf: number): AsyncGenerator<NumberedFile> {
    for await (const placed of this.#index.filesFrom(leaf)) yield numbered(placed)
  }

  async file(number: number): Promise<NumberedFile> {
    return numbered(await this.#index.file(number))
  }

  async leafDigests(file: NumberedFile, first: number, count: number): Promise<Buffer> {
    if (file.leaves < 2) return file.digest as Buffer
    const placed = await this.#index.file(file.number)
    return await this.#index.readLeafDigests(placed.firstListed + first, count)
  }

  async place(file: NumberedFile): Promise<FilePlace> {
    const path = new Uint8Array(joinBytes(this.#root, file.path))
    const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK
    return { path, flags, isReal: true, was: await this.#identities?.of(file.number) }
  }

  async open(file: NumberedFile): Promise<number> {
    return openPlace(await this.place(file))
  }

  async close(): Promise<void> {
    await this.#index.close()
    await this.#identities?.close()
  }
}

function numbered({ entry, number, firstLeaf, leaves }: PlacedFile): NumberedFile {
  return { number, path: entry.path, size: entry.size, firstLeaf, leaves, digest: entry.digest }
}

/** Groups of a content: 64 leaves each, less in the last. */
export function groupCount(leaves: number): number {
  return Math.ceil(leaves / GROUP_LEAVES)
}

/** The leaves of a group that belong to one file. */
export interface GroupPart {
  file: NumberedFile
  /** First leaf, counted from the beginning of the file. */
  first: number
  count: number
}

/** Groups from `first` on, each with the files that it is made of. */
export async function* groupsFrom(
  content: NumberedContent,
  first: number,
): AsyncGenerator<{ group: number; parts: GroupPart[] }> {
  let group = first
  let end = Math.min(content.leaves, (group + 1) * GROUP_LEAVES)
  let leaf = group * GROUP_LEAVES
  let parts: GroupPart[] = []
  if (leaf >= content.leaves) return
  for await (const file of content.filesFrom(leaf)) {
    while (leaf < file.firstLeaf + file.leaves) {
      const count = Math.min(end, file.firstLeaf + file.leaves) - leaf
      parts.push({ file, first: leaf - file.firstLeaf, count })
      leaf += count
      if (leaf < end) continue
      yield { group, parts }
      parts = []
      group++
      end = Math.min(content.leaves, (group + 1) * GROUP_LEAVES)
    }
    if (leaf >= content.leaves) return
  }
}

/** Bytes of the leaves of a group. */
export function groupLeaves(group: number, parts: readonly GroupPart[]): GroupLeaves {
  const lengths = parts.flatMap(({ file, first, count }) =>
    Array.from({ length: count }, (_, i) => leafLength(file.size, first + i)),
  )
  return { first: group * GROUP_LEAVES, lengths }
}

/** Number of the first block of a leaf of a file. */
export function blockNumber(file: NumberedFile, leaf: number): number {
  return (file.firstLeaf + leaf) * LEAF_BLOCKS
}

/** True for a leaf that is known to be zero by its digest. That of the only leaf of a file of a tree does not tell: it is small. */
export function isZeroLeaf(file: NumberedFile, leaf: number, digest: Uint8Array): boolean {
  if (file.digest !== undefined && file.leaves < 2) return false
  return zeroLeafDigest(leafLength(file.size, leaf)).equals(digest)
}

/** Where leaves of a file are not zero, as ranges of its bytes that begin at a leaf. `digests` are those of the leaves from `first` on. */
export function dataRanges(file: NumberedFile, first: number, digests: Buffer): ByteRange[] {
  const ranges: ByteRange[] = []
  for (let i = 0; i * DIGEST_BYTES < digests.length; i++) {
    const digest = digests.subarray(i * DIGEST_BYTES, (i + 1) * DIGEST_BYTES)
    if (isZeroLeaf(file, first + i, digest)) continue
    const from = (first + i) * LEAF_BYTES
    const to = from + leafLength(file.size, first + i)
    const last = ranges.at(-1)
    if (last?.to === from) last.to = to
    else ranges.push({ from, to })
  }
  return ranges
}
