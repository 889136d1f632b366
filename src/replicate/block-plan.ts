import { isIngotError } from '../core/errors.ts'
import type { Limits } from '../core/limits.ts'
import { BLOCK_KEY_BYTES, LEAF_BLOCKS, blockCount } from '../image/blocks.ts'
import { DIGEST_BYTES, type Digest } from '../image/digest.ts'
import { leafLength, runLength } from '../image/leaves.ts'
import { FROM_ORIGIN } from '../store/seed-blocks.ts'
import type { Run } from '../wire/content.ts'
import type { FileSeeds } from './file-seeds.ts'
import { partRun, wholeRuns, type PartLeaf, type PartLeaves, type WholeLeaves } from './file-runs.ts'
import type { WithStream } from './target.ts'

export interface BlockPlanInit {
  image: Digest
  size: number
  limits: Limits
  seeds: FileSeeds
}

/** Leaves that are not wanted but stand between two that are, over which one request for keys goes on. */
const GAP_LEAVES = 8
/** Requests for keys that are sent ahead. */
const AHEAD = 16
/** Leaves made of blocks in one run: bounds what its answer is put together from. */
const PART_LEAVES = 64

/**
 * The leaves that no seed has, for which blocks of 4 KiB are looked for in the seeds: their keys come from the origin, the seeds are read
 * once. The origin learns which of its blocks are wanted, and nothing else.
 */
export class BlockPlan {
  readonly #init: BlockPlanInit
  readonly #leaves: number[] = []
  readonly #digests: Buffer[] = []
  #missing = 0

  constructor(init: BlockPlanInit) {
    this.#init = init
  }

  get isFull(): boolean {
    return this.#leaves.length >= this.#init.limits.seedBlockLeaves
  }

  /** Takes a leaf and the digest that it must have; leaves come in ascending order. */
  add(leaf: number, digest: Uint8Array): void {
    this.#leaves.push(leaf)
    this.#digests.push(Buffer.from(digest))
    this.#missing += leafLength(this.#init.size, leaf)
  }

  /** How the leaves come here. */
  async runs(withStream: WithStream): Promise<(WholeLeaves | PartLeaves)[]> {
    const { size, limits, seeds } = this.#init
    const digests = Buffer.concat(this.#digests)
    const most = limits.requestLeaves
    if (this.#missing < limits.seedBlockMissing)
      return wholeRuns(size, { leaves: this.#leaves, digests }, most)
    const wanted = await this.#keys(withStream).catch((error: unknown) => {
      if (isIngotError(error, 'protocol')) return undefined // an origin that has no keys: all is fetched whole
      throw error
    })
    if (wanted === undefined) return wholeRuns(size, { leaves: this.#leaves, digests }, most)
    const found = await seeds.findBlocks(wanted.numbers, wanted.keys, this.#missing)
    const digestOf = (i: number) => digests.subarray(i * DIGEST_BYTES, (i + 1) * DIGEST_BYTES)
    const whole: { leaves: number[]; digests: Buffer[] } = { leaves: [], digests: [] }
    const parts = new PartRuns(this.#init)
    let at = 0
    for (const [i, leaf] of this.#leaves.entries()) {
      const count = blockCount(leafLength(size, leaf))
      const sources = found.subarray(at, at + count)
      at += count
      if (sources.every((source) => source === FROM_ORIGIN)) {
        whole.leaves.push(leaf)
        whole.digests.push(digestOf(i))
      } else parts.add({ leaf, digest: digestOf(i), sources })
    }
    const wholes = wholeRuns(size, { leaves: whole.leaves, digests: Buffer.concat(whole.digests) }, most)
    return [...parts.end(), ...wholes].toSorted((one, other) => one.first - other.first)
  }

  /** Numbers of the blocks of all leaves, and their keys, from the origin. */
  async #keys(withStream: WithStream): Promise<{ numbers: Float64Array; keys: Uint8Array }> {
    const { image, size, limits } = this.#init
    const blocks = this.#leaves.reduce((sum, leaf) => sum + blockCount(leafLength(size, leaf)), 0)
    const numbers = new Float64Array(blocks)
    const keys = new Uint8Array(blocks * BLOCK_KEY_BYTES)
    const runs = spanning(this.#leaves, limits.blockKeyLeaves)
    let next = 0
    let at = 0
    const take = (run: Run, answer: Uint8Array) => {
      for (; (this.#leaves[next] ?? Infinity) < run.first + run.count; next++) {
        const leaf = this.#leaves[next] as number
        const count = blockCount(leafLength(size, leaf))
        const from = (leaf - run.first) * LEAF_BLOCKS * BLOCK_KEY_BYTES
        keys.set(answer.subarray(from, from + count * BLOCK_KEY_BYTES), at * BLOCK_KEY_BYTES)
        for (let block = 0; block < count; block++) numbers[at++] = leaf * LEAF_BLOCKS + block
      }
    }
    await withStream(async (stream) => {
      const asked: Run[] = []
      const answer = async () => {
        const run = asked.shift() as Run
        const bytes = Buffer.allocUnsafe(blockCount(runLength(size, run.first, run.count)) * BLOCK_KEY_BYTES)
        await stream.answer(bytes)
        take(run, bytes)
      }
      for (const run of runs) {
        await stream.ask({ image, what: 'blockKeys', run })
        asked.push(run)
        if (asked.length === AHEAD) await answer()
      }
      while (asked.length > 0) await answer()
    })
    return { numbers, keys }
  }
}

/** Runs of at most `most` leaves that have all of these, and few others. */
function spanning(leaves: readonly number[], most: number): Run[] {
  const runs: Run[] = []
  for (const leaf of leaves) {
    const last = runs.at(-1)
    const count = last === undefined ? 0 : leaf + 1 - last.first
    if (last !== undefined && leaf <= last.first + last.count + GAP_LEAVES && count <= most)
      last.count = count
    else runs.push({ first: leaf, count: 1 })
  }
  return runs
}

/** Gathers leaves that are put together from blocks into runs. */
class PartRuns {
  readonly #init: BlockPlanInit
  readonly #runs: PartLeaves[] = []
  #leaves: PartLeaf[] = []

  constructor(init: BlockPlanInit) {
    this.#init = init
  }

  add(part: PartLeaf): void {
    const first = this.#leaves[0]?.leaf ?? part.leaf
    const isFar = part.leaf - first >= this.#init.limits.blockRunLeaves
    if (isFar || this.#leaves.length >= PART_LEAVES) this.#close()
    this.#leaves.push(part)
  }

  end(): PartLeaves[] {
    this.#close()
    return this.#runs
  }

  #close(): void {
    if (this.#leaves.length > 0) this.#runs.push(partRun(this.#init.size, this.#leaves))
    this.#leaves = []
  }
}
