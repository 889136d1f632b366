import { IngotError, isIngotError } from '../core/errors.ts'
import {
  BLOCK_BYTES,
  BLOCK_KEY_BYTES,
  LEAF_BLOCKS,
  blockCount,
  blockKey,
  type BlockKey,
} from '../image/blocks.ts'
import { DIGEST_BYTES } from '../image/digest.ts'
import { LEAF_BYTES, leafDigest, leafLength, type ByteRange } from '../image/leaves.ts'
import { BlockMatch, readFully, scanBlocks } from './block-match.ts'
import { writeAllSync } from './direct.ts'
import { unpack } from './place-leaves.ts'
import { seedRanges, type SeedFile } from './seed-index.ts'

// Synchronous, for worker threads.

/** Where a block comes from that no seed has. */
export const FROM_ORIGIN = -1
/** A block of zeros: it comes from nowhere. */
export const ZEROS = -2
/** Block numbers of one seed: those of the next begin there. Beyond every image: 16 TiB have 2³² blocks. */
const SEED_BLOCKS = 2 ** 40

const zeroKey: BlockKey = { high: 0, low: 0 }
blockKey(Buffer.alloc(BLOCK_BYTES), zeroKey)

/**
 * Finds wanted blocks in the seeds by their keys: reads the seeds once, `mostBytes` of them in all. `numbers` are those of the wanted
 * blocks in ascending order, `keys` theirs. The answer has for each where its bytes lie: a block of a seed, zeros, or nowhere.
 */
export function findBlocks(task: {
  files: readonly SeedFile[]
  useless: readonly number[]
  numbers: Float64Array
  keys: Uint8Array
  mostBytes: number
  /** Shared: the search ends when its first byte is not zero. */
  stop: Uint8Array
}): Float64Array {
  const { files, numbers, keys } = task
  const match = new BlockMatch(numbers.length)
  const sources = new Float64Array(numbers.length).fill(FROM_ORIGIN)
  /** Places of those that are not zeros. */
  const places: number[] = []
  const view = new DataView(keys.buffer, keys.byteOffset, keys.length)
  const requireWanted = () => {
    if (task.stop[0] !== 0) throw new IngotError('aborted', 'nobody wants the blocks any more')
  }
  for (const [i, number] of numbers.entries()) {
    requireWanted()
    const key = {
      high: view.getUint32(i * BLOCK_KEY_BYTES),
      low: view.getUint32(i * BLOCK_KEY_BYTES + 4),
    }
    if (key.high === zeroKey.high && key.low === zeroKey.low) sources[i] = ZEROS
    else {
      match.want(number, key)
      places.push(i)
    }
  }
  let left = task.mostBytes
  for (const [i, file] of files.entries()) {
    if (task.useless.includes(i)) continue
    try {
      const ranges = upTo(seedRanges(file), left)
      const firstBlock = i * SEED_BLOCKS
      scanBlocks(match, { fd: file.image, ranges, firstBlock }, (bytes) => {
        left -= bytes
        requireWanted()
      })
    } catch (error) {
      if (isIngotError(error, 'aborted')) throw error
      // A seed that cannot be read any more: what was found before it counts.
    }
  }
  for (const [at, i] of places.entries()) sources[i] = match.sourceAt(at)
  return sources
}

/** Ranges of at most so many bytes in all. */
function* upTo(ranges: Iterable<ByteRange>, most: number): Generator<ByteRange> {
  let left = most
  for (const { from, to } of ranges) {
    // Whole leaves: a source's blocks are counted from where a leaf begins.
    const bytes = Math.min(to - from, Math.floor(left / LEAF_BYTES) * LEAF_BYTES)
    if (bytes > 0) yield { from, to: from + bytes }
    left -= bytes
  }
}

/** Leaves of a content that are made of blocks of seeds, of zeros and of what the origin sent. */
export interface LeafParts {
  /** Bytes of the content. */
  size: number
  /** Numbers of the leaves, ascending. */
  leaves: readonly number[]
  /** Digest of each, 32 bytes. */
  digests: Uint8Array
  /** Of each 16: where the block comes from. */
  sources: Float64Array
}

/** Bytes of the blocks that the origin sends. */
export function fetchedBytes(parts: LeafParts): number {
  return parts.leaves.reduce((sum, _, i) => sum + fetchedOf(parts, i), 0)
}

/** Bytes of the leaves that are here, those at the places `wrong` left out, that the origin did not send. */
export function localBytes(parts: LeafParts, wrong: ReadonlySet<number>): number {
  return parts.leaves.reduce(
    (sum, leaf, i) => (wrong.has(i) ? sum : sum + leafLength(parts.size, leaf) - fetchedOf(parts, i)),
    0,
  )
}

/** Bytes of the blocks that the origin sends of the leaf at a place. */
function fetchedOf({ size, leaves, sources }: LeafParts, i: number): number {
  const length = leafLength(size, leaves[i] as number)
  let bytes = 0
  for (let block = 0; block < blockCount(length); block++) {
    if (sources[i * LEAF_BLOCKS + block] === FROM_ORIGIN)
      bytes += Math.min(BLOCK_BYTES, length - block * BLOCK_BYTES)
  }
  return bytes
}

/**
 * Puts the leaves together and writes those that verify into `target`; `fetched` are the blocks of the origin, one after the other,
 * or one zstd frame of them. Returns the places of the others: a seed changed, or the origin sent what it should not.
 */
export function takeBlocks(task: {
  files: readonly SeedFile[]
  target: number
  parts: LeafParts
  fetched: { bytes: Uint8Array; compressed: boolean }
}): number[] {
  const { files, target, parts } = task
  const { size, leaves, digests, sources } = parts
  const expectedBytes = fetchedBytes(parts)
  const { bytes: received, compressed } = task.fetched
  const fetched = compressed ? unpack(received, expectedBytes) : received
  if (fetched?.length !== expectedBytes) return [...leaves.keys()]
  const buffer = Buffer.allocUnsafe(LEAF_BYTES)
  const wrong: number[] = []
  let at = 0
  for (const [i, leaf] of leaves.entries()) {
    const bytes = buffer.subarray(0, leafLength(size, leaf))
    for (let block = 0; block < blockCount(bytes.length); block++) {
      const part = bytes.subarray(block * BLOCK_BYTES, (block + 1) * BLOCK_BYTES)
      const source = sources[i * LEAF_BLOCKS + block] as number
      if (source === FROM_ORIGIN) {
        part.set(fetched.subarray(at, at + part.length))
        at += part.length
      } else if (source === ZEROS) part.fill(0)
      else readBlock(files, source, part)
    }
    const expected = digests.subarray(i * DIGEST_BYTES, (i + 1) * DIGEST_BYTES)
    if (leafDigest(bytes).equals(expected)) writeAllSync(target, bytes, leaf * LEAF_BYTES)
    else wrong.push(i)
  }
  return wrong
}

/** Bytes of a block of a seed; what cannot be read is left as it is, and its leaf does not verify. */
function readBlock(files: readonly SeedFile[], source: number, bytes: Buffer): void {
  const file = files[Math.floor(source / SEED_BLOCKS)]
  if (file === undefined) return
  try {
    readFully(file.image, bytes, (source % SEED_BLOCKS) * BLOCK_BYTES)
  } catch {
    // The leaf is fetched instead.
  }
}
