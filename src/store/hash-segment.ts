import { readSync } from 'node:fs'
import { LEAF_BYTES, dataRuns, isZero, leafDigest, zeroLeafDigest } from '../image/leaves.ts'
import { writeData, type DataFile } from './direct.ts'

/** Part of a file that begins at a leaf and is to be imported. */
export interface SourceSegment {
  /** File descriptor that is read. */
  file: number
  position: number
  /** Filled with the segment, in memory that other threads see. */
  bytes: Uint8Array
  /** Where the data is copied to, at the same place; undefined: nowhere. */
  copy: DataFile | undefined
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

/**
 * Reads a segment, copies its data (zero leaves stay holes) and resolves to its leaf digests, 32 bytes each; undefined when the
 * file ends before.
 */
export function hashSegment({ file, position, bytes, copy }: SourceSegment): Uint8Array | undefined {
  for (let done = 0; done < bytes.length;) {
    const read = readSync(file, bytes, done, bytes.length - done, position + done)
    if (read === 0) return undefined
    done += read
  }
  if (copy !== undefined)
    for (const { from, to } of dataRuns(bytes)) writeData(copy, bytes.subarray(from, to), position + from)
  return hashLeaves(bytes)
}
