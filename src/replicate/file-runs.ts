import { DIGEST_BYTES, type Digest } from '../image/digest.ts'
import { emptyBitmap, wantBlock } from '../image/block-wish.ts'
import { LEAF_BLOCKS, blockCount } from '../image/blocks.ts'
import { LEAF_BYTES, leafLength, runLength } from '../image/leaves.ts'
import { FROM_ORIGIN, fetchedBytes, type LeafParts } from '../store/seed-blocks.ts'
import type { ContentRequest } from '../wire/content.ts'
import type { PatchRun } from './patch.ts'
import { toRuns, type LeafRun } from './runs.ts'

/** Leaves in a row that come whole, with the digests that they must have (32 bytes each). */
export interface WholeLeaves extends LeafRun {
  what: 'leaves'
  digests: Uint8Array
}

/** Leaves that are put together from blocks: `first` and `count` span them, `bytes` are theirs. */
export interface PartLeaves extends LeafRun {
  what: 'blocks'
  parts: LeafParts
  /** Bitmap of the blocks that the origin sends, and their bytes. */
  wanted: Uint8Array
  fetched: number
}

/** Leaves of a group that are wanted, counted through the file, and the digests that they must have (32 bytes each). */
export interface GroupWish {
  leaves: readonly number[]
  digests: Uint8Array
}

/** What of a file one request brings. */
export type FileRun = WholeLeaves | PartLeaves | PatchRun<GroupWish>

/** Whole leaves of a file of `size` bytes as runs of at most `most`; `digests` are those of `leaves`, in that order. */
export function wholeRuns(
  size: number,
  { leaves, digests }: { leaves: readonly number[]; digests: Uint8Array },
  most: number,
): WholeLeaves[] {
  let at = 0
  return toRuns(leaves, most).map(({ first, count }) => {
    const part = Uint8Array.from(digests.subarray(at * DIGEST_BYTES, (at + count) * DIGEST_BYTES))
    at += count
    return { what: 'leaves', first, count, bytes: runLength(size, first, count), digests: part }
  })
}

/** A leaf that is put together from blocks. */
export interface PartLeaf {
  leaf: number
  digest: Uint8Array
  /** Where each of its blocks comes from. */
  sources: Float64Array
}

/** A run of leaves that are put together, ascending; at least one. */
export function partRun(size: number, given: readonly PartLeaf[]): PartLeaves {
  const leaves = given.map(({ leaf }) => leaf)
  const first = leaves[0] as number
  const count = (leaves.at(-1) as number) + 1 - first
  const sources = new Float64Array(leaves.length * LEAF_BLOCKS).fill(FROM_ORIGIN)
  const wanted = emptyBitmap(count)
  for (const [i, each] of given.entries()) {
    sources.set(each.sources, i * LEAF_BLOCKS)
    for (const [block, source] of each.sources.entries())
      if (source === FROM_ORIGIN) wantBlock(wanted, each.leaf - first, block)
  }
  const parts = { size, leaves, digests: Buffer.concat(given.map(({ digest }) => digest)), sources }
  const bytes = leaves.reduce((sum, leaf) => sum + leafLength(size, leaf), 0)
  return { what: 'blocks', first, count, bytes, parts, wanted, fetched: fetchedBytes(parts) }
}

/** A run as one whose answer has at most `bytes`, of one leaf at least, and the rest; undefined when it is no larger. */
export function splitRun(
  size: number,
  run: WholeLeaves | PartLeaves,
  bytes: number,
): [FileRun, FileRun] | undefined {
  if (run.what === 'leaves') {
    const count = Math.max(1, Math.floor(bytes / LEAF_BYTES))
    if (count >= run.count) return undefined
    const part = (from: number, to: number): WholeLeaves => ({
      what: 'leaves',
      first: run.first + from,
      count: to - from,
      bytes: runLength(size, run.first + from, to - from),
      digests: run.digests.subarray(from * DIGEST_BYTES, to * DIGEST_BYTES),
    })
    return [part(0, count), part(count, run.count)]
  }
  const { leaves, digests, sources } = run.parts
  if (run.fetched <= bytes || leaves.length === 1) return undefined
  const all = leaves.map((leaf, i): PartLeaf => {
    const count = blockCount(leafLength(size, leaf))
    return {
      leaf,
      digest: digests.subarray(i * DIGEST_BYTES, (i + 1) * DIGEST_BYTES),
      sources: sources.subarray(i * LEAF_BLOCKS, i * LEAF_BLOCKS + count),
    }
  })
  let count = 1
  while (count + 1 < all.length && partRun(size, all.slice(0, count + 1)).fetched <= bytes) count++
  return [partRun(size, all.slice(0, count)), partRun(size, all.slice(count))]
}

/** What brings a run here. */
export function requestOf(
  image: Digest,
  run: WholeLeaves | PartLeaves,
): { request: ContentRequest; most: number } {
  const { first, count } = run
  if (run.what === 'leaves')
    return { request: { image, what: 'leaves', run: { first, count }, zstd: true }, most: run.bytes }
  const wish = { first, count, wanted: run.wanted }
  return { request: { image, what: 'blocks', wish, zstd: true }, most: run.fetched }
}
