import { mkdir } from 'node:fs/promises'
import { setImmediate } from 'node:timers/promises'
import { describeError, IngotError, isIngotError } from '../core/errors.ts'
import type { Limits } from '../core/limits.ts'
import { DIGEST_BYTES, hash, toDigest, type Digest } from '../image/digest.ts'
import {
  LEAF_BYTES,
  SEGMENT_LEAVES,
  leafDigest,
  leafLength,
  runLength,
  zeroLeafDigest,
} from '../image/leaves.ts'
import { LeafList, PageTable, pageDigest, soleLeafDigest, type DecodePage } from '../image/tree.ts'
import { makeDirectories } from '../store/assemble.ts'
import { SMALL_FILES_AT_ONCE } from '../store/small-file.ts'
import { StagedTree } from '../store/staged-tree.ts'
import { checkTree, foldsCase, type TreeNeeds } from '../store/tree-check.ts'
import type { PlacedFile } from '../store/tree-index.ts'
import { TreeRuns, type TreeRun } from './tree-runs.ts'
import type { Findings, Needs, Target, WithStream } from './target.ts'

/** An index that has the root that the origin signed, and is not one of a tree that may be made here. */
export class TreeFault extends Error {}

export interface TreeTargetInit {
  image: Digest
  /** What the manifest says of the content. */
  content: Digest
  size: number
  entries: number
  /** Staging directory of the job. */
  staging: string
  /** Where the tree will lie in the end. */
  place: string
  limits: Limits
  decodePage: DecodePage
  signal: AbortSignal
  /** Told the space that the index takes, before it is written. */
  reserveIndex: (bytes: number) => Promise<void>
}

/**
 * A tree on its way here: the page table (verified against the content root), all pages (against the table), the check of every
 * entry, all leaf digests (against the files' digests); only then anything of the tree itself is made: its directories, then
 * the leaves of its files, in runs that cross them.
 */
export class TreeTarget implements Target<TreeRun> {
  readonly #init: TreeTargetInit
  #staged: StagedTree | undefined
  /** Leaves of a file that are still under way. */
  readonly #open = new Map<number, number>()
  /** Set-id bits, privileged attributes and recorded owners of the tree. */
  privileged = 0
  /** Bytes of full leaves of zeros, which become holes. */
  #zeroBytes = 0

  constructor(init: TreeTargetInit) {
    this.#init = init
  }

