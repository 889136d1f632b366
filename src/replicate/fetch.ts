import { IngotError } from '../core/errors.ts'
import type { Limits } from '../core/limits.ts'
import { DIGEST_BYTES, toDigest, type Digest } from '../image/digest.ts'
import {
  LEAF_BYTES,
  SEGMENT_LEAVES,
  fileRoot,
  leafDigest,
  leafLength,
  runLength,
  segmentCount,
  segmentDigest,
  segmentLeaves,
  zeroLeafDigest,
  zeroSegmentDigest,
} from '../image/leaves.ts'
import { ContentStream } from '../net/content.ts'
import type { Links } from '../net/links.ts'
import type { StagedFile } from '../store/staging.ts'
import { RunQueue, type LeafRun } from './runs.ts'

export interface FetchComponents {
  links: Links
  limits: Limits
  /** A leaf came that does not verify. */
  onWrongLeaf: () => void
  /** Told the most bytes that will be written, before the first is; throws `no-space` when they do not fit. */
  reserve: (bytes: number) => Promise<void>
  /** Called often: bytes that are here and verified, and bytes received in this attempt. */
  onProgress: (done: number, wire: number) => void
}

export interface FetchTarget {
  peerId: string
  image: Digest
  content: Digest
  staged: StagedFile
}

/** Runs that may wait between the planner and the streams; each holds the digests of at most requestLeaves leaves. */
const QUEUED_RUNS = 64

/**
 * Brings a staged file to completeness: the segment digests (verified against the content root of the manifest), then for
 * each segment that is not whole its leaf list (verified against its segment digest), then the leaves that are neither zero
 * nor on disk, over several streams with a bounded number of requests in flight. A leaf is written only when it verifies.
 */
export class Fetch {
  readonly #components: FetchComponents
  readonly #target: FetchTarget
  readonly #signal: AbortSignal
  readonly #queue = new RunQueue(QUEUED_RUNS)
  readonly #streams: ContentStream[] = []
  /** Runs of a segment that are still under way. */
  readonly #open = new Map<number, number>()
  readonly #size: number
  #done = 0
  #wrong = 0
  #sinceCheckpoint = 0
  #lastCheckpoint = performance.now()
  #checkpointing: Promise<void> | undefined
  #failure: Error | undefined

  constructor(components: FetchComponents, target: FetchTarget, signal: AbortSignal) {
    this.#components = components
    this.#target = target
    this.#signal = signal
    this.#size = target.staged.size
  }

