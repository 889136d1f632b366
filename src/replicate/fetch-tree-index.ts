import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { IngotError, describeError, isIngotError } from '../core/errors.ts'
import type { Limits } from '../core/limits.ts'
import { DIGEST_BYTES, hash, toDigest, type Digest } from '../image/digest.ts'
import { LEAF_BYTES, leafLength, zeroLeafDigest } from '../image/leaves.ts'
import { LeafList, PageTable, pageDigest, type DecodePage } from '../image/tree.ts'
import { StagedTree } from '../store/staged-tree.ts'
import { checkTree, foldsCase, type TreeNeeds } from '../store/tree-check.ts'
import type { TreeIndex } from '../store/tree-index.ts'
import type { Run } from '../wire/content.ts'
import type { WorkPool } from '../store/work/pool.ts'
import type { ArrivingPatch } from './patch.ts'
import type { TreeSeeds } from './tree-seeds.ts'
import type { WithStream } from './target.ts'

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
  patch: ArrivingPatch
  decodePage: DecodePage
  signal: AbortSignal
  /** Told the space that the index takes, before it is written. */
  reserveIndex: (bytes: number) => Promise<void>
  work: WorkPool
  /** Opens what may hold files of the tree on this disk; the target closes it. */
  seeds: () => Promise<TreeSeeds | undefined>
  /** So many bytes were taken from this disk. */
  onLocal: (bytes: number) => void
}

/**
 * Brings the index of a tree here: the page table (verified against the content root), all pages (against the table), the check
 * of every entry, all leaf digests (against the files' digests). Nothing of the tree itself is made meanwhile.
 */
export class TreeIndexFetch {
  readonly #init: TreeTargetInit
  #staged: StagedTree | undefined
  /** Bytes of full leaves of zeros, which become holes. */
  #zeroBytes = 0

  constructor(init: TreeTargetInit) {
    this.#init = init
  }

  /** The staged tree, where there is one yet. */
  get begun(): StagedTree | undefined {
    return this.#staged
  }

  /** The staged tree. */
  get staged(): StagedTree {
    if (this.#staged === undefined) throw new Error('the index is not here yet')
    return this.#staged
  }

  /** Throws TreeFault for an index that is authentic and may not be used. */
  async run(withStream: WithStream): Promise<{ needs: TreeNeeds; zeroBytes: number }> {
    const { content, staging, place, limits, decodePage } = this.#init
    await mkdir(staging, { recursive: true, mode: 0o700 })
    this.#staged =
      (await StagedTree.resume(staging, content, { decodePage, limits })) ?? (await this.#begin(withStream))
    const { index, image } = this.#staged
    await this.#fetchPages(withStream)
    const needs = await this.#check(await foldsCase(dirname(staging)))
    StagedTree.requirePaths([image, place], needs.longestPath)
    await this.#fetchLeafDigests(withStream)
    await index.writeTable()
    await index.sync()
    return { needs, zeroBytes: this.#zeroBytes }
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
      for await (const { first, digests } of this.staged.index.leafDigests(file)) {
        for (const [i, digest] of digests.entries()) {
          list.add(digest, leafLength(file.entry.size, first + i))
          if (digest.equals(zeroLeafDigest(LEAF_BYTES))) this.#zeroBytes += LEAF_BYTES
        }
      }
      if (!list.digest().equals(file.entry.digest)) return file.number
    }
    return undefined
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
function* pageRuns(pages: readonly number[], table: PageTable, most: number): Generator<Run> {
  let run: Run | undefined
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
  index: TreeIndex,
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
