import { createHash } from 'node:crypto'
import { IngotError } from '../core/errors.ts'
import { toDigest, type Digest } from '../image/digest.ts'
import { SEGMENT_BYTES, segmentCount } from '../image/leaves.ts'
import { alignedMemory } from './direct.ts'

/** Milliseconds after which a follower looks again whether it is to end. */
const LOOK_MS = 1_000

/** Value that says: end, nothing more comes. */
const ENDED = -1

/** What a follower is given: memory that it shares with those who fill it. */
export interface FollowedSegments {
  size: number
  /** Segment number n lies in the buffer n modulo their count. */
  buffers: readonly Uint8Array[]
  /** Two numbers: how many segments were filled in, in order, and how many of them were hashed. */
  counts: SharedArrayBuffer
}

const FILLED = 0
const HASHED = 1

/** Buffers for the segments of a file, filled by those who read it and emptied in order by a thread with the flat digest. */
export class SegmentRing {
  readonly shared: FollowedSegments
  readonly #counts: Int32Array

  constructor(size: number, most: number) {
    const count = Math.max(1, Math.min(most, segmentCount(size)))
    const buffers = Array.from({ length: count }, () => alignedMemory(Math.min(SEGMENT_BYTES, size)))
    this.shared = { size, buffers, counts: new SharedArrayBuffer(8) }
    this.#counts = new Int32Array(this.shared.counts)
  }

  /** The buffer of a segment, as long as the segment; it must be {@link free}. */
  bufferOf(segment: number): Uint8Array {
    const { size, buffers } = this.shared
    return bufferOf({ size, buffers }, segment)
  }

  /** Resolves when the buffer of a segment may be filled: to true, or to false when nobody empties buffers any more. */
  async free(segment: number): Promise<boolean> {
    for (;;) {
      const hashed = Atomics.load(this.#counts, HASHED)
      if (hashed === ENDED) return false
      if (hashed > segment - this.shared.buffers.length) return true
      const { async: waits, value } = Atomics.waitAsync(this.#counts, HASHED, hashed, LOOK_MS)
      if (waits) await value
    }
  }

  /** The first `segments` are in their buffers. */
  filled(segments: number): void {
    set(this.#counts, FILLED, segments)
  }

  /** The follower has failed. */
  giveUp(): void {
    set(this.#counts, HASHED, ENDED)
  }

  /** Ends a follower that is still waiting. */
  end(): void {
    set(this.#counts, FILLED, ENDED)
  }
}

/** Hashes the segments of a {@link SegmentRing} in order, on a thread of its own until it has them all. */
export function followFlat({ size, buffers, counts: shared }: FollowedSegments): Digest {
  const flat = createHash('sha256')
  const counts = new Int32Array(shared)
  let filled = 0
  try {
    for (let segment = 0; segment < segmentCount(size); segment++) {
      if (segment >= filled) filled = waitForMore(counts, segment)
      flat.update(bufferOf({ size, buffers }, segment))
      set(counts, HASHED, segment + 1)
    }
  } catch (error) {
    set(counts, HASHED, ENDED)
    throw error
  }
  return toDigest(flat.digest())
}

function bufferOf(
  { size, buffers }: Pick<FollowedSegments, 'size' | 'buffers'>,
  segment: number,
): Uint8Array {
  const buffer = buffers[segment % buffers.length] as Uint8Array
  return buffer.subarray(0, Math.min(SEGMENT_BYTES, size - segment * SEGMENT_BYTES))
}

/** Blocks this thread until more than `segments` are filled in; throws `aborted` at the end. */
function waitForMore(counts: Int32Array, segments: number): number {
  for (;;) {
    const now = Atomics.load(counts, FILLED)
    if (now === ENDED) throw new IngotError('aborted', 'the file is not followed any more')
    if (now > segments) return now
    Atomics.wait(counts, FILLED, now, LOOK_MS)
  }
}

function set(counts: Int32Array, which: number, value: number): void {
  Atomics.store(counts, which, value)
  Atomics.notify(counts, which)
}