  /** Resolves when every segment is whole. What is here already survives whatever it throws. */
  async run(): Promise<void> {
    const { limits, reserve } = this.#components
    const { staged } = this.#target
    try {
      this.#done = staged.wholeBytes()
      const segments = await this.#segments()
      await reserve(await this.#missingBytes(segments))
      const lanes = Array.from({ length: limits.fetchStreams }, async () => await this.#lane())
      const parts = [this.#plan(segments), ...lanes]
      await Promise.all(parts.map(async (part) => await part.catch((error: unknown) => this.#fail(error))))
      if (this.#failure !== undefined) throw this.#failure
    } catch (error) {
      for (const stream of this.#streams) stream.abort(error as Error)
      throw error
    } finally {
      await this.#checkpointing
      await staged.checkpoint()
    }
  }

  /** Opens a stream for `work` and ends it: one that waited for its next use too long would be ended by the origin. */
  async #withStream<T>(work: (stream: ContentStream) => Promise<T>): Promise<T> {
    const { limits, links } = this.#components
    const stream = await ContentStream.open(links, this.#target.peerId, { limits, signal: this.#signal })
    this.#streams.push(stream)
    if (this.#failure !== undefined) {
      stream.abort(this.#failure)
      throw this.#failure
    }
    const result = await work(stream)
    await stream.end()
    return result
  }

  /** The first error ends all parts; what they throw because of that does not matter any more. */
  #fail(error: unknown): void {
    const failure = error instanceof Error ? error : new Error(String(error))
    this.#failure ??= failure
    this.#queue.fail(failure)
    for (const stream of this.#streams) stream.abort(failure)
  }

  get #wire(): number {
    return this.#streams.reduce((sum, stream) => sum + stream.received, 0)
  }

  /** All segment digests: from staging when they verify, else from the peer, page by page. */
  async #segments(): Promise<Buffer> {
    const { image, content, staged } = this.#target
    if ((await staged.index.root()) === content) return await staged.index.readSegments()
    staged.forgetProgress()
    this.#done = 0
    const count = segmentCount(this.#size)
    const digests = Buffer.alloc(count * DIGEST_BYTES)
    const page = Math.floor(this.#components.limits.payloadBytes / DIGEST_BYTES)
    await this.#withStream(async (stream) => {
      for (let first = 0; first < count; first += page) {
        const run = { first, count: Math.min(page, count - first) }
        await stream.ask({ image, what: 'segments', run })
        await stream.answer(digests.subarray(first * DIGEST_BYTES, (first + run.count) * DIGEST_BYTES))
      }
    })
    if (toDigest(fileRoot(this.#size, digests)) !== content) {
      throw new IngotError(
        'wrong-content',
        'the segment digests do not have the root that the manifest names',
      )
    }
    await staged.index.writeSegments(digests)
    return digests
  }

  /** Bytes of disk that are still needed, at most: of segments that are not zero, less what the staged file takes already. */
  async #missingBytes(segments: Buffer): Promise<number> {
    let bytes = 0
    for (let segment = 0; segment < segmentCount(this.#size); segment++) {
      const digest = segments.subarray(segment * DIGEST_BYTES, (segment + 1) * DIGEST_BYTES)
      if (digest.equals(zeroSegmentDigest())) continue
      const { first, count } = segmentLeaves(this.#size, segment)
      bytes += runLength(this.#size, first, count)
    }
    return Math.max(0, bytes - (await this.#target.staged.allocatedBytes()))
  }

  /** Finds what is missing, in order, and queues it. */
  async #plan(segments: Buffer): Promise<void> {
    const { staged } = this.#target
    const count = segmentCount(this.#size)
    const { leafListSegments } = this.#components.limits
    for (let first = 0; first < count;) {
      if (staged.isWhole(first)) {
        first++
        continue
      }
      let end = first + 1
      while (end < count && end - first < leafListSegments && !staged.isWhole(end)) end++
      await this.#planSegments(segments, { first, count: end - first })
      first = end
    }
    this.#queue.close()
  }

  async #planSegments(segments: Buffer, run: { first: number; count: number }): Promise<void> {
    const lists = await this.#leafLists(segments, run)
    for (let i = 0; i < run.count; i++) {
      const segment = run.first + i
      const { first, count } = segmentLeaves(this.#size, segment)
      const digests = lists.subarray(
        i * SEGMENT_LEAVES * DIGEST_BYTES,
        (i * SEGMENT_LEAVES + count) * DIGEST_BYTES,
      )
      const verified = await this.#target.staged.verifiedLeaves(segment, digests)
      const needed: number[] = []
      for (let leaf = 0; leaf < count; leaf++) {
        const length = leafLength(this.#size, first + leaf)
        const zero = zeroLeafDigest(length).equals(
          digests.subarray(leaf * DIGEST_BYTES, (leaf + 1) * DIGEST_BYTES),
        )
        if (zero || verified[leaf] === true) this.#done += length
        else needed.push(leaf)
      }
      const runs = toRuns(needed, this.#components.limits.requestLeaves)
      if (runs.length === 0) this.#finish(segment)
      else this.#open.set(segment, runs.length)
      for (const { first: from, count: n } of runs) {
        const part = Buffer.from(digests.subarray(from * DIGEST_BYTES, (from + n) * DIGEST_BYTES))
        await this.#queue.put({ segment, first: first + from, count: n, digests: part })
      }
    }
    this.#report()
  }

  /** Leaf lists of some segments, verified: known for zero segments, from staging where they verify, else from the peer. */
  async #leafLists(segments: Buffer, run: { first: number; count: number }): Promise<Buffer> {
    const { image, staged } = this.#target
    const lists = await staged.index.readLeafLists(run.first, run.count)
    const listOf = (i: number) => {
      const { count } = segmentLeaves(this.#size, run.first + i)
      return lists.subarray(i * SEGMENT_LEAVES * DIGEST_BYTES, (i * SEGMENT_LEAVES + count) * DIGEST_BYTES)
    }
    const expected = (i: number) =>
      segments.subarray((run.first + i) * DIGEST_BYTES, (run.first + i + 1) * DIGEST_BYTES)
    const verifies = (i: number) => segmentDigest(this.#size, run.first + i, listOf(i)).equals(expected(i))
    const missing: number[] = []
    for (let i = 0; i < run.count; i++) {
      if (expected(i).equals(zeroSegmentDigest()) && listOf(i).length === SEGMENT_LEAVES * DIGEST_BYTES) {
        for (let leaf = 0; leaf < SEGMENT_LEAVES; leaf++)
          listOf(i).set(zeroLeafDigest(LEAF_BYTES), leaf * DIGEST_BYTES)
      } else if (!verifies(i)) missing.push(i)
    }
    const wanted = toRuns(missing, this.#components.limits.leafListSegments)
    if (wanted.length > 0) {
      await this.#withStream(async (stream) => {
        for (const { first, count } of wanted) {
          await stream.ask({ image, what: 'leafLists', run: { first: run.first + first, count } })
        }
        for (const { first, count } of wanted) {
          const from = first * SEGMENT_LEAVES * DIGEST_BYTES
          const to = (first + count - 1) * SEGMENT_LEAVES * DIGEST_BYTES + listOf(first + count - 1).length
          await stream.answer(lists.subarray(from, to))
        }
      })
    }
    for (const i of missing) {
      if (!verifies(i))
        throw new IngotError('wrong-content', `the leaf list of segment ${run.first + i} does not verify`)
    }
    await staged.index.writeLeafLists(run.first, lists)
    return lists
  }

  /** One stream, opened when there is something to fetch: asks ahead, takes answers in order, verifies, writes. */
  async #lane(): Promise<void> {
    const first = await this.#queue.take()
    if (first !== undefined) await this.#withStream(async (stream) => await this.#serveLane(stream, first))
  }

  async #serveLane(stream: ContentStream, first: LeafRun): Promise<void> {
    const { limits } = this.#components
    const { image } = this.#target
    const buffer = Buffer.allocUnsafeSlow(limits.requestLeaves * LEAF_BYTES)
    const asked: LeafRun[] = []
    const ask = async (run: LeafRun) => {
      await stream.ask({ image, what: 'leaves', run: { first: run.first, count: run.count } })
      asked.push(run)
    }
    await ask(first)
    for (;;) {
      while (asked.length < limits.requestsPerStream) {
        const next = asked.length === 0 ? await this.#queue.take() : this.#queue.poll()
        if (next === undefined) break
        await ask(next)
      }
      const run = asked.shift()
      if (run === undefined) return
      const bytes = buffer.subarray(0, runLength(this.#size, run.first, run.count))
      await stream.answer(bytes)
      await this.#accept(run, bytes)
    }
  }

  /** Writes the leaves that verify; asks for the others again. */
  async #accept(run: LeafRun, bytes: Buffer): Promise<void> {
    const { staged } = this.#target
    const wrong: number[] = []
    for (let i = 0; i < run.count; i++) {
      const leaf = bytes.subarray(i * LEAF_BYTES, i * LEAF_BYTES + leafLength(this.#size, run.first + i))
      if (!leafDigest(leaf).equals(run.digests.subarray(i * DIGEST_BYTES, (i + 1) * DIGEST_BYTES)))
        wrong.push(i)
    }
    if (wrong.length === 0) {
      await staged.write(run.first, bytes)
      this.#done += bytes.length
      this.#sinceCheckpoint += bytes.length
      const left = (this.#open.get(run.segment) ?? 1) - 1
      this.#open.set(run.segment, left)
      if (left === 0) this.#finish(run.segment)
    } else {
      this.#refuse(run, wrong.length)
    }
    this.#checkpointWhenDue()
    this.#report()
  }

  /** Nothing of a run with a wrong leaf is taken: it is asked for again, as a whole. */
  #refuse(run: LeafRun, wrong: number): void {
    for (let i = 0; i < wrong; i++) this.#components.onWrongLeaf()
    this.#wrong += wrong
    if (this.#wrong > this.#components.limits.wrongLeavesPerAttempt) {
      throw new IngotError('wrong-content', `the peer sent ${this.#wrong} leaves that do not verify`)
    }
    this.#queue.putBack(run)
  }

  #finish(segment: number): void {
    this.#open.delete(segment)
    this.#target.staged.markWhole(segment)
  }

  #checkpointWhenDue(): void {
    const { progressBytes, progressMs } = this.#components.limits
    const due =
      this.#sinceCheckpoint >= progressBytes || performance.now() - this.#lastCheckpoint >= progressMs
    if (!due || this.#checkpointing !== undefined) return
    this.#sinceCheckpoint = 0
    this.#lastCheckpoint = performance.now()
    this.#checkpointing = this.#target.staged
      .checkpoint()
      .catch((error: unknown) => this.#fail(error))
      .finally(() => (this.#checkpointing = undefined))
  }

  #report(): void {
    this.#components.onProgress(this.#done, this.#wire)
  }
}

/** Ascending numbers as runs of at most `most`. */
function toRuns(numbers: readonly number[], most: number): { first: number; count: number }[] {
  const runs: { first: number; count: number }[] = []
  for (const number of numbers) {
    const last = runs.at(-1)
    if (last !== undefined && last.first + last.count === number && last.count < most) last.count++
    else runs.push({ first: number, count: 1 })
  }
  return runs
}
