import { IngotError } from '../core/errors.ts'
import type { Limits } from '../core/limits.ts'
import type { ContentAnswerBytes } from '../net/content.ts'
import { DIGEST_BYTES, toDigest, type Digest } from '../image/digest.ts'
import {
  LEAF_BYTES,
  SEGMENT_LEAVES,
  fileRoot,
  leafCount,
  leafLength,
  runLength,
  segmentCount,
  segmentDigest,
  segmentLeaves,
  zeroLeafDigest,
  zeroSegmentDigest,
} from '../image/leaves.ts'
import type { StagedFile } from '../store/staging.ts'
import type { WorkPool } from '../store/work/pool.ts'
import type { ContentRequest, Run } from '../wire/content.ts'
import { toRuns, type LeafRun } from './runs.ts'
import type { Findings, Needs, Target, WithStream } from './target.ts'

/** Leaves of one segment, with the digests that they must have (32 bytes each). */
export interface SegmentRun extends LeafRun {
  segment: number
  digests: Uint8Array
}

export interface FileTargetInit {
  image: Digest
  content: Digest
  limits: Limits
  work: WorkPool
}

/** So few bytes are checked and written where they are: the way to another thread would cost more. */
const HERE_BYTES = 128 * 1024

/**
 * A file on its way here: the segment digests (verified against the content root of the manifest), then for each segment that is
 * not whole its leaf list (verified against its segment digest), then the leaves that are neither zero nor on disk.
 */
export class FileTarget implements Target<SegmentRun> {
  readonly #image: Digest
  readonly #content: Digest
  readonly #staged: StagedFile
  readonly #limits: Limits
  readonly #work: WorkPool
  readonly #size: number
  #segments: Buffer = Buffer.alloc(0)
  /** Runs of a segment that are still under way. */
  readonly #open = new Map<number, number>()

  constructor(staged: StagedFile, init: FileTargetInit) {
    this.#staged = staged
    this.#image = init.image
    this.#content = init.content
    this.#limits = init.limits
    this.#work = init.work
    this.#size = staged.size
  }

