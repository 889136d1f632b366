import { IngotError } from '../core/errors.ts'
import type { Limits } from '../core/limits.ts'
import type { ContentAnswerBytes } from '../net/content.ts'
import { DIGEST_BYTES, digestAt, type Digest } from '../image/digest.ts'
import { LEAF_BYTES, SEGMENT_LEAVES, leafCount, leafLength, segmentLeaves } from '../image/leaves.ts'
import { localBytes } from '../store/seed-blocks.ts'
import type { LeafWish } from '../store/seed-index.ts'
import type { Needs } from '../store/space.ts'
import type { StagedFile } from '../store/staging.ts'
import type { WorkPool } from '../store/work/pool.ts'
import type { ContentRequest } from '../wire/content.ts'
import { BlockPlan } from './block-plan.ts'
import { FileIndexFetch, type SegmentList } from './fetch-file-index.ts'
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
 * A file on its way here: its index, then the leaves that are neither zero nor on disk: from seeds, from blocks of seeds and of the
 * origin, from a patch, or whole from the origin.
 */
export class FileTarget implements Target<FileRun> {
  readonly #image: Digest
  readonly #index: FileIndexFetch
  readonly #staged: StagedFile
  readonly #limits: Limits
  readonly #work: WorkPool
  readonly #init: FileTargetInit
  readonly #size: number
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
    this.#index = new FileIndexFetch(staged, init)
    this.#limits = init.limits
    this.#work = init.work
    this.#init = init
    this.#size = staged.size
  }

  async prepare(withStream: WithStream): Promise<Needs> {
    await this.#index.run(withStream)
    return { bytes: await this.#index.neededBytes(), inodes: 0 }
  }

  async probe(withStream: WithStream): Promise<void> {
    await withStream(async (stream) => {
      await stream.ask({ image: this.#image, what: 'segments', run: { first: 0, count: 1 } })
      await stream.answer(Buffer.alloc(DIGEST_BYTES))
    })
  }

  async plan(findings: Findings<FileRun>, withStream: WithStream): Promise<void> {
    this.#findings = findings
    await this.#chooseWays(findings, withStream)
    if (this.#seeds !== undefined && !findings.counts)
      this.#blocks = new BlockPlan({ ...this.#init, size: this.#size, seeds: this.#seeds })
    findings.found(this.#staged.wholeBytes())
    for await (const lists of this.#index.leafLists(withStream, this.#seeds)) {
      for (const list of lists) await this.#planSegment(list, findings)
      if (this.#blocks?.isFull === true) await this.#planBlocks(findings, withStream)
    }
    await this.#planBlocks(findings, withStream)
    await this.#patched?.end()
  }

  /** A patch from an ancestor is the shortest way, then what this disk has, then a patch from nothing. */
  async #chooseWays(findings: Findings<FileRun>, withStream: WithStream): Promise<void> {
    const missing = this.#index.missingBytes()
    if (missing === 0) return
    const { patch, limits } = this.#init
    const leaves = leafCount(this.#size)
    const isPatched = !findings.counts && (await patch.askFromAncestor(withStream, leaves))
    if (!isPatched && missing >= limits.seedLeastBytes) this.#seeds = await this.#init.seeds()
    if (!isPatched && this.#seeds === undefined && !findings.counts)
      await patch.askFromNothing(withStream, leaves)
    this.#patched = new PatchRuns(limits, async (run) => await findings.put(run))
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

  /** Takes of a segment what this disk has, and queues the rest. */
  async #planSegment(list: SegmentList, findings: Findings<FileRun>): Promise<void> {
    const { segment, first, digests } = list
    const { wanted, found } = await this.#index.missingLeaves(list)
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
    const taken = await this.#seeds.take(this.#staged.descriptor, {
      ...wish,
      digests: new Uint8Array(wish.digests),
    })
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
        const place = { target: this.#staged.data, wanted: leaves.map((leaf) => leaf - first), digests }
        const wrongLeaves = await this.#work.run('placeGroup', { ...source, ...place })
        if (wrongLeaves === 0) this.#init.onLocal(Math.min(wanted.bytes, copiedBytes(source)))
        return wrongLeaves
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
    // Leaf by leaf: what was fetched for a wrong one must not hide what another took.
    this.#init.onLocal(localBytes(parts, wrong))
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
