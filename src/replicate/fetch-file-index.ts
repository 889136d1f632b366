import { IngotError } from '../core/errors.ts'
import type { Limits } from '../core/limits.ts'
import { DIGEST_BYTES, digestAt, toDigest, type Digest } from '../image/digest.ts'
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
import type { Run } from '../wire/content.ts'
import type { FileSeeds } from './file-seeds.ts'
import { toRuns } from './runs.ts'
import type { WithStream } from './target.ts'

export interface FileIndexInit {
  image: Digest
  content: Digest
  limits: Limits
}

/** The leaf list of a segment, verified. */
export interface SegmentList {
  segment: number
  /** Its first leaf, counted through the file. */
  first: number
  digests: Buffer
}

/**
 * Brings the index of a file here: the segment digests (verified against the content root of the manifest), and for each segment
 * that is not whole its leaf list (verified against its segment digest).
 */
export class FileIndexFetch {
  readonly #staged: StagedFile
  readonly #init: FileIndexInit
  readonly #size: number
  #segments: Buffer = Buffer.alloc(0)

  constructor(staged: StagedFile, init: FileIndexInit) {
    this.#staged = staged
    this.#init = init
    this.#size = staged.size
  }

  /** All segment digests: from staging when they verify, else from the peer, page by page. */
  async run(withStream: WithStream): Promise<void> {
    const { image, content, limits } = this.#init
    const { index } = this.#staged
    if ((await index.root()) === content) {
      this.#segments = await index.readSegments()
      await index.writeSegments(this.#segments) // a sync before may have failed
      return
    }
    this.#staged.forgetProgress()
    const count = segmentCount(this.#size)
    const digests = Buffer.alloc(count * DIGEST_BYTES)
    const page = Math.floor(limits.payloadBytes / DIGEST_BYTES)
    await withStream(async (stream) => {
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
    await index.writeSegments(digests)
    this.#segments = digests
  }

  /** Bytes of disk that are still needed, at most: the index, and segments that are not zero, less what the staged file takes already. */
  async neededBytes(): Promise<number> {
    const index = (segmentCount(this.#size) + leafCount(this.#size)) * DIGEST_BYTES
    return Math.max(0, this.#bytesOf(() => true) - (await this.#staged.allocatedBytes())) + index
  }

  /** Bytes of the segments that are not here yet, zeros apart. */
  missingBytes(): number {
    return this.#bytesOf((segment) => !this.#staged.isWhole(segment))
  }

  /** The leaf lists of all segments that are not whole, in order, as many as one answer carries at a time. */
  async *leafLists(withStream: WithStream, seeds: FileSeeds | undefined): AsyncGenerator<SegmentList[]> {
    const count = segmentCount(this.#size)
    const { leafListSegments } = this.#init.limits
    for (let first = 0; first < count;) {
      if (this.#staged.isWhole(first)) {
        first++
        continue
      }
      let end = first + 1
      while (end < count && end - first < leafListSegments && !this.#staged.isWhole(end)) end++
      yield await this.#leafLists({ first, count: end - first }, withStream, seeds)
      first = end
    }
  }

  /** The leaves of a segment, counted from its first, that are neither zero nor on disk, and how many bytes the others have. */
  async missingLeaves({
    segment,
    first,
    digests,
  }: SegmentList): Promise<{ wanted: number[]; found: number }> {
    const verified = await this.#staged.verifiedLeaves(segment, digests)
    const wanted: number[] = []
    let found = 0
    for (let leaf = 0; leaf * DIGEST_BYTES < digests.length; leaf++) {
      const length = leafLength(this.#size, first + leaf)
      const zero = zeroLeafDigest(length).equals(digestAt(digests, leaf))
      if (zero || verified[leaf] === true) found += length
      else wanted.push(leaf)
    }
    return { wanted, found }
  }

  #segmentDigest(segment: number): Buffer {
    return this.#segments.subarray(segment * DIGEST_BYTES, (segment + 1) * DIGEST_BYTES)
  }

  /** Bytes of the segments that are not zero and that count. */
  #bytesOf(counts: (segment: number) => boolean): number {
    let bytes = 0
    for (let segment = 0; segment < segmentCount(this.#size); segment++) {
      if (!counts(segment) || this.#segmentDigest(segment).equals(zeroSegmentDigest())) continue
      const { first, count } = segmentLeaves(this.#size, segment)
      bytes += runLength(this.#size, first, count)
    }
    return bytes
  }

  /** Leaf lists of some segments: known for zero segments, from staging where they verify, from a seed, else from the peer. */
  async #leafLists(run: Run, withStream: WithStream, seeds: FileSeeds | undefined): Promise<SegmentList[]> {
    const { index } = this.#staged
    const bytes = await index.readLeafLists(run.first, run.count)
    const lists = Array.from({ length: run.count }, (_, i): SegmentList => {
      const segment = run.first + i
      const { first, count } = segmentLeaves(this.#size, segment)
      const from = i * SEGMENT_LEAVES * DIGEST_BYTES
      return { segment, first, digests: bytes.subarray(from, from + count * DIGEST_BYTES) }
    })
    const verifies = ({ segment, digests }: SegmentList) =>
      segmentDigest(this.#size, segment, digests).equals(this.#segmentDigest(segment))
    const missing: number[] = []
    for (const [i, list] of lists.entries()) {
      const expected = this.#segmentDigest(list.segment)
      if (expected.equals(zeroSegmentDigest()) && list.digests.length === SEGMENT_LEAVES * DIGEST_BYTES) {
        for (let leaf = 0; leaf < SEGMENT_LEAVES; leaf++)
          list.digests.set(zeroLeafDigest(LEAF_BYTES), leaf * DIGEST_BYTES)
      } else if (!verifies(list)) {
        const known = seeds?.leafList(this.#size, list.segment, expected)
        if (known === undefined) missing.push(i)
        else list.digests.set(known)
      }
    }
    await this.#fetchLists(missing, { lists, bytes }, withStream)
    for (const i of missing) {
      const list = lists[i] as SegmentList
      if (!verifies(list))
        throw new IngotError('wrong-content', `the leaf list of segment ${list.segment} does not verify`)
    }
    await index.writeLeafLists(run.first, bytes)
    return lists
  }

  /** Brings the lists of these numbers to their places in `bytes`, over one stream. */
  async #fetchLists(
    missing: readonly number[],
    { lists, bytes }: { lists: readonly SegmentList[]; bytes: Buffer },
    withStream: WithStream,
  ): Promise<void> {
    const { image, limits } = this.#init
    const runs = toRuns(missing, limits.leafListSegments)
    if (runs.length === 0) return
    const at = (i: number) => lists[i] as SegmentList
    await withStream(async (stream) => {
      for (const { first, count } of runs)
        await stream.ask({ image, what: 'leafLists', run: { first: at(first).segment, count } })
      for (const { first, count } of runs) {
        const last = first + count - 1
        const to = last * SEGMENT_LEAVES * DIGEST_BYTES + at(last).digests.length
        await stream.answer(bytes.subarray(first * SEGMENT_LEAVES * DIGEST_BYTES, to))
      }
    })
  }
}
