import { leafDigest } from '../image/leaves.ts'
import { soleLeafDigest } from '../image/tree.ts'
import { GROUP_LEAVES, type GroupLeaves } from '../store/patch-part.ts'
import type { PlacedFile } from '../store/tree-index.ts'
import type { ArrivingPatch, PatchRuns } from './patch.ts'
import type { LeafRun } from './runs.ts'
import type { Findings } from './target.ts'

/** A leaf of a tree that is to be fetched. */
export interface TreeLeaf {
  file: PlacedFile
  /** Number in its file. */
  leaf: number
  length: number
  /** Digest that it must have; undefined for the only leaf of a file, which the file's digest verifies. */
  expected: Buffer | undefined
}

/** Leaves in a row through the tree, across files. */
export interface TreeRun extends LeafRun {
  leaves: TreeLeaf[]
}

/** A run as its first leaves, of at most `bytes` and at least one, and the rest; undefined when it is no larger. */
export function splitTreeRun(run: TreeRun, bytes: number): [TreeRun, TreeRun] | undefined {
  let count = 0
  let at = 0
  for (const { length } of run.leaves) {
    if (count > 0 && at + length > bytes) break
    count++
    at += length
  }
  if (count === run.count) return undefined
  return [
    { first: run.first, count, bytes: at, leaves: run.leaves.slice(0, count) },
    {
      first: run.first + count,
      count: run.count - count,
      bytes: run.bytes - at,
      leaves: run.leaves.slice(count),
    },
  ]
}

/** Bytes of the wanted leaves of a group, one after the other. */
export function leavesOf(
  wanted: readonly TreeLeaf[],
  { first, lengths }: GroupLeaves,
  bytes: Uint8Array,
): Buffer {
  const ends: number[] = []
  for (const length of lengths) ends.push((ends.at(-1) ?? 0) + length)
  return Buffer.concat(
    wanted.map(({ file, leaf, length }) => {
      const end = ends[file.firstLeaf + leaf - first] as number
      return bytes.subarray(end - length, end)
    }),
  )
}

/** How many of some leaves do not verify in their bytes, which follow each other. */
export function wrongLeaves(leaves: readonly TreeLeaf[], bytes: Uint8Array): number {
  let wrong = 0
  let at = 0
  for (const { file, length, expected } of leaves) {
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

/** Gathers leaves that follow each other into runs, and queues those that are full. */
export class TreeRuns {
  readonly #findings: Pick<Findings<TreeRun>, 'put'>
  readonly #most: { leaves: number; bytes: number }
  #run: TreeRun | undefined

  constructor(findings: Pick<Findings<TreeRun>, 'put'>, most: { leaves: number; bytes: number }) {
    this.#findings = findings
    this.#most = most
  }

  async add(leaf: TreeLeaf): Promise<void> {
    const number = leaf.file.firstLeaf + leaf.leaf
    const run = this.#run
    const fits =
      run !== undefined &&
      run.first + run.count === number &&
      run.count < this.#most.leaves &&
      run.bytes + leaf.length <= this.#most.bytes
    if (run !== undefined && fits) {
      run.count++
      run.bytes += leaf.length
      run.leaves.push(leaf)
      return
    }
    this.#run = { first: number, count: 1, bytes: leaf.length, leaves: [leaf] }
    if (run !== undefined) await this.#findings.put(run)
  }

  /** Queues what is left. */
  async end(): Promise<void> {
    if (this.#run !== undefined) await this.#findings.put(this.#run)
    this.#run = undefined
  }
}

/** Gathers leaves into the groups of a patch, and hands on to `plain` what the patch is of no use for. */
export class TreeGroups {
  readonly #patch: ArrivingPatch
  readonly #patched: PatchRuns<readonly TreeLeaf[]>
  readonly #plain: TreeRuns
  #group = 0
  #leaves: TreeLeaf[] = []

  constructor(patch: ArrivingPatch, patched: PatchRuns<readonly TreeLeaf[]>, plain: TreeRuns) {
    this.#patch = patch
    this.#patched = patched
    this.#plain = plain
  }

  async add(leaf: TreeLeaf): Promise<void> {
    const group = Math.floor((leaf.file.firstLeaf + leaf.leaf) / GROUP_LEAVES)
    if (group !== this.#group) await this.#flush()
    this.#group = group
    this.#leaves.push(leaf)
  }

  async #flush(): Promise<void> {
    const leaves = this.#leaves
    this.#leaves = []
    if (leaves.length === 0) return
    const bytes = leaves.reduce((sum, { length }) => sum + length, 0)
    const part = this.#patch.partBytes(this.#group, bytes)
    if (part === undefined) for (const leaf of leaves) await this.#plain.add(leaf)
    else await this.#patched.add({ group: this.#group, part, bytes, wanted: leaves })
  }

  /** Queues what is left. */
  async end(): Promise<void> {
    await this.#flush()
    await this.#patched.end()
    await this.#plain.end()
  }
}
