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
import type { LeafWish } from '../store/seed-index.ts'
import type { Needs } from '../store/space.ts'
import type { StagedFile } from '../store/staging.ts'
import type { WorkPool } from '../store/work/pool.ts'
import type { ContentRequest, Run } from '../wire/content.ts'
import { BlockPlan } from './block-plan.ts'
import type { FileSeeds } from './file-seeds.ts'
import { requestOf, splitRun, wholeRuns, type FileRun, type GroupWish, type PartLeaves } from './file-runs.ts'
import {
  PatchRuns,
  copiedBytes,
  partsOf,
  splitPatch,
  type ArrivingPatch,
  type PatchRun,
  type PatchedGroup,
} from './patch.ts'
import { toRuns } from './runs.ts'
import type { Findings, Target, WithStream } from './target.ts'

export interface FileTargetInit {
  image: Digest
  content: Digest
  limits: Limits
  work: WorkPool
  /** Opens what may hold parts of the file on this disk; the target closes it. */
  seeds: () => Promise<FileSeeds | undefined>
  patch: ArrivingPatch
  /** So many bytes were taken from this disk. */
  onLocal: (bytes: number) => void
}

/** So few bytes are checked and written where they are: the way to another thread would cost more. */
const HERE_BYTES = 128 * 1024

/**
 * A file on its way here: the segment digests (verified against the content root of the manifest), then for each segment that is
 * not whole its leaf list (verified against its segment digest), then the leaves that are neither zero nor on disk: from seeds, from
 * blocks of seeds and of the origin, or whole from the origin.
 */
export class FileTarget implements Target<FileRun> {
  readonly #image: Digest
  readonly #content: Digest
  readonly #staged: StagedFile
  readonly #limits: Limits
  readonly #work: WorkPool
  readonly #init: FileTargetInit
  readonly #size: number
  #segments: Buffer = Buffer.alloc(0)
  /** Leaves of a segment that are still under way. */
  readonly #open = new Map<number, number>()
  #seeds: FileSeeds | undefined
  /** Leaves for which blocks are looked for; undefined: no more. */
  #blocks: BlockPlan | undefined
  #findings: Findings<FileRun> | undefined
  /** Groups that come as parts of a patch. */
  #patched: PatchRuns<GroupWish> | undefined

