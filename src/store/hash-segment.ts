import { LEAF_BYTES, isZero, leafDigest, zeroLeafDigest } from '../image/leaves.ts'
import { dataRuns } from '../image/leaves.ts'
import { writeAllSync } from './place-leaves.ts'

/** Bytes of a content that begin at a leaf. */
export interface SegmentBytes {
  bytes: Uint8Array
  /** Where they are copied to: file descriptor and byte; undefined: nowhere. */
  copy: { file: number; position: number } | undefined
}

/** Leaf digests of bytes that begin at a leaf, one after the other. */
export function hashLeaves(bytes: Uint8Array): Buffer {
  const leaves: Buffer[] = []
  for (let at = 0; at < bytes.length; at += LEAF_BYTES) {
    const leaf = bytes.subarray(at, at + LEAF_BYTES)
    leaves.push(isZero(leaf) ? zeroLeafDigest(leaf.length) : leafDigest(leaf))
  }
  return Buffer.concat(leaves)
}

/** Leaf digests of a segment, after its data is written; zero leaves stay holes. */
export function hashSegment({ bytes, copy }: SegmentBytes): Uint8Array {
  if (copy !== undefined) {
    for (const { from, to } of dataRuns(bytes))
      writeAllSync(copy.file, bytes.subarray(from, to), copy.position + from)
  }
  return hashLeaves(bytes)
}