  async prepare(withStream: WithStream): Promise<Needs> {
    this.#segments = await this.#segmentDigests(withStream)
    const index = (segmentCount(this.#size) + leafCount(this.#size)) * DIGEST_BYTES
    return { bytes: (await this.#missingBytes()) + index, inodes: 0 }
  }

  /** All segment digests: from staging when they verify, else from the peer, page by page. */
  async #segmentDigests(withStream: WithStream): Promise<Buffer> {
    const { index } = this.#staged
    if ((await index.root()) === this.#content) return await index.readSegments()
    this.#staged.forgetProgress()
    const count = segmentCount(this.#size)
    const digests = Buffer.alloc(count * DIGEST_BYTES)
    const page = Math.floor(this.#limits.payloadBytes / DIGEST_BYTES)
    await withStream(async (stream) => {
      for (let first = 0; first < count; first += page) {
        const run = { first, count: Math.min(page, count - first) }
        await stream.ask({ image: this.#image, what: 'segments', run })
        await stream.answer(digests.subarray(first * DIGEST_BYTES, (first + run.count) * DIGEST_BYTES))
      }
    })
    if (toDigest(fileRoot(this.#size, digests)) !== this.#content) {
      throw new IngotError(
        'wrong-content',
        'the segment digests do not have the root that the manifest names',
      )
    }
    await index.writeSegments(digests)
    return digests
  }

  #segmentDigest(segment: number): Buffer {
    return this.#segments.subarray(segment * DIGEST_BYTES, (segment + 1) * DIGEST_BYTES)
  }

  /** Notes the segments that are zeros; bytes of disk that are still needed, at most: of segments that are not zero, less what the staged file takes already. */
  async #missingBytes(): Promise<number> {
    let bytes = 0
    for (let segment = 0; segment < segmentCount(this.#size); segment++) {
      if (this.#segmentDigest(segment).equals(zeroSegmentDigest())) {
        this.#staged.markZero(segment)
        continue
      }
      const { first, count } = segmentLeaves(this.#size, segment)
      bytes += runLength(this.#size, first, count)
    }
    return Math.max(0, bytes - (await this.#staged.allocatedBytes()))
  }

  async plan(findings: Findings<SegmentRun>, withStream: WithStream): Promise<void> {
    const count = segmentCount(this.#size)
    const { leafListSegments } = this.#limits
    findings.found(this.#staged.wholeBytes())
    for (let first = 0; first < count;) {
      if (this.#staged.isWhole(first)) {
        first++
        continue
      }
      let end = first + 1
      while (end < count && end - first < leafListSegments && !this.#staged.isWhole(end)) end++
      const run = { first, count: end - first }
      await this.#planSegments(run, await this.#leafLists(run, withStream), findings)
      first = end
    }
  }

  async #planSegments(run: Run, lists: Buffer, findings: Findings<SegmentRun>): Promise<void> {
    for (let i = 0; i < run.count; i++) {
      const segment = run.first + i
      const { first, count } = segmentLeaves(this.#size, segment)
      const digests = lists.subarray(
        i * SEGMENT_LEAVES * DIGEST_BYTES,
        (i * SEGMENT_LEAVES + count) * DIGEST_BYTES,
      )
      const verified = await this.#staged.verifiedLeaves(segment, digests)
      const needed: number[] = []
      let found = 0
      for (let leaf = 0; leaf < count; leaf++) {
        const length = leafLength(this.#size, first + leaf)
        const zero = zeroLeafDigest(length).equals(
          digests.subarray(leaf * DIGEST_BYTES, (leaf + 1) * DIGEST_BYTES),
        )
        if (zero || verified[leaf] === true) found += length
        else needed.push(leaf)
      }
      findings.found(found)
      const runs = toRuns(needed, this.#limits.requestLeaves)
      if (runs.length === 0) this.#staged.markWhole(segment)
      else this.#open.set(segment, runs.length)
      for (const { first: from, count: n } of runs) {
        const part = Buffer.from(digests.subarray(from * DIGEST_BYTES, (from + n) * DIGEST_BYTES))
        const bytes = runLength(this.#size, first + from, n)
        await findings.put({ segment, first: first + from, count: n, bytes, digests: part })
      }
    }
  }

  /** Leaf lists of some segments, verified: known for zero segments, from staging where they verify, else from the peer. */
  async #leafLists(run: Run, withStream: WithStream): Promise<Buffer> {
    const { index } = this.#staged
    const lists = await index.readLeafLists(run.first, run.count)
    const listOf = (i: number) => {
      const { count } = segmentLeaves(this.#size, run.first + i)
      return lists.subarray(i * SEGMENT_LEAVES * DIGEST_BYTES, (i * SEGMENT_LEAVES + count) * DIGEST_BYTES)
    }
    const expected = (i: number) => this.#segmentDigest(run.first + i)
    const verifies = (i: number) => segmentDigest(this.#size, run.first + i, listOf(i)).equals(expected(i))
    const missing: number[] = []
    for (let i = 0; i < run.count; i++) {
      if (expected(i).equals(zeroSegmentDigest()) && listOf(i).length === SEGMENT_LEAVES * DIGEST_BYTES) {
        for (let leaf = 0; leaf < SEGMENT_LEAVES; leaf++)
          listOf(i).set(zeroLeafDigest(LEAF_BYTES), leaf * DIGEST_BYTES)
      } else if (!verifies(i)) missing.push(i)
    }
    const wanted = toRuns(missing, this.#limits.leafListSegments)
    if (wanted.length > 0) {
      await withStream(async (stream) => {
        for (const { first, count } of wanted) {
          const asked = { first: run.first + first, count }
          await stream.ask({ image: this.#image, what: 'leafLists', run: asked })
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
    await index.writeLeafLists(run.first, lists)
    return lists
  }

  request(run: SegmentRun): { request: ContentRequest; most: number } {
    const { first, count } = run
    return {
      request: { image: this.#image, what: 'leaves', run: { first, count }, zstd: true },
      most: run.bytes,
    }
  }

  async take(run: SegmentRun, { bytes, compressed }: ContentAnswerBytes): Promise<number> {
    if (!compressed && bytes.length !== run.bytes)
      throw new IngotError('protocol', `an answer of ${bytes.length} bytes where ${run.bytes} were asked for`)
    const arrived = {
      file: this.#staged.descriptor,
      position: run.first * LEAF_BYTES,
      length: run.bytes,
      bytes,
      compressed,
      digests: run.digests,
    }
    const wrong =
      run.bytes <= HERE_BYTES
        ? this.#work.here('placeLeaves', arrived)
        : await this.#work.run('placeLeaves', arrived)
    if (wrong > 0) return wrong
    const left = (this.#open.get(run.segment) ?? 1) - 1
    this.#open.set(run.segment, left)
    if (left === 0) {
      this.#open.delete(run.segment)
      this.#staged.markWhole(run.segment)
    }
    return 0
  }

  async checkpoint(): Promise<void> {
    await this.#staged.checkpoint()
  }
}
