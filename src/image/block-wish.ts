import { BLOCK_BYTES, LEAF_BLOCKS, blockCount } from './blocks.ts'
import { LEAF_BYTES, leafLength } from './leaves.ts'

/** Bytes of a bitmap of blocks for each leaf: a 16-bit word, big-endian; bit i, counted from the least significant, is block i. */
export const LEAF_BITMAP_BYTES = 2

/** Blocks of a run of leaves of a file. */
export interface BlockWish {
  /** The first leaf, and how many. */
  first: number
  count: number
  wanted: Uint8Array
}

/** Blocks that follow each other in a file. */
export interface BlockRange {
  /** Byte of the file at which they begin. */
  position: number
  bytes: number
}

/** An empty bitmap for so many leaves. */
export function emptyBitmap(leaves: number): Uint8Array {
  return new Uint8Array(leaves * LEAF_BITMAP_BYTES)
}

/** Wants a block; `leaf` counts from the first of the bitmap. */
export function wantBlock(bitmap: Uint8Array, leaf: number, block: number): void {
  const at = leaf * LEAF_BITMAP_BYTES + (block < 8 ? 1 : 0)
  bitmap[at] = (bitmap[at] as number) | (1 << (block & 7))
}

/** True when a block is wanted. */
export function isWanted(bitmap: Uint8Array, leaf: number, block: number): boolean {
  const at = leaf * LEAF_BITMAP_BYTES + (block < 8 ? 1 : 0)
  return (((bitmap[at] as number) >> (block & 7)) & 1) === 1
}

/** The wanted blocks of a file of `size` bytes, as few ranges in order. Throws RangeError for blocks that a leaf does not have. */
export function* wantedRanges(size: number, { first, count, wanted }: BlockWish): Generator<BlockRange> {
  let range: BlockRange | undefined
  for (let leaf = 0; leaf < count; leaf++) {
    const length = leafLength(size, first + leaf)
    for (let block = 0; block < LEAF_BLOCKS; block++) {
      if (!isWanted(wanted, leaf, block)) continue
      if (block >= blockCount(length)) throw new RangeError('a block that its leaf does not have')
      const position = (first + leaf) * LEAF_BYTES + block * BLOCK_BYTES
      const bytes = Math.min(BLOCK_BYTES, length - block * BLOCK_BYTES)
      if (range !== undefined && range.position + range.bytes === position) range.bytes += bytes
      else {
        if (range !== undefined) yield range
        range = { position, bytes }
      }
    }
  }
  if (range !== undefined) yield range
}

/** Bytes of all wanted blocks. */
export function wantedBytes(size: number, wish: BlockWish): number {
  let sum = 0
  for (const { bytes } of wantedRanges(size, wish)) sum += bytes
  return sum
}
