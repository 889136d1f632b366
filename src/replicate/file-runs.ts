import { DIGEST_BYTES, type Digest } from '../image/digest.ts'
import { runLength } from '../image/leaves.ts'
import type { LeafParts } from '../store/seed-blocks.ts'
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
