import type { FileHandle } from 'node:fs/promises'
import { IngotError } from '../core/errors.ts'
import { toDigest, type Digest } from '../image/digest.ts'
import { SEGMENT_BYTES, fileRoot, segmentCount, segmentDigest } from '../image/leaves.ts'
import { SegmentRing } from '../store/follow-flat.ts'
import type { IndexFile } from '../store/index-file.ts'
import type { WorkPool } from '../store/work/pool.ts'
import { Slots } from './slots.ts'

/** Segments of one file that are read, hashed and copied at the same time. */
const SEGMENTS_AT_ONCE = 4
/** Bytes after which what was copied begins to go to the disk: at the end there is less to wait for. */
const WRITE_OUT_BYTES = 256 * 1024 * 1024

export interface HashOptions {
  /** What is read. */
  input: FileHandle
  size: number
  /** Path, for what is wrong with it. */
  path: string
  /** What the data is copied to, and the same file past the page cache. */
  copy: FileHandle | undefined
  direct: FileHandle | undefined
  /** Takes the digests. */
  index: IndexFile
  signal: AbortSignal
  onProgress: (done: number, total: number) => void
  work: WorkPool
  followers: WorkPool
}

/**
 * Reads a file once for its leaves, its copy and its flat digest, on several threads. Memory: a segment for each that is under way.
 */
export async function hashContent(options: HashOptions): Promise<{ digest: Digest; sha256: Digest }> {
  const { size, followers, index } = options
  const ring = new SegmentRing(size, SEGMENTS_AT_ONCE)
  const followed = segmentCount(size) > 1 ? followers.run('followFlat', ring.shared) : undefined
  followed?.catch(() => ring.giveUp()) // awaited below, when nothing else went wrong
  try {
    const segments = await hashSegments(options, ring, followed)
    await index.writeSegments(segments)
    const sha256 = await (followed ?? followers.here('followFlat', ring.shared))
    return { digest: toDigest(fileRoot(size, segments)), sha256 }
  } finally {
    ring.end()
  }
}

/** Segment digests, 32 bytes each; tells the ring of each segment in order. */
async function hashSegments(
  options: HashOptions,
  ring: SegmentRing,
  followed: Promise<unknown> | undefined,
): Promise<Buffer> {
  const { size, signal, onProgress } = options
  const count = segmentCount(size)
  const segments: Buffer[] = []
  const slots = new Slots(SEGMENTS_AT_ONCE)
  const started: Promise<Buffer>[] = []
  const writeOut = new WriteOut(options.copy)
  const take = async () => {
    segments.push(await (started.shift() as Promise<Buffer>))
    ring.filled(segments.length)
    const done = Math.min(size, segments.length * SEGMENT_BYTES)
    writeOut.reached(done)
    onProgress(done, size)
  }
  try {
    for (let segment = 0; segment < count; segment++) {
      signal.throwIfAborted()
      if (started.length >= SEGMENTS_AT_ONCE) await take()
      if (!(await ring.free(segment))) await followed // which says why
      const { ended } = await slots.start(async () => await hashOne(options, ring, segment))
      ended.catch(() => {}) // taken in its turn
      started.push(ended)
    }
    while (started.length > 0) await take()
  } finally {
    await slots.settled() // nothing may use the files once they are closed
    await writeOut.settled()
  }
  return Buffer.concat(segments)
}

async function hashOne(
  { input, size, copy, direct, index, path, work }: HashOptions,
  ring: SegmentRing,
  segment: number,
): Promise<Buffer> {
  const source = {
    file: input.fd,
    position: segment * SEGMENT_BYTES,
    bytes: ring.bufferOf(segment),
    copy: copy && { cached: copy.fd, direct: direct?.fd },
  }
  const list =
    size <= SEGMENT_BYTES ? work.here('hashSegment', source) : await work.run('hashSegment', source)
  if (list === undefined) {
    throw new IngotError('changed-on-disk', `${path} changed while it was imported`, {
      hint: 'stop what writes to it, then try again',
    })
  }
  await index.writeLeafLists(segment, list)
  return segmentDigest(size, segment, list)
}

/** Sends what was written to the disk now and then, one call at a time. */
class WriteOut {
  readonly #file: FileHandle | undefined
  #sent = 0
  #sending: Promise<void> | undefined
  #failure: Error | undefined

  constructor(file: FileHandle | undefined) {
    this.#file = file
  }

  reached(bytes: number): void {
    if (this.#file === undefined || this.#sending !== undefined || bytes - this.#sent < WRITE_OUT_BYTES)
      return
    this.#sent = bytes
    this.#sending = this.#file
      .datasync()
      .catch((error: unknown) => void (this.#failure ??= error as Error))
      .finally(() => (this.#sending = undefined))
  }

  /** Throws when something could not be written: the sync at the end would not tell of it again. */
  async settled(): Promise<void> {
    await this.#sending
    if (this.#failure !== undefined) throw this.#failure
  }
}
