import { setImmediate } from 'node:timers/promises'
import { IngotError } from '../core/errors.ts'
import { LEAF_BYTES, leafDigest, leafLength, runLength, zeroLeafDigest } from '../image/leaves.ts'
import { soleLeafDigest } from '../image/tree.ts'
import { makeDirectories } from '../store/assemble.ts'
import { GROUP_LEAVES, type GroupLeaves } from '../store/patch-part.ts'
import { unpack } from '../store/place-leaves.ts'
import { SMALL_FILES_AT_ONCE } from '../store/small-file.ts'
import type { Needs } from '../store/space.ts'
import type { StagedTree } from '../store/staged-tree.ts'
import type { PlacedFile } from '../store/tree-index.ts'
import type { ContentAnswerBytes } from '../net/content.ts'
import type { ContentRequest } from '../wire/content.ts'
import { TreeIndexFetch, type TreeTargetInit } from './fetch-tree-index.ts'
import { PatchRuns, partsOf, splitPatch, type PatchRun, type PatchedGroup } from './patch.ts'
import { TakeSeeds, takenBytes } from './take-seeds.ts'
import type { TreeSeeds } from './tree-seeds.ts'
import {
  TreeGroups,
  TreeRuns,
  leavesOf,
  splitTreeRun,
  wrongLeaves,
  type TreeLeaf,
  type TreeRun,
} from './tree-runs.ts'
import type { Findings, Target, WithStream } from './target.ts'

/** What of a tree one request brings. */
export type TreeWay = TreeRun | PatchRun<readonly TreeLeaf[]>

/**
 * A tree on its way here: its whole index first; only when there is space for the tree anything of it is made: its directories, then
 * the leaves of its files that are neither zero nor on disk: from seeds, and the rest from the origin in runs that cross files.
 */
export class TreeTarget implements Target<TreeWay> {
  readonly #init: TreeTargetInit
  readonly #index: TreeIndexFetch
  /** Leaves of a file that are still under way. */
  readonly #open = new Map<number, number>()
  #seeds: TreeSeeds | undefined
  #take: TakeSeeds | undefined
  #planned = 0
  /** Set-id bits, privileged attributes and recorded owners of the tree. */
  privileged = 0
  #findings: Findings<TreeWay> | undefined

  constructor(init: TreeTargetInit) {
    this.#init = init
    this.#index = new TreeIndexFetch(init)
  }

  /** The staged tree, once it is prepared. */
  get staged(): StagedTree {
    return this.#index.staged
  }

  async prepare(withStream: WithStream): Promise<Needs> {
    const { needs, zeroBytes } = await this.#index.run(withStream)
    this.privileged = needs.privileged
    const used = await this.staged.usage()
    return {
      bytes: Math.max(0, needs.bytes - zeroBytes - used.bytes),
      inodes: Math.max(0, needs.inodes - used.inodes),
    }
  }

  async probe(withStream: WithStream): Promise<void> {
    const { image, limits } = this.#init
    await withStream(async (stream) => {
      await stream.ask({ image, what: 'pages', run: { first: 0, count: 1 } })
      await stream.answerUpTo(limits.treePageBytes)
    })
  }

