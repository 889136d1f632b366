import type { FileHandle } from 'node:fs/promises'
import { IngotError } from '../core/errors.ts'
import { toDigest, type Digest } from '../image/digest.ts'
import { SEGMENT_BYTES, fileRoot, segmentCount, segmentDigest, zeroSegmentDigest } from '../image/leaves.ts'
import { Mark } from '../store/flat-digest.ts'
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
  /** What the data is copied to. */
  copy: FileHandle | undefined
  /** Path of what is kept: the flat digest is of that. */
  kept: string
  /** Takes the digests. */
  index: IndexFile
  signal: AbortSignal
  onProgress: (done: number, total: number) => void
  work: WorkPool
  followers: WorkPool
}

/**
 * Reads a file once for its leaves and its copy, on several threads, while another thread follows with the flat digest. Memory:
 * a segment for each thread.
 */
export async function hashContent(options: HashOptions): Promise<{ digest: Digest; sha256: Digest }> {
  const { size, kept, followers, index } = options
  const count = segmentCount(size)
  const zeros = Buffer.from(new SharedArrayBuffer(Math.ceil(count / 8)))
  const mark = new Mark()
  const file = { path: kept, size, zeros, mark: mark.shared }
  const followed = count > 1 ? followers.run('followFlat', file) : undefined
  followed?.catch(() => {}) // awaited below, when nothing else went wrong
  try {
    const segments = await hashSegments(options, (whole, isZero) => {
      if (isZero) zeros[(whole - 1) >> 3] = (zeros[(whole - 1) >> 3] as number) | (1 << ((whole - 1) & 7))
      mark.set(whole)
    })
    await index.writeSegments(segments)
    const sha256 = await (followed ?? followers.here('followFlat', file))
    return { digest: toDigest(fileRoot(size, segments)), sha256 }
  } finally {
    mark.end()
  }
}

/** Segment digests, 32 bytes each; tells of each segment in order when it is copied. */
async function hashSegments(
  options: HashOptions,
  onWhole: (whole: number, isZero: boolean) => void,
): Promise<Buffer> {
  const { size, signal, onProgress } = options
  const count = segmentCount(size)
  const segments: Buffer[] = []
  const slots = new Slots(SEGMENTS_AT_ONCE)
  const started: Promise<Buffer>[] = []
  const writeOut = new WriteOut(options.copy)
  const take = async () => {
    const digest = await (started.shift() as Promise<Buffer>)
    segments.push(digest)
    onWhole(segments.length, digest.equals(zeroSegmentDigest()))
    const done = Math.min(size, segments.length * SEGMENT_BYTES)
    writeOut.reached(done)
    onProgress(done, size)
  }
  try {
    for (let segment = 0; segment < count; segment++) {
      signal.throwIfAborted()
      if (started.length >= SEGMENTS_AT_ONCE) await take()
      const { ended } = await slots.start(async () => await hashOne(options, segment))
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
  { input, size, copy, index, path, work }: HashOptions,
  segment: number,
): Promise<Buffer> {
  const position = segment * SEGMENT_BYTES
  const length = Math.min(SEGMENT_BYTES, size - position)
  const source = { file: input.fd, position, length, copy: copy?.fd }
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

  constructor(file: FileHandle | undefined) {
    this.#file = file
  }

  reached(bytes: number): void {
    if (this.#file === undefined || this.#sending !== undefined || bytes - this.#sent < WRITE_OUT_BYTES)
      return
    this.#sent = bytes
    // What fails here fails again in the sync at the end, which tells.
    this.#sending = this.#file
      .datasync()
      .catch(() => {})
      .finally(() => (this.#sending = undefined))
  }

  async settled(): Promise<void> {
    await this.#sending
  }
}
