import { DIGEST_BYTES, hash } from './digest.ts'

/** The unit of verification, bytes. */
export const LEAF_BYTES = 64 * 1024
/** The unit of progress: leaves in a full segment. */
export const SEGMENT_LEAVES = 64
/** Bytes in a full segment. */
export const SEGMENT_BYTES = LEAF_BYTES * SEGMENT_LEAVES

/** Number of leaves of `size` bytes. */
export function leafCount(size: number): number {
  return Math.ceil(size / LEAF_BYTES)
}

/** Number of segments of `size` bytes. */
export function segmentCount(size: number): number {
  return Math.ceil(size / SEGMENT_BYTES)
}

/** Bytes of leaf `leaf` of a content of `size` bytes: 64 KiB, less for the last. */
export function leafLength(size: number, leaf: number): number {
  return Math.min(LEAF_BYTES, size - leaf * LEAF_BYTES)
}

/** The leaves of one segment: the first and how many. */
export function segmentLeaves(size: number, segment: number): { first: number; count: number } {
  const first = segment * SEGMENT_LEAVES
  return { first, count: Math.min(SEGMENT_LEAVES, leafCount(size) - first) }
}

/** Bytes of a run of leaves. */
export function runLength(size: number, first: number, count: number): number {
  return Math.min(size, (first + count) * LEAF_BYTES) - first * LEAF_BYTES
}

/** Digest of one leaf, given as one or more pieces. */
export function leafDigest(...pieces: Uint8Array[]): Buffer {
  return hash('ingot/leaf/1', ...pieces)
}

/**
 * Digest of a segment: the hash of its leaf list, that is of each leaf's 32-byte digest and its length as
 * 32-bit big-endian. `digests` holds the leaf digests one after the other.
 */
export function segmentDigest(size: number, segment: number, digests: Uint8Array): Buffer {
  const { first, count } = segmentLeaves(size, segment)
  if (digests.length !== count * DIGEST_BYTES)
    throw new RangeError('leaf list of another length than its segment')
  const list = Buffer.allocUnsafe(count * (DIGEST_BYTES + 4))
  for (let i = 0; i < count; i++) {
    list.set(digests.subarray(i * DIGEST_BYTES, (i + 1) * DIGEST_BYTES), i * (DIGEST_BYTES + 4))
    list.writeUInt32BE(leafLength(size, first + i), i * (DIGEST_BYTES + 4) + DIGEST_BYTES)
  }
  return hash('ingot/segment/1', list)
}

/** Root of a file's content index: size and leaf size as 64-bit big-endian, then all segment digests. */
export function fileRoot(size: number, segments: Uint8Array): Buffer {
  if (segments.length !== segmentCount(size) * DIGEST_BYTES)
    throw new RangeError('segment list of another length than its file')
  const head = Buffer.alloc(16)
  head.writeBigUInt64BE(BigInt(size), 0)
  head.writeBigUInt64BE(BigInt(LEAF_BYTES), 8)
  return hash('ingot/file-index/1', head, segments)
}

const zeros = Buffer.alloc(LEAF_BYTES)

/** True when all bytes are zero: such leaves become holes and need not travel. At most 64 KiB. */
export function isZero(bytes: Uint8Array): boolean {
  return zeros.compare(bytes, 0, bytes.length, 0, bytes.length) === 0
}

/** A range of bytes. */
export interface ByteRange {
  from: number
  to: number
}

/** Where bytes that begin at a leaf are not zero leaves, as ranges: the rest may be holes. */
export function dataRuns(bytes: Uint8Array): ByteRange[] {
  const runs: ByteRange[] = []
  for (let from = 0; from < bytes.length; from += LEAF_BYTES) {
    const leaf = bytes.subarray(from, from + LEAF_BYTES)
    if (isZero(leaf)) continue
    const last = runs.at(-1)
    if (last?.to === from) last.to = from + leaf.length
    else runs.push({ from, to: from + leaf.length })
  }
  return runs
}

const zeroDigests = new Map<number, Buffer>()

/** Digest of a leaf of `length` zero bytes. Whoever reads it in a leaf list has that leaf already. */
export function zeroLeafDigest(length: number): Buffer {
  let digest = zeroDigests.get(length)
  if (digest === undefined) {
    digest = leafDigest(zeros.subarray(0, length))
    // Two lengths matter for one content (full and last); do not let many contents pile up.
    if (zeroDigests.size > 64) zeroDigests.clear()
    zeroDigests.set(length, digest)
  }
  return digest
}

let zeroSegment: Buffer | undefined

/** Digest of a full segment of zero bytes: not even its leaf list need travel. */
export function zeroSegmentDigest(): Buffer {
  zeroSegment ??= segmentDigest(
    SEGMENT_BYTES,
    0,
    Buffer.concat(Array.from({ length: SEGMENT_LEAVES }, () => zeroLeafDigest(LEAF_BYTES))),
  )
  return zeroSegment
}