  /** The staged tree, once it is prepared. */
  get staged(): StagedTree {
    if (this.#staged === undefined) throw new Error('the tree is not prepared')
    return this.#staged
  }

  async prepare(withStream: WithStream): Promise<Needs> {
    const { content, staging, place, limits, signal, decodePage } = this.#init
    await mkdir(staging, { recursive: true, mode: 0o700 })
    this.#staged =
      (await StagedTree.resume(staging, content, { decodePage, limits })) ?? (await this.#begin(withStream))
    const { index, image } = this.#staged
    await this.#fetchPages(withStream)
    const needs = await this.#check(await foldsCase(staging))
    this.privileged = needs.privileged
    StagedTree.requirePaths([image, place], needs.longestPath)
    await this.#fetchLeafDigests(withStream)
    await index.writeTable()
    await index.sync()
    await makeDirectories({ index, root: image, signal })
    const used = await this.#staged.usage()
    return {
      bytes: Math.max(0, needs.bytes - this.#zeroBytes - used.bytes),
      inodes: Math.max(0, needs.inodes - used.inodes),
    }
  }

  async #begin(withStream: WithStream): Promise<StagedTree> {
    const { image, content, size, entries, limits, decodePage, staging } = this.#init
    const bytes = await withStream(async (stream) => {
      await stream.ask({ image, what: 'pageTable' })
      return await stream.answerUpTo(limits.payloadBytes)
    })
    if (toDigest(hash('ingot/tree-index/1', bytes)) !== content)
      throw new IngotError('wrong-content', 'the page table does not have the root that the manifest names')
    const table = faulty(() => PageTable.parse(bytes, limits))
    if (table.counts.bytes !== size || table.counts.entries !== entries)
      throw new TreeFault('the manifest has another size or number of entries than the tree')
    await this.#init.reserveIndex(table.offset(table.pages) + bytes.length)
    return await StagedTree.begin(staging, table, { decodePage, limits })
  }

  /** Pages that are not here, in runs of at most one answer. */
  async #fetchPages(withStream: WithStream): Promise<void> {
    const { index } = this.staged
    const { table } = index
    const missing: number[] = []
    for (let page = 0; page < table.pages; page++) {
      const here = this.staged.resumed && pageDigest(await index.readPages(page)).equals(table.digest(page))
      if (!here) missing.push(page)
    }
    if (missing.length === 0) return
    await withStream(async (stream) => {
      for (const { first, count } of pageRuns(missing, table, this.#init.limits.payloadBytes)) {
        const bytes = Buffer.allocUnsafe(table.offset(first + count) - table.offset(first))
        await stream.ask({ image: this.#init.image, what: 'pages', run: { first, count } })
        await stream.answer(bytes)
        for (let page = first; page < first + count; page++) {
          const from = table.offset(page) - table.offset(first)
          const part = bytes.subarray(from, from + table.length(page))
          if (!pageDigest(part).equals(table.digest(page)))
            throw new IngotError('wrong-content', `page ${page} of the tree does not verify`)
          await index.writePage(page, part)
        }
      }
    })
  }

  async #check(folds: boolean): Promise<TreeNeeds> {
    const { limits, signal } = this.#init
    try {
      return await checkTree(this.staged.index, { limits, foldsCase: folds, signal })
    } catch (error) {
      if (isIngotError(error, 'invalid', 'too-large'))
        throw new TreeFault(describeError(error), { cause: error })
      throw error
    }
  }

  /** Leaf digests of files with two leaves or more, as many as one answer carries at a time; each list is verified. */
  async #fetchLeafDigests(withStream: WithStream): Promise<void> {
    const { index } = this.staged
    const { listed } = index.totals
    if (listed === 0) return
    if (this.staged.resumed && (await this.#wrongLists()) === undefined) return
    await this.#init.reserveIndex(listed * DIGEST_BYTES)
    const most = Math.floor(this.#init.limits.payloadBytes / DIGEST_BYTES)
    await withStream(async (stream) => {
      for (const run of await listedRuns(index, most)) {
        const bytes = Buffer.allocUnsafe(run.listed * DIGEST_BYTES)
        await stream.ask({ image: this.#init.image, what: 'leafDigests', run })
        await stream.answer(bytes)
        await index.writeLeafDigests(run.firstListed, bytes)
      }
    })
    const wrong = await this.#wrongLists()
    if (wrong !== undefined)
      throw new IngotError('wrong-content', `the leaf list of file ${wrong} does not verify`)
  }

  /** Number of the first file whose leaf list is not the one that its entry names. */
  async #wrongLists(): Promise<number | undefined> {
    const { index } = this.staged
    this.#zeroBytes = 0
    for await (const file of index.filesFrom(0)) {
      if (file.leaves < 2) continue
      this.#init.signal.throwIfAborted()
      const list = new LeafList()
      for await (const { first, digests } of leafDigestsOf(this.staged, file)) {
        for (const [i, digest] of digests.entries()) {
          list.add(digest, leafLength(file.entry.size, first + i))
          if (digest.equals(zeroLeafDigest(LEAF_BYTES))) this.#zeroBytes += LEAF_BYTES
        }
      }
      if (!list.digest().equals(file.entry.digest)) return file.number
    }
    return undefined
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
    for await (const { first, digests } of leafDigestsOf(this.staged, file)) {
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

  wrongLeaves(run: TreeRun, bytes: Buffer): number {
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

  async accept(run: TreeRun, bytes: Buffer): Promise<void> {
    const parts: { file: PlacedFile; leaf: number; count: number; bytes: Buffer }[] = []
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
    await this.#staged?.checkpoint()
  }

  async close(): Promise<void> {
    await this.#staged?.close()
  }
}

/** Does `work`, whose errors are those of an index that its origin signed. */
function faulty<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw new TreeFault(describeError(error), { cause: error })
  }
}

/** Runs of pages, none larger than an answer. */
function* pageRuns(
  pages: readonly number[],
  table: PageTable,
  most: number,
): Generator<{ first: number; count: number }> {
  let run: { first: number; count: number } | undefined
  for (const page of pages) {
    const fits =
      run !== undefined &&
      run.first + run.count === page &&
      table.offset(page + 1) - table.offset(run.first) <= most
    if (run !== undefined && fits) run.count++
    else {
      if (run !== undefined) yield run
      run = { first: page, count: 1 }
    }
  }
  if (run !== undefined) yield run
}

/** Runs of at most `most` leaves over all files that have listed digests. */
async function listedRuns(
  index: StagedTree['index'],
  most: number,
): Promise<{ first: number; count: number; firstListed: number; listed: number }[]> {
  const runs: { first: number; count: number; firstListed: number; listed: number }[] = []
  for await (const file of index.filesFrom(0)) {
    if (file.leaves < 2) continue
    for (let done = 0; done < file.leaves;) {
      const next = file.firstLeaf + done
      let last = runs.at(-1)
      if (last === undefined || next - last.first >= most) {
        last = { first: next, count: 0, firstListed: file.firstListed + done, listed: 0 }
        runs.push(last)
      }
      const take = Math.min(last.first + most - next, file.leaves - done)
      last.listed += take
      last.count = next + take - last.first
      done += take
    }
  }
  return runs
}

/** Leaf digests of a file with two leaves or more, a segment at a time. */
async function* leafDigestsOf(
  { index }: StagedTree,
  file: PlacedFile,
): AsyncGenerator<{ first: number; digests: Buffer[] }> {
  for (let first = 0; first < file.leaves; first += SEGMENT_LEAVES) {
    const count = Math.min(SEGMENT_LEAVES, file.leaves - first)
    const bytes = await index.readLeafDigests(file.firstListed + first, count)
    const digests = Array.from({ length: count }, (_, i) =>
      bytes.subarray(i * DIGEST_BYTES, (i + 1) * DIGEST_BYTES),
    )
    yield { first, digests }
  }
}