  constructor(staged: StagedFile, init: FileTargetInit) {
    this.#staged = staged
    this.#image = init.image
    this.#content = init.content
    this.#limits = init.limits
    this.#work = init.work
    this.#init = init
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

  /** Bytes of disk that are still needed, at most: of segments that are not zero, less what the staged file takes already. */
  async #missingBytes(): Promise<number> {
    let bytes = 0
    for (let segment = 0; segment < segmentCount(this.#size); segment++) {
      if (this.#segmentDigest(segment).equals(zeroSegmentDigest())) continue
      const { first, count } = segmentLeaves(this.#size, segment)
      bytes += runLength(this.#size, first, count)
    }
    return Math.max(0, bytes - (await this.#staged.allocatedBytes()))
  }

  async probe(withStream: WithStream): Promise<void> {
    await withStream(async (stream) => {
      await stream.ask({ image: this.#image, what: 'segments', run: { first: 0, count: 1 } })
      await stream.answer(Buffer.alloc(DIGEST_BYTES))
    })
  }

  async plan(findings: Findings<FileRun>, withStream: WithStream): Promise<void> {
    const count = segmentCount(this.#size)
    const { leafListSegments } = this.#limits
    this.#findings = findings
    await this.#chooseWays(findings, withStream)
    if (this.#seeds !== undefined && !findings.counts)
      this.#blocks = new BlockPlan({ ...this.#init, size: this.#size, seeds: this.#seeds })
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
      if (this.#blocks?.isFull === true) await this.#planBlocks(findings, withStream)
      first = end
    }
    await this.#planBlocks(findings, withStream)
    await this.#patched?.end()
  }

  /** A patch from an ancestor is the shortest way, then what this disk has, then a patch from nothing. */
  async #chooseWays(findings: Findings<FileRun>, withStream: WithStream): Promise<void> {
    const missing = this.#missing()
    if (missing === 0) return
    const { patch, limits } = this.#init
    const leaves = leafCount(this.#size)
    const isPatched = !findings.counts && (await patch.askFromAncestor(withStream, leaves))
    if (!isPatched && missing >= limits.seedLeastBytes) this.#seeds = await this.#init.seeds()
    if (!isPatched && this.#seeds === undefined && !findings.counts)
      await patch.askFromNothing(withStream, leaves)
    this.#patched = new PatchRuns(limits, async (run) => await findings.put(run))
  }

  /** Bytes of the segments that are not here yet, zeros apart. */
  #missing(): number {
    let bytes = 0
    for (let segment = 0; segment < segmentCount(this.#size); segment++) {
      if (this.#staged.isWhole(segment) || this.#segmentDigest(segment).equals(zeroSegmentDigest())) continue
      const { first, count } = segmentLeaves(this.#size, segment)
      bytes += runLength(this.#size, first, count)
    }
    return bytes
  }

  /** Looks for blocks of the leaves that were put aside, once: what is found missing from here on is fetched whole. */
  async #planBlocks(findings: Findings<FileRun>, withStream: WithStream): Promise<void> {
    const runs = (await this.#blocks?.runs(withStream)) ?? []
    this.#blocks = undefined
    for (const run of runs) {
      if (run.what === 'leaves' || run.fetched > 0) await findings.put(run)
      else {
        await this.#takeParts(run, { bytes: Buffer.alloc(0), compressed: false })
        findings.found(run.bytes)
      }
    }
  }

  async #planSegments(run: Run, lists: Buffer, findings: Findings<FileRun>): Promise<void> {
    for (let i = 0; i < run.count; i++) {
      const segment = run.first + i
      const { first, count } = segmentLeaves(this.#size, segment)
      const digests = lists.subarray(
        i * SEGMENT_LEAVES * DIGEST_BYTES,
        (i * SEGMENT_LEAVES + count) * DIGEST_BYTES,
      )
      const verified = await this.#staged.verifiedLeaves(segment, digests)
      const wanted: number[] = []
      let found = 0
      for (let leaf = 0; leaf < count; leaf++) {
        const length = leafLength(this.#size, first + leaf)
        const zero = zeroLeafDigest(length).equals(digestAt(digests, leaf))
        if (zero || verified[leaf] === true) found += length
        else wanted.push(leaf)
      }
      findings.found(found)
      const needed = await this.#takeSeeds({ first, size: this.#size, digests, wanted }, findings)
      if (needed.length === 0) this.#staged.markWhole(segment)
      else this.#open.set(segment, needed.length)
      const wish = {
        leaves: needed.map((leaf) => first + leaf),
        digests: Buffer.concat(needed.map((leaf) => digestAt(digests, leaf))),
      }
      if (!(await this.#patch(segment, wish))) await this.#fetch(wish.leaves, wish.digests, findings)
    }
  }

  /** Takes what the seeds have of the wanted leaves; resolves to those that are still wanted. */
  async #takeSeeds(wish: LeafWish, findings: Findings<FileRun>): Promise<readonly number[]> {
    if (this.#seeds === undefined || wish.wanted.length === 0) return wish.wanted
    if (findings.counts) {
      const bytes = this.#seeds.count(wish)
      findings.found(bytes)
      this.#init.onLocal(bytes)
      return wish.wanted
    }
    // A copy: the whole memory behind a part of it would go to the other thread.
    const taken = await this.#seeds.take(this.#staged.descriptor, { ...wish, digests: wish.digests.slice() })
    const bytes = taken.reduce((sum, leaf) => sum + leafLength(wish.size, wish.first + leaf), 0)
    findings.found(bytes)
    this.#init.onLocal(bytes)
    const have = new Set(taken)
    return wish.wanted.filter((leaf) => !have.has(leaf))
  }

  /** Queues a group to be patched; false when that is not worth it. A group is a segment. */
  async #patch(group: number, wanted: GroupWish): Promise<boolean> {
    const bytes = wanted.leaves.reduce((sum, leaf) => sum + leafLength(this.#size, leaf), 0)
    const part = this.#init.patch.partBytes(group, bytes)
    if (part === undefined) return false
    await this.#patched?.add({ group, part, bytes, wanted })
    return true
  }

  /** Queues leaves, or puts them aside while blocks of them are looked for. */
  async #fetch(leaves: readonly number[], digests: Uint8Array, findings: Findings<FileRun>): Promise<void> {
    if (this.#blocks !== undefined) {
      for (const [i, leaf] of leaves.entries()) this.#blocks.add(leaf, digestAt(digests, i))
      return
    }
    for (const run of wholeRuns(this.#size, { leaves, digests }, this.#limits.requestLeaves))
      await findings.put(run)
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
      } else if (!verifies(i)) {
        const list = this.#seeds?.leafList(this.#size, run.first + i, expected(i))
        if (list === undefined) missing.push(i)
        else listOf(i).set(list)
      }
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

  split(run: FileRun, bytes: number): [FileRun, FileRun] | undefined {
    return run.what === 'patch' ? splitPatch(run, bytes) : splitRun(this.#size, run, bytes)
  }

  request(run: FileRun): { request: ContentRequest; most: number } {
    return run.what === 'patch' ? this.#init.patch.request(run) : requestOf(this.#image, run)
  }

  async take(run: FileRun, answer: ContentAnswerBytes): Promise<number> {
    const { bytes, compressed } = answer
    if (run.what === 'patch') {
      await this.#takePatch(run, answer)
      return 0
    }
    const length = run.what === 'leaves' ? run.bytes : run.fetched
    if (!compressed && bytes.length !== length)
      throw new IngotError('protocol', `an answer of ${bytes.length} bytes where ${length} were asked for`)
    if (run.what === 'blocks') {
      await this.#takeParts(run, answer)
      return 0
    }
    const arrived = {
      file: this.#staged.data,
      position: run.first * LEAF_BYTES,
      length,
      bytes,
      compressed,
      digests: run.digests,
    }
    const wrong =
      run.bytes <= HERE_BYTES
        ? this.#work.here('placeLeaves', arrived)
        : await this.#work.run('placeLeaves', arrived)
    if (wrong > 0) return wrong
    this.#finish(Array.from({ length: run.count }, (_, i) => run.first + i))
    return 0
  }

  /** Makes groups from their parts. One that does not come out right is fetched whole, and the patch is not asked any more. */
  async #takePatch(run: PatchRun<GroupWish>, { bytes, compressed }: ContentAnswerBytes): Promise<void> {
    if (compressed) throw new IngotError('protocol', 'a compressed answer where none was allowed')
    for (const { wanted, part } of partsOf(run, bytes)) {
      const { leaves, digests } = wanted.wanted
      const { first, count } = segmentLeaves(this.#size, wanted.group)
      const lengths = Array.from({ length: count }, (_, i) => leafLength(this.#size, first + i))
      const wrong = await this.#init.patch.withSource(part, { first, lengths }, async (source) => {
        this.#init.onLocal(Math.min(wanted.bytes, copiedBytes(source)))
        const place = { target: this.#staged.data, wanted: leaves.map((leaf) => leaf - first), digests }
        return await this.#work.run('placeGroup', { ...source, ...place })
      })
      if (wrong === 0) this.#finish(leaves)
      else {
        this.#init.patch.giveUp()
        this.#again(run, wanted)
      }
    }
  }

  /** Fetches a group of a run as plain leaves. */
  #again(run: PatchRun<GroupWish>, { bytes, wanted }: PatchedGroup<GroupWish>): void {
    run.bytes -= bytes
    for (const whole of wholeRuns(this.#size, wanted, this.#limits.requestLeaves))
      this.#findings?.again(whole)
  }

  async withdraw(run: FileRun): Promise<boolean> {
    if (run.what !== 'patch') return false
    this.#init.patch.giveUp()
    for (const group of run.groups) this.#again(run, group)
    return true
  }

  /** Puts leaves together. Those that do not verify are fetched whole: then it shows whether the origin is to blame or a seed. */
  async #takeParts(run: PartLeaves, answer: ContentAnswerBytes): Promise<void> {
    const { parts } = run
    const wrong = new Set(await this.#seeds?.takeBlocks(this.#staged.descriptor, parts, answer))
    const again: { leaves: number[]; digests: Buffer[] } = { leaves: [], digests: [] }
    for (const i of wrong) {
      again.leaves.push(parts.leaves[i] as number)
      again.digests.push(Buffer.from(digestAt(parts.digests, i)))
    }
    const digests = Buffer.concat(again.digests)
    for (const whole of wholeRuns(
      this.#size,
      { leaves: again.leaves, digests },
      this.#limits.requestLeaves,
    )) {
      run.bytes -= whole.bytes
      this.#findings?.again(whole)
    }
    this.#init.onLocal(Math.max(0, run.bytes - run.fetched))
    this.#finish(parts.leaves.filter((_, i) => !wrong.has(i)))
  }

  /** Notes that leaves are here; a segment that has all of its own is whole. */
  #finish(leaves: readonly number[]): void {
    for (const leaf of leaves) {
      const segment = Math.floor(leaf / SEGMENT_LEAVES)
      const left = (this.#open.get(segment) ?? 1) - 1
      this.#open.set(segment, left)
      if (left > 0) continue
      this.#open.delete(segment)
      this.#staged.markWhole(segment)
    }
  }

  /** Closes the seeds and the patch. */
  async close(): Promise<void> {
    await this.#init.patch.close()
    await this.#seeds?.close()
  }

  async checkpoint(): Promise<void> {
    await this.#staged.checkpoint()
  }
}

function digestAt(digests: Uint8Array, i: number): Uint8Array {
  return digests.subarray(i * DIGEST_BYTES, (i + 1) * DIGEST_BYTES)
}
