import { DIGEST_BYTES } from '../image/digest.ts'
import {
  LEAF_BYTES,
  leafCount,
  leafDigest,
  leafLength,
  segmentCount,
  segmentLeaves,
  zeroLeafDigest,
  type ByteRange,
} from '../image/leaves.ts'
import { DigestTable } from './digest-table.ts'
import { indexHeaderBytes } from './index-file.ts'
import { readFully } from './block-match.ts'
import { writeAllSync } from './direct.ts'

// Synchronous, for worker threads: arguments are numbers, file descriptors and shared memory.

/** A file on this disk whose leaf digests are known: parts of another content may be copied from it. */
export interface SeedFile {
  /** File descriptors, to read: of the bytes and of their content index. */
  image: number
  index: number
  /** Bytes. */
  size: number
  /** Bitmap of the segments that are here; undefined: all are. */
  segments: Uint8Array | undefined
  /** What its first leaf counts as in the index of all. */
  firstLeaf: number
}

/** Which leaves and segments the seeds have, and where. */
export interface SeedIndex {
  leaves: Uint32Array
  segments: Uint32Array
}

/** Numbers of the segments that are here. */
function* segmentsOf({ size, segments }: SeedFile): Generator<number> {
  for (let segment = 0; segment < segmentCount(size); segment++) {
    if (segments === undefined || (((segments[segment >> 3] as number) >> (segment & 7)) & 1) === 1)
      yield segment
  }
}

/** Leaf digests of a segment, as its index says. */
export function readLeafList({ index, size }: SeedFile, segment: number): Buffer {
  const { first, count } = segmentLeaves(size, segment)
  return readDigests(index, segmentCount(size) + first, count)
}

function readDigests(index: number, first: number, count: number): Buffer {
  return readFully(index, Buffer.allocUnsafe(count * DIGEST_BYTES), indexHeaderBytes + first * DIGEST_BYTES)
}

/** Reads the digests of all seeds, of so many leaves at most; zeros are left out. Segments are numbered as their first leaf. */
export function buildSeedIndex({
  files,
  mostLeaves,
}: {
  files: readonly SeedFile[]
  mostLeaves: number
}): SeedIndex {
  const all = files.reduce((sum, { size }) => sum + leafCount(size), 0)
  const leaves = new DigestTable(Math.min(all, mostLeaves))
  const segments = new DigestTable(files.reduce((sum, { size }) => sum + segmentCount(size), 0))
  for (const file of files) {
    for (const segment of segmentsOf(file)) {
      const { first } = segmentLeaves(file.size, segment)
      const list = readLeafList(file, segment)
      let zeros = true
      for (let at = 0; at < list.length; at += DIGEST_BYTES) {
        if (isZeroLeaf(list, at)) continue
        zeros = false
        leaves.add(list, at, file.firstLeaf + first + at / DIGEST_BYTES)
      }
      if (!zeros) segments.add(readDigests(file.index, segment, 1), 0, file.firstLeaf + first)
    }
  }
  return { leaves: leaves.slots, segments: segments.slots }
}

function isZeroLeaf(list: Buffer, at: number): boolean {
  return zeroLeafDigest(LEAF_BYTES).compare(list, at, at + DIGEST_BYTES) === 0
}

/** Where the bytes of a seed that are here and not zeros lie. */
export function* seedRanges(file: SeedFile): Generator<ByteRange> {
  let range: ByteRange | undefined
  for (const segment of segmentsOf(file)) {
    const { first } = segmentLeaves(file.size, segment)
    const list = readLeafList(file, segment)
    for (let at = 0; at < list.length; at += DIGEST_BYTES) {
      if (isZeroLeaf(list, at)) continue
      const from = (first + at / DIGEST_BYTES) * LEAF_BYTES
      const to = Math.min(from + LEAF_BYTES, file.size)
      if (range?.to === from) range.to = to
      else {
        if (range !== undefined) yield range
        range = { from, to }
      }
    }
  }
  if (range !== undefined) yield range
}

/** The seed that has a place of the index, and the leaf there. */
export function seedAt(
  files: readonly SeedFile[],
  place: number,
): { file: number; leaf: number } | undefined {
  const file = files.findLastIndex(({ firstLeaf }) => firstLeaf <= place)
  return file < 0 ? undefined : { file, leaf: place - (files[file] as SeedFile).firstLeaf }
}

/** Leaves of a content that the seeds may have. */
export interface LeafWish {
  /** The first leaf of the digests. */
  first: number
  /** Bytes of the content. */
  size: number
  /** Leaf digests in a row, 32 bytes each; those in `wanted` count, by their place among them. */
  digests: Uint8Array
  wanted: readonly number[]
}

/** Copies what the seeds have into `target`, each leaf hashed before it is written. `useless` seeds are not read. */
export function takeLeaves(task: {
  files: readonly SeedFile[]
  leaves: Uint32Array
  useless: readonly number[]
  target: number
  wish: LeafWish
}): { taken: number[]; wrong: number[] } {
  const { files, target, wish } = task
  const { first, size, digests } = wish
  const table = new DigestTable(task.leaves)
  const buffer = Buffer.allocUnsafe(LEAF_BYTES)
  const taken: number[] = []
  /** Numbers of the seeds that did not have what their index says, once for each leaf. */
  const wrong: number[] = []
  for (const i of wish.wanted) {
    const expected = digests.subarray(i * DIGEST_BYTES, (i + 1) * DIGEST_BYTES)
    const length = leafLength(size, first + i)
    for (const place of table.find(digests, i * DIGEST_BYTES)) {
      const seed = seedAt(files, place)
      if (seed === undefined || task.useless.includes(seed.file)) continue
      if (!readLeaf(files[seed.file] as SeedFile, seed.leaf, expected, buffer.subarray(0, length))) {
        wrong.push(seed.file)
        continue
      }
      writeAllSync(target, buffer.subarray(0, length), (first + i) * LEAF_BYTES)
      taken.push(i)
      break
    }
  }
  return { taken, wrong }
}

/** Reads a leaf of a seed; false when it is not the one that is wanted. */
function readLeaf(file: SeedFile, leaf: number, expected: Uint8Array, bytes: Buffer): boolean {
  try {
    return leafDigest(readFully(file.image, bytes, leaf * LEAF_BYTES)).equals(expected)
  } catch {
    return false // shorter than it was, or not to be read: as good as absent
  }
}

/** Bytes of the wanted leaves that the seeds have, by their indexes alone. */
export function countLeaves(leaves: Uint32Array, { first, size, digests, wanted }: LeafWish): number {
  const table = new DigestTable(leaves)
  return wanted
    .filter((i) => table.find(digests, i * DIGEST_BYTES).length > 0)
    .reduce((sum, i) => sum + leafLength(size, first + i), 0)
}
