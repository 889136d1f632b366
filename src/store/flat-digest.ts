import { createHash } from 'node:crypto'
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { DIGEST_BYTES, toDigest, type Digest } from '../image/digest.ts'
import { SEGMENT_BYTES, segmentCount, zeroSegmentDigest } from '../image/leaves.ts'
import { alignedMemory, isRefusal, openDirectSync } from './direct.ts'

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

/** Flat SHA-256 of a file that fits into one segment; undefined for a larger one, of which it is computed behind all other work. */
export function flatDigestOfSmall(path: string, size: number): Digest | undefined {
  return size > SEGMENT_BYTES ? undefined : flatDigestOf({ path, size, zeros: Buffer.alloc(0) })
}

/** Flat SHA-256 of a file. What lies beyond its end counts as zeros: it is a hole to be. A large one is read past the page cache. */
export function flatDigestOf(file: FlatFile): Digest {
  const direct = file.size > SEGMENT_BYTES ? openDirectSync(file.path) : undefined
  try {
    return digestOf(file, direct ?? openSync(file.path, 'r'))
  } catch (error) {
    if (direct === undefined || !isRefusal(error)) throw error
    return digestOf(file, openSync(file.path, 'r')) // a file system that finds so late that it cannot
  }
}

/** Reads by way of a descriptor, and closes it. */
function digestOf({ size, zeros }: FlatFile, descriptor: number): Digest {
  const flat = createHash('sha256')
  try {
    const end = fstatSync(descriptor).size
    const buffer = alignedMemory(Math.min(PIECE_BYTES, size))
    const nothing = Buffer.alloc(buffer.length)
    for (let at = 0; at < size; at += PIECE_BYTES) {
      const segment = Math.floor(at / SEGMENT_BYTES)
      const isZero = (((zeros[segment >> 3] ?? 0) >> (segment & 7)) & 1) === 1
      if (!isZero) read(descriptor, buffer, { at, end })
      flat.update((isZero ? nothing : buffer).subarray(0, Math.min(PIECE_BYTES, size - at)))
    }
  } finally {
    closeSync(descriptor)
  }
  return toDigest(flat.digest())
}

/** Fills a buffer with what lies at `at`, and with zeros beyond the end of the file. */
function read(descriptor: number, buffer: Buffer, { at, end }: { at: number; end: number }): void {
  let done = 0
  while (done < buffer.length && at + done < end) {
    const count = readSync(descriptor, buffer, done, buffer.length - done, at + done)
    if (count === 0) break
    done += count
  }
  buffer.fill(0, done)
}
