import type { PlacedFile } from '../store/tree-index.ts'
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

/** Gathers leaves that follow each other into runs, and queues those that are full. */
export class TreeRuns {
  readonly #findings: Findings<TreeRun>
  readonly #most: { leaves: number; bytes: number }
  #run: TreeRun | undefined

  constructor(findings: Findings<TreeRun>, most: { leaves: number; bytes: number }) {
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
