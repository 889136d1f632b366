import { constants, zstdDecompressSync } from 'node:zlib'
import { DIGEST_BYTES } from '../image/digest.ts'
import { LEAF_BYTES, leafDigest } from '../image/leaves.ts'
import { writeData, type DataFile } from './direct.ts'

/** Leaves in a row that came from a peer. */
export interface ArrivedLeaves {
  /** What is written. */
  file: DataFile
  /** Byte at which the first leaf begins. */
  position: number
  /** Of all leaves, uncompressed. */
  length: number
  /** The leaves one after the other, or one zstd frame of them. */
  bytes: Uint8Array
  compressed: boolean
  /** 32 bytes for each leaf. */
  digests: Uint8Array
}

/** Writes leaves when all of them verify; returns how many do not. */
export function placeLeaves({ file, position, length, bytes, compressed, digests }: ArrivedLeaves): number {
  const count = Math.ceil(length / LEAF_BYTES)
  const leaves = compressed ? unpack(bytes, length) : bytes
  if (leaves?.length !== length) return count
  let wrong = 0
  for (let i = 0; i < count; i++) {
    const digest = leafDigest(leaves.subarray(i * LEAF_BYTES, (i + 1) * LEAF_BYTES))
    if (!digest.equals(digests.subarray(i * DIGEST_BYTES, (i + 1) * DIGEST_BYTES))) wrong++
  }
  if (wrong === 0) writeData(file, leaves, position)
  return wrong
}

/** What a peer compressed, when it comes to at most `most` bytes; undefined when it does not, or is no zstd frame. */
export function unpack(bytes: Uint8Array, most: number): Uint8Array | undefined {
  try {
    // A window larger than what may come out would be memory for nothing: 2²³ bytes hold any answer.
    return zstdDecompressSync(bytes, {
      maxOutputLength: most,
      params: { [constants.ZSTD_d_windowLogMax]: 23 },
    })
  } catch {
    return undefined
  }
}
