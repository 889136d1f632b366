import { read, readSync } from 'node:fs'
import { promisify } from 'node:util'
import type { FileHandle } from 'node:fs/promises'
import { systemCode } from '../core/errors.ts'
import { digestAt } from '../image/digest.ts'
import { LEAF_BYTES, SEGMENT_BYTES, isZero, leafDigest, zeroLeafDigest } from '../image/leaves.ts'
import { soleLeafDigest } from '../image/tree.ts'
import { alignedMemory, isRefusal, type DataFile } from './direct.ts'

/** Leaves in a row on this disk, at most a segment, and the digests that they must have. */
export interface LeavesToCheck {
  file: DataFile
  /** Byte at which the first begins. */
  position: number
  /** Bytes of all of them. */
  length: number
  /** 32 bytes for each leaf. */
  digests: Uint8Array
  /** The only leaf of a file of a tree: the digest is that of its leaf list. */
  sole: boolean
}

/** Checks leaves, here or on another thread; resolves to one byte for each leaf, 1 for a wrong one. */
export type CheckLeaves = (leaves: LeavesToCheck) => Promise<Uint8Array>

/** Bytes to which direct reads are rounded up. */
const BLOCK_BYTES = 4096

/** Kept from one call to the next: fresh memory costs as much as the reading. */
let memory: Buffer = Buffer.alloc(0)

/**
 * Reads leaves from the disk itself where it can, and not what the page cache holds of them; returns one byte for each, 1 for one
 * that is not as its digest says, that is not there, or that the disk does not give back.
 */
export function checkLeaves(leaves: LeavesToCheck): Uint8Array<ArrayBuffer> {
  const { file, position, length } = leaves
  if (memory.length === 0) memory = alignedMemory(SEGMENT_BYTES)
  const isRead = readAll(file, memory.subarray(0, length), position)
  return wrongLeaves(leaves, memory, (leaf, from) => isRead || readAll(file, leaf, position + from))
}

const readAt = promisify(read)

/** Like {@link checkLeaves}, through the page cache: this thread does not wait for the disk. */
export const checkLeavesHere: CheckLeaves = async (leaves) => {
  const { file, position, length } = leaves
  const bytes = Buffer.allocUnsafe(length)
  let there = 0
  try {
    while (there < length) {
      const { bytesRead } = await readAt(file.cached, bytes, there, length - there, position + there)
      if (bytesRead === 0) break
      there += bytesRead
    }
  } catch (error) {
    if (!isUnreadable(error)) throw error // what follows counts as wrong too
  }
  return wrongLeaves(leaves, bytes, (leaf, from) => from + leaf.length <= there)
}

/** Which of the leaves in `bytes` are wrong; `isThere` is asked of each, with where it begins, and may read it once more. */
function wrongLeaves(
  { length, digests, sole }: LeavesToCheck,
  bytes: Buffer,
  isThere: (leaf: Buffer, from: number) => boolean,
): Uint8Array<ArrayBuffer> {
  const wrong = new Uint8Array(Math.ceil(length / LEAF_BYTES))
  for (let i = 0; i < wrong.length; i++) {
    const from = i * LEAF_BYTES
    const leaf = bytes.subarray(from, Math.min(length, from + LEAF_BYTES))
    const expected = digestAt(digests, i)
    wrong[i] = isThere(leaf, from) && isLeaf(leaf, expected, sole) ? 0 : 1
  }
  return wrong
}

/** True for a leaf of that digest. */
export function isLeaf(leaf: Uint8Array, expected: Uint8Array, sole: boolean): boolean {
  if (sole) return soleLeafDigest(leaf).equals(expected)
  return (isZero(leaf) ? zeroLeafDigest(leaf.length) : leafDigest(leaf)).equals(expected)
}

/** Fills `target`; false when the file ends before, or when the disk cannot read it. */
function readAll({ cached, direct }: DataFile, target: Buffer, position: number): boolean {
  try {
    if (direct !== undefined && position % BLOCK_BYTES === 0) {
      try {
        return readDirect(direct, target, position)
      } catch (error) {
        if (!isRefusal(error)) throw error
      }
    }
    for (let done = 0; done < target.length;) {
      const read = readSync(cached, target, done, target.length - done, position + done)
      if (read === 0) return false
      done += read
    }
    return true
  } catch (error) {
    if (isUnreadable(error)) return false
    throw error
  }
}

/** Reads whole blocks into memory that begins where a block does. */
function readDirect(direct: number, target: Buffer, position: number): boolean {
  const length = Math.ceil(target.length / BLOCK_BYTES) * BLOCK_BYTES
  const at = target.byteOffset - memory.byteOffset
  for (let done = 0; done < target.length;) {
    const read = readSync(direct, memory, at + done, length - done, position + done)
    if (read === 0) return false
    done += read
    if (read % BLOCK_BYTES !== 0) return done >= target.length // the end of the file
  }
  return true
}

/** True for what a disk says of a place that it cannot read, or that its file system found to be wrong. */
export function isUnreadable(error: unknown): boolean {
  return ['EIO', 'EBADMSG', 'EUCLEAN'].includes(systemCode(error) ?? '')
}

/** The file as {@link checkLeaves} takes it. */
export function dataFileOf(cached: FileHandle, direct: FileHandle | undefined): DataFile {
  return { cached: cached.fd, direct: direct?.fd }
}
