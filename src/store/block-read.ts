import { IngotError } from '../core/errors.ts'
import { BLOCK_BYTES, BLOCK_KEY_BYTES, blockCount, blockKey, type BlockKey } from '../image/blocks.ts'
import { wantedBytes, wantedRanges, type BlockWish } from '../image/block-wish.ts'
import { LEAF_BYTES, runLength } from '../image/leaves.ts'
import { readFully } from './block-match.ts'

// Synchronous, for worker threads.

/** Leaves that are read at once: 1 MiB. */
const LEAVES_AT_ONCE = 16

/** Keys of the blocks of a run of leaves, 8 bytes each. Throws `changed-on-disk` when the file is shorter. */
export function readBlockKeys({
  fd,
  size,
  first,
  count,
}: {
  fd: number
  size: number
  first: number
  count: number
}): Uint8Array {
  const keys = Buffer.allocUnsafeSlow(blockCount(runLength(size, first, count)) * BLOCK_KEY_BYTES)
  const buffer = Buffer.allocUnsafe(Math.min(LEAVES_AT_ONCE, count) * LEAF_BYTES)
  const key: BlockKey = { high: 0, low: 0 }
  let at = 0
  for (let leaf = first; leaf < first + count; leaf += LEAVES_AT_ONCE) {
    const length = runLength(size, leaf, Math.min(LEAVES_AT_ONCE, first + count - leaf))
    const bytes = readWhole(fd, buffer.subarray(0, length), leaf * LEAF_BYTES)
    for (let from = 0; from < length; from += BLOCK_BYTES) {
      blockKey(bytes.subarray(from, Math.min(from + BLOCK_BYTES, length)), key)
      at = keys.writeUInt32BE(key.low, keys.writeUInt32BE(key.high, at))
    }
  }
  return keys
}

/** The wanted blocks, one after the other. Throws `changed-on-disk` when the file is shorter. */
export function readBlocks({ fd, size, wish }: { fd: number; size: number; wish: BlockWish }): Uint8Array {
  const blocks = Buffer.allocUnsafeSlow(wantedBytes(size, wish))
  let at = 0
  for (const { position, bytes } of wantedRanges(size, wish)) {
    readWhole(fd, blocks.subarray(at, at + bytes), position)
    at += bytes
  }
  return blocks
}

function readWhole(fd: number, target: Buffer, position: number): Buffer {
  try {
    return readFully(fd, target, position)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw new IngotError('changed-on-disk', 'the content is shorter than it was', { cause: error })
  }
}
