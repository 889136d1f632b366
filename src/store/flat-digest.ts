import { createHash, type Hash } from 'node:crypto'
import { closeSync, openSync, readSync } from 'node:fs'
import { IngotError } from '../core/errors.ts'
import { DIGEST_BYTES, toDigest, type Digest } from '../image/digest.ts'
import { SEGMENT_BYTES, segmentCount, zeroSegmentDigest } from '../image/leaves.ts'

/** Bytes read at a time. */
const PIECE_BYTES = 1024 * 1024
/** Milliseconds after which a follower looks again whether it is to end. */
const LOOK_MS = 1_000

/** Value of a mark that says: end, what is read is not needed any more. */
const ENDED = -1

/** How far a file is whole, shared with the thread that follows it. In segments from the start. */
export class Mark {
  readonly shared: SharedArrayBuffer
  readonly #cells: Int32Array

  constructor(shared = new SharedArrayBuffer(4)) {
    this.shared = shared
    this.#cells = new Int32Array(shared)
  }

  get(): number {
    return Atomics.load(this.#cells, 0)
  }

  set(segments: number): void {
    if (this.get() === ENDED || this.get() === segments) return
    Atomics.store(this.#cells, 0, segments)
    Atomics.notify(this.#cells, 0)
  }

  end(): void {
    Atomics.store(this.#cells, 0, ENDED)
    Atomics.notify(this.#cells, 0)
  }

  /** Blocks this thread until more than `segments` are whole; throws `aborted` at the end. */
  wait(segments: number): number {
    for (;;) {
      const now = this.get()
      if (now === ENDED) throw new IngotError('aborted', 'the file is not followed any more')
      if (now > segments) return now
      Atomics.wait(this.#cells, 0, now, LOOK_MS)
    }
  }
}

export interface FollowedFile {
  path: string
  size: number
  /** One bit per segment: zeros, which need not be read. Empty: none is known. */
  zeros: Uint8Array
  /** Of the {@link Mark} that says how far the file is whole. */
  mark: SharedArrayBuffer
}

/** A file that is whole; `segments` are its segment digests. */
export function wholeFile(path: string, size: number, segments: Buffer): FollowedFile {
  const count = segmentCount(size)
  const zeros = Buffer.alloc(Math.ceil(count / 8))
  for (let segment = 0; segment < count; segment++) {
    const digest = segments.subarray(segment * DIGEST_BYTES, (segment + 1) * DIGEST_BYTES)
    if (digest.equals(zeroSegmentDigest()))
      zeros[segment >> 3] = (zeros[segment >> 3] as number) | (1 << (segment & 7))
  }
  const mark = new Mark()
  mark.set(count)
  return { path, size, zeros, mark: mark.shared }
}

/**
 * Flat SHA-256 of a file that is being written: follows its mark, front to back, and reads each byte once. What lies beyond the
 * end of the file counts as zeros: it is a hole to be. Runs on a thread of its own until the file is whole.
 */
export function followFlat({ path, size, zeros, mark: shared }: FollowedFile): Digest {
  const flat = createHash('sha256')
  const mark = new Mark(shared)
  const file = openSync(path, 'r')
  try {
    const buffer = Buffer.allocUnsafeSlow(Math.min(PIECE_BYTES, size))
    const nothing = Buffer.alloc(buffer.length)
    let whole = 0
    for (let segment = 0; segment < segmentCount(size); segment++) {
      if (segment >= whole) whole = mark.wait(segment)
      const to = Math.min(size, (segment + 1) * SEGMENT_BYTES)
      const isZero = (((zeros[segment >> 3] ?? 0) >> (segment & 7)) & 1) === 1
      for (let at = segment * SEGMENT_BYTES; at < to; at += buffer.length) {
        const length = Math.min(buffer.length, to - at)
        if (isZero) flat.update(nothing.subarray(0, length))
        else update(flat, file, { at, bytes: buffer.subarray(0, length) })
      }
    }
  } finally {
    closeSync(file)
  }
  return toDigest(flat.digest())
}

function update(flat: Hash, file: number, { at, bytes }: { at: number; bytes: Buffer }): void {
  let done = 0
  while (done < bytes.length) {
    const read = readSync(file, bytes, done, bytes.length - done, at + done)
    if (read === 0) break
    done += read
  }
  bytes.fill(0, done)
  flat.update(bytes)
}
