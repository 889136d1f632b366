import { createHash } from 'node:crypto'
import { closeSync, openSync, readSync } from 'node:fs'
import { DIGEST_BYTES, toDigest, type Digest } from '../image/digest.ts'
import { SEGMENT_BYTES, segmentCount, zeroSegmentDigest } from '../image/leaves.ts'

/** Bytes read at a time. */
const PIECE_BYTES = 1024 * 1024

/** A file that is read for its flat digest. */
export interface FlatFile {
  path: string
  size: number
  /** One bit per segment: zeros, which need not be read. */
  zeros: Uint8Array
}

/** A file that is whole; `segments` are its segment digests. */
export function wholeFile(path: string, size: number, segments: Buffer): FlatFile {
  const count = segmentCount(size)
  const zeros = Buffer.alloc(Math.ceil(count / 8))
  for (let segment = 0; segment < count; segment++) {
    const digest = segments.subarray(segment * DIGEST_BYTES, (segment + 1) * DIGEST_BYTES)
    if (digest.equals(zeroSegmentDigest()))
      zeros[segment >> 3] = (zeros[segment >> 3] as number) | (1 << (segment & 7))
  }
  return { path, size, zeros }
}

/** Flat SHA-256 of a file. What lies beyond its end counts as zeros: it is a hole to be. */
export function flatDigestOf({ path, size, zeros }: FlatFile): Digest {
  const flat = createHash('sha256')
  const file = openSync(path, 'r')
  try {
    const buffer = Buffer.allocUnsafeSlow(Math.min(PIECE_BYTES, size))
    const nothing = Buffer.alloc(buffer.length)
    for (let at = 0; at < size; at += buffer.length) {
      const segment = Math.floor(at / SEGMENT_BYTES)
      const isZero = (((zeros[segment >> 3] ?? 0) >> (segment & 7)) & 1) === 1
      const length = Math.min(buffer.length, size - at)
      const bytes = (isZero ? nothing : buffer).subarray(0, length)
      if (!isZero) read(file, bytes, at)
      flat.update(bytes)
    }
  } finally {
    closeSync(file)
  }
  return toDigest(flat.digest())
}

function read(file: number, bytes: Buffer, position: number): void {
  let done = 0
  while (done < bytes.length) {
    const count = readSync(file, bytes, done, bytes.length - done, position + done)
    if (count === 0) break
    done += count
  }
  bytes.fill(0, done)
}
