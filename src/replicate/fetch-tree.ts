import { setImmediate } from 'node:timers/promises'
import { IngotError } from '../core/errors.ts'
import { LEAF_BYTES, leafDigest, leafLength, runLength, zeroLeafDigest } from '../image/leaves.ts'
import { soleLeafDigest } from '../image/tree.ts'
import { makeDirectories } from '../store/assemble.ts'
import { unpack } from '../store/place-leaves.ts'
import { SMALL_FILES_AT_ONCE } from '../store/small-file.ts'
import type { StagedTree } from '../store/staged-tree.ts'
import type { PlacedFile } from '../store/tree-index.ts'
import type { ContentAnswerBytes } from '../net/content.ts'
import type { ContentRequest } from '../wire/content.ts'
import { TreeIndexFetch, type TreeTargetInit } from './fetch-tree-index.ts'
import { TreeRuns, type TreeRun } from './tree-runs.ts'
import type { Findings, Needs, Target, WithStream } from './target.ts'

/**
 * A tree on its way here: its whole index first; only then anything of the tree itself is made: its directories, then the leaves
 * of its files that are neither zero nor on disk, in runs that cross files.
 */
export class TreeTarget implements Target<TreeRun> {
  readonly #init: TreeTargetInit
  readonly #index: TreeIndexFetch
  /** Leaves of a file that are still under way. */
  readonly #open = new Map<number, number>()
  /** Set-id bits, privileged attributes and recorded owners of the tree. */
  privileged = 0

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
    const { index, image } = this.staged
    this.privileged = needs.privileged
    await makeDirectories({ index, root: image, signal: this.#init.signal })
    const used = await this.staged.usage()
    return {
      bytes: Math.max(0, needs.bytes - zeroBytes - used.bytes),
      inodes: Math.max(0, needs.inodes - used.inodes),
    }
  }

  async plan(findings: Findings<TreeRun>): Promise<void> {
    const { index } = this.staged
    const { requestTreeLeaves, requestLeaves } = this.#init.limits
    const runs = new TreeRuns(findings, { leaves: requestTreeLeaves, bytes: requestLeaves * LEAF_BYTES })
    for (let page = 0; page < index.table.pages; page++) {
      for (const file of await index.files(page)) {
        if (this.staged.isWhole(file.number)) findings.found(file.entry.size)
        else if (file.entry.size === 0) this.staged.markWhole(file.number)
        else await this.#planFile(file, runs, findings)
      }
    }
    await runs.end()
  }

  /** Finds what of a file is neither zeros nor on disk from before. */
  async #planFile(file: PlacedFile, runs: TreeRuns, findings: Findings<TreeRun>): Promise<void> {
    const { size, digest } = file.entry
    this.#open.set(file.number, file.leaves)
    if (file.leaves === 1) {
      const here = await this.#readBack(file, 0, size)
      if (here?.length === size && soleLeafDigest(here).equals(digest)) await this.#have(file, 0, findings)
      else await runs.add({ file, leaf: 0, length: size, expected: undefined })
      return
    }
    for await (const { first, digests } of this.staged.index.leafDigests(file)) {
      const here = await this.#readBack(file, first * LEAF_BYTES, runLength(size, first, digests.length))
      for (const [i, expected] of digests.entries()) {
        const length = leafLength(size, first + i)
        const found = here?.subarray(i * LEAF_BYTES, i * LEAF_BYTES + length) ?? Buffer.alloc(0)
        const zero = zeroLeafDigest(length).equals(expected)
        if (found.length === length && leafDigest(found).equals(expected))
          await this.#have(file, first + i, findings)
        else if (zero) {
          // What an attempt before left in the place of a hole is overwritten.
          if (found.length > 0) await this.staged.write(file, (first + i) * LEAF_BYTES, Buffer.alloc(length))
          await this.#have(file, first + i, findings)
        } else await runs.add({ file, leaf: first + i, length, expected })
      }
    }
  }

  async #readBack(file: PlacedFile, position: number, length: number): Promise<Buffer | undefined> {
    return this.staged.resumed ? await this.staged.readBack(file, position, length) : undefined
  }

  async #have(file: PlacedFile, leaf: number, findings: Findings<TreeRun>): Promise<void> {
    findings.found(leafLength(file.entry.size, leaf))
    await this.#finish(file, 1)
  }

  request(run: TreeRun): { request: ContentRequest; most: number } {
    const { first, count } = run
    return {
      request: { image: this.#init.image, what: 'leaves', run: { first, count }, zstd: true },
      most: run.bytes,
    }
  }

  async take(run: TreeRun, answer: ContentAnswerBytes): Promise<number> {
    const bytes = answer.compressed ? unpack(answer.bytes, run.bytes) : answer.bytes
    if (!answer.compressed && answer.bytes.length !== run.bytes)
      throw new IngotError(
        'protocol',
        `an answer of ${answer.bytes.length} bytes where ${run.bytes} were asked for`,
      )
    if (bytes?.length !== run.bytes) return run.count
    const wrong = wrongLeaves(run, bytes)
    if (wrong === 0) await this.#accept(run, bytes)
    return wrong
  }

  async #accept(run: TreeRun, bytes: Uint8Array): Promise<void> {
    const parts: { file: PlacedFile; leaf: number; count: number; bytes: Uint8Array }[] = []
    let at = 0
    for (const { file, leaf, length } of run.leaves) {
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
    await this.#index.begun?.close()
  }
}

function wrongLeaves(run: TreeRun, bytes: Uint8Array): number {
  let wrong = 0
  let at = 0
  for (const { file, length, expected } of run.leaves) {
    const leaf = bytes.subarray(at, at + length)
    const verifies =
      expected === undefined
        ? soleLeafDigest(leaf).equals(file.entry.digest)
        : leafDigest(leaf).equals(expected)
    if (!verifies) wrong++
    at += length
  }
  return wrong
}
