import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { leafLength } from '../image/leaves.ts'
import { soleLeafDigest } from '../image/tree.ts'
import type { LeafWish } from '../store/seed-index.ts'
import { readSmallFile } from '../store/small-file.ts'
import type { StagedTree } from '../store/staged-tree.ts'
import type { PlacedFile } from '../store/tree-index.ts'
import type { WorkPool } from '../store/work/pool.ts'
import type { TreeSeeds } from './tree-seeds.ts'

export interface TakeSeedsInit {
  seeds: TreeSeeds
  staged: StagedTree
  work: WorkPool
  /** It is only counted what the seeds have. */
  counts: boolean
}

/** Takes the files of a tree, and leaves of them, from seeds: each leaf is hashed before it is written. */
export class TakeSeeds {
  readonly #init: TakeSeedsInit

  constructor(init: TakeSeedsInit) {
    this.#init = init
  }

  /** Takes a file of one leaf; false when no seed has it. */
  async small(file: PlacedFile): Promise<boolean> {
    const { seeds, staged, counts } = this.#init
    const { size, digest } = file.entry
    for (const place of await seeds.places(file.entry)) {
      const bytes = readSmall(place, size)
      if (bytes === undefined || !soleLeafDigest(bytes).equals(digest)) continue
      if (!counts) await staged.write(file, 0, bytes)
      return true
    }
    return false
  }

  /** Takes what seeds have of some leaves of a larger file; resolves to those that are still wanted. */
  async leaves(file: PlacedFile, wish: LeafWish): Promise<readonly number[]> {
    const { seeds, staged, work, counts } = this.#init
    let { wanted } = wish
    if (wanted.length === 0) return wanted
    const places = await seeds.places(file.entry)
    if (places.length === 0) return wanted
    const target = counts ? undefined : await staged.openToWrite(file)
    try {
      for (const place of places) {
        if (wanted.length === 0) break
        const source = await openSeed(place)
        if (source === undefined) continue
        try {
          const task = { source: source.fd, target: target?.fd, wish: { ...wish, wanted } }
          const taken = new Set(await work.run('takeEqualLeaves', task))
          wanted = wanted.filter((leaf) => !taken.has(leaf))
        } finally {
          await source.close()
        }
      }
    } finally {
      await target?.close()
    }
    return wanted
  }
}

/** Bytes of the leaves of a wish that are not among `left`. */
export function takenBytes({ first, size, wanted }: LeafWish, left: readonly number[]): number {
  const still = new Set(left)
  return wanted
    .filter((leaf) => !still.has(leaf))
    .reduce((sum, leaf) => sum + leafLength(size, first + leaf), 0)
}

function readSmall(place: Buffer, size: number): Buffer | undefined {
  try {
    let fits = true
    const bytes = readSmallFile(place, size, (stat) => (fits &&= stat.isFile() && Number(stat.size) === size))
    return fits ? bytes : undefined
  } catch {
    return undefined // gone, shorter, or not to be read
  }
}

async function openSeed(place: Buffer) {
  try {
    const file = await open(place, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
    if ((await file.stat()).isFile()) return file
    await file.close()
  } catch {
    // Gone, or not to be read.
  }
  return undefined
}