  async plan(findings: Findings<TreeWay>, withStream: WithStream): Promise<void> {
    const { index, image } = this.staged
    const { patch, limits, signal } = this.#init
    this.#findings = findings
    if (!findings.counts) await makeDirectories({ index, root: image, signal })
    await this.#chooseWays(findings, withStream)
    const put = async (run: TreeWay) => await findings.put(run)
    const runs = new TreeGroups(patch, new PatchRuns(limits, put), this.#plainRuns(put))
    for (let page = 0; page < index.table.pages; page++) {
      for (const file of await index.files(page)) {
        if (this.staged.isWhole(file.number)) findings.found(file.entry.size)
        else if (file.entry.size === 0) this.staged.markWhole(file.number)
        else await this.#planFile(file, runs, findings)
      }
    }
    await runs.end()
  }

  /** A patch from an ancestor is the shortest way, then what this disk has, then a patch from nothing. */
  async #chooseWays(findings: Findings<TreeWay>, withStream: WithStream): Promise<void> {
    const { patch, work, limits, size } = this.#init
    const { leaves } = this.staged.index.totals
    if (leaves === 0) return
    if (!findings.counts && (await patch.askFromAncestor(withStream, leaves))) return
    if (size >= limits.seedLeastBytes) this.#seeds = await this.#init.seeds()
    if (this.#seeds !== undefined)
      this.#take = new TakeSeeds({
        seeds: this.#seeds,
        staged: this.staged,
        work,
        counts: findings.counts,
      })
    else if (!findings.counts) await patch.askFromNothing(withStream, leaves)
  }

  #plainRuns(put: (run: TreeRun) => Promise<void>): TreeRuns {
    const { requestTreeLeaves, requestLeaves } = this.#init.limits
    return new TreeRuns({ put }, { leaves: requestTreeLeaves, bytes: requestLeaves * LEAF_BYTES })
  }

  /** Finds what of a file is neither zeros, nor on disk from before, nor in a seed. */
  async #planFile(file: PlacedFile, runs: TreeGroups, findings: Findings<TreeWay>): Promise<void> {
    this.#open.set(file.number, file.leaves)
    if (file.leaves === 1) await this.#planSmall(file, runs, findings)
    else await this.#planLarge(file, runs, findings)
    if (++this.#planned % SMALL_FILES_AT_ONCE === 0) await setImmediate()
  }

  async #planSmall(file: PlacedFile, runs: TreeGroups, findings: Findings<TreeWay>): Promise<void> {
    const { size, digest } = file.entry
    const here = await this.#readBack(file, 0, size)
    if (here?.length === size && soleLeafDigest(here).equals(digest)) {
      await this.staged.keep(file, 0, here)
      await this.#have(file, 0, findings)
    } else if ((await this.#take?.small(file)) === true) {
      this.#init.onLocal(size)
      await this.#have(file, 0, findings)
    } else await runs.add({ file, leaf: 0, length: size, expected: undefined })
  }

  async #planLarge(file: PlacedFile, runs: TreeGroups, findings: Findings<TreeWay>): Promise<void> {
    const { size } = file.entry
    for await (const { first, digests } of this.staged.index.leafDigests(file)) {
      const here = await this.#readBack(file, first * LEAF_BYTES, runLength(size, first, digests.length))
      const wanted: number[] = []
      for (const [i, expected] of digests.entries()) {
        const length = leafLength(size, first + i)
        const found = here?.subarray(i * LEAF_BYTES, i * LEAF_BYTES + length) ?? Buffer.alloc(0)
        const zero = zeroLeafDigest(length).equals(expected)
        if (found.length === length && leafDigest(found).equals(expected)) {
          await this.staged.keep(file, (first + i) * LEAF_BYTES, found)
          await this.#have(file, first + i, findings)
        } else if (zero) {
          // What an attempt before left in the place of a hole is overwritten.
          if (found.length > 0) await this.staged.write(file, (first + i) * LEAF_BYTES, Buffer.alloc(length))
          await this.#have(file, first + i, findings)
        } else wanted.push(i)
      }
      const wish = { first, size, digests: Buffer.concat(digests), wanted }
      const left = (await this.#take?.leaves(file, wish)) ?? wanted
      this.#init.onLocal(takenBytes(wish, left))
      const still = new Set(left)
      for (const i of wanted) {
        if (!still.has(i)) await this.#have(file, first + i, findings)
        else
          await runs.add({
            file,
            leaf: first + i,
            length: leafLength(size, first + i),
            expected: digests[i],
          })
      }
    }
  }

  async #readBack(file: PlacedFile, position: number, length: number): Promise<Buffer | undefined> {
    return this.staged.resumed ? await this.staged.readBack(file, position, length) : undefined
  }

  async #have(file: PlacedFile, leaf: number, findings: Findings<TreeWay>): Promise<void> {
    findings.found(leafLength(file.entry.size, leaf))
    if (!findings.counts) await this.#finish(file, 1)
  }

  split(run: TreeWay, bytes: number): [TreeWay, TreeWay] | undefined {
    if ('groups' in run) return splitPatch(run, bytes)
    return splitTreeRun(run, bytes)
  }

  request(run: TreeWay): { request: ContentRequest; most: number } {
    if ('groups' in run) return this.#init.patch.request(run)
    const { first, count } = run
    return {
      request: { image: this.#init.image, what: 'leaves', run: { first, count }, zstd: true },
      most: run.bytes,
    }
  }

  async take(run: TreeWay, answer: ContentAnswerBytes): Promise<number> {
    if ('groups' in run) {
      await this.#takePatch(run, answer)
      return 0
    }
    const bytes = answer.compressed ? unpack(answer.bytes, run.bytes) : answer.bytes
    if (!answer.compressed && answer.bytes.length !== run.bytes)
      throw new IngotError(
        'protocol',
        `an answer of ${answer.bytes.length} bytes where ${run.bytes} were asked for`,
      )
    if (bytes?.length !== run.bytes) return run.count
    const wrong = wrongLeaves(run.leaves, bytes)
    if (wrong === 0) await this.#accept(run.leaves, bytes)
    return wrong
  }

  /** Makes groups from their parts. One that does not come out right is fetched whole, and the patch is not asked any more. */
  async #takePatch(
    run: PatchRun<readonly TreeLeaf[]>,
    { bytes, compressed }: ContentAnswerBytes,
  ): Promise<void> {
    if (compressed) throw new IngotError('protocol', 'a compressed answer where none was allowed')
    const { patch, work } = this.#init
    for (const { wanted, part } of partsOf(run, bytes)) {
      const group = await this.#groupLeaves(wanted.group)
      const made = await patch.withSource(part, group, async (source) => await work.run('makeGroup', source))
      const leaves = made && leavesOf(wanted.wanted, group, made)
      if (leaves !== undefined && wrongLeaves(wanted.wanted, leaves) === 0)
        await this.#accept(wanted.wanted, leaves)
      else {
        patch.giveUp()
        await this.#again(run, wanted)
      }
    }
  }

  async #groupLeaves(group: number): Promise<GroupLeaves> {
    const first = group * GROUP_LEAVES
    const end = Math.min(first + GROUP_LEAVES, this.staged.index.totals.leaves)
    const lengths: number[] = []
    for await (const { entry, firstLeaf, leaves } of this.staged.index.filesFrom(first)) {
      for (let leaf = Math.max(first, firstLeaf); leaf < Math.min(end, firstLeaf + leaves); leaf++)
        lengths.push(leafLength(entry.size, leaf - firstLeaf))
      if (firstLeaf + leaves >= end) break
    }
    return { first, lengths }
  }

  /** Fetches a group of a run as plain leaves. */
  async #again(
    run: PatchRun<readonly TreeLeaf[]>,
    { bytes, wanted }: PatchedGroup<readonly TreeLeaf[]>,
  ): Promise<void> {
    run.bytes -= bytes
    const runs = this.#plainRuns(async (plain) => this.#findings?.again(plain))
    for (const leaf of wanted) await runs.add(leaf)
    await runs.end()
  }

  async withdraw(run: TreeWay): Promise<boolean> {
    if (!('groups' in run)) return false
    this.#init.patch.giveUp()
    for (const group of run.groups) await this.#again(run, group)
    return true
  }

  async #accept(leaves: readonly TreeLeaf[], bytes: Uint8Array): Promise<void> {
    const parts: { file: PlacedFile; leaf: number; count: number; bytes: Uint8Array }[] = []
    let at = 0
    for (const { file, leaf, length } of leaves) {
      const last = parts.at(-1)
      if (last?.file.number === file.number) {
        last.count++
        last.bytes = bytes.subarray(at - last.bytes.length, at + length)
      } else parts.push({ file, leaf, count: 1, bytes: bytes.subarray(at, at + length) })
      at += length
    }
    let written = 0
    const queue = parts.values()
    const writers = Array.from({ length: Math.min(this.#init.limits.openFiles, parts.length) }, async () => {
      for (const part of queue) {
        await this.staged.write(part.file, part.leaf * LEAF_BYTES, part.bytes)
        await this.#finish(part.file, part.count)
        if (++written % SMALL_FILES_AT_ONCE === 0) await setImmediate()
      }
    })
    await Promise.all(writers)
  }

  /** Notes that so many leaves more of a file are here. */
  async #finish(file: PlacedFile, leaves: number): Promise<void> {
    const left = (this.#open.get(file.number) ?? leaves) - leaves
    this.#open.set(file.number, left)
    if (left > 0) return
    this.#open.delete(file.number)
    if (file.leaves > 1 || this.staged.resumed) await this.staged.complete(file)
    this.staged.markWhole(file.number)
  }

  async checkpoint(): Promise<void> {
    await this.#index.begun?.checkpoint()
  }

  async close(): Promise<void> {
    await this.#init.patch.close()
    await this.#seeds?.close()
    await this.#index.begun?.close()
  }
}
