import { constants } from 'node:fs'
import { open, readFile, type FileHandle } from 'node:fs/promises'
import type { Limits } from '../core/limits.ts'
import type { ContentAnswerBytes } from '../net/content.ts'
import { DIGEST_BYTES } from '../image/digest.ts'
import { SEGMENT_LEAVES, leafCount, segmentDigest, segmentLeaves } from '../image/leaves.ts'
import { identityOf, requireSame } from '../store/file-identity.ts'
import { IndexFile } from '../store/index-file.ts'
import { DigestTable } from '../store/digest-table.ts'
import type { LeafParts } from '../store/seed-blocks.ts'
import {
  countLeaves,
  readLeafList,
  seedAt,
  type LeafWish,
  type SeedFile,
  type SeedIndex,
} from '../store/seed-index.ts'
import type { WorkPool } from '../store/work/pool.ts'
import type { SeedPlace } from './seeds.ts'

export interface FileSeedsInit {
  limits: Limits
  work: WorkPool
}

/**
 * The seeds of one file on its way here, open. Nothing of them is believed: each leaf is hashed before it is written, and a seed that
 * is not what its index says too often is left aside.
 */
export class FileSeeds {
  readonly #handles: readonly { close(): Promise<void> }[]
  readonly #files: readonly SeedFile[]
  readonly #index: SeedIndex
  readonly #init: FileSeedsInit
  /** Wrong leaves of each seed. */
  readonly #wrong: number[]

  private constructor(
    opened: { handles: { close(): Promise<void> }[]; files: SeedFile[] },
    index: SeedIndex,
    init: FileSeedsInit,
  ) {
    this.#handles = opened.handles
    this.#files = opened.files
    this.#index = index
    this.#init = init
    this.#wrong = opened.files.map(() => 0)
  }

  /** Opens what can be opened; undefined when there is nothing. */
  static async open(places: readonly SeedPlace[], init: FileSeedsInit): Promise<FileSeeds | undefined> {
    const handles: { close(): Promise<void> }[] = []
    const files: SeedFile[] = []
    let firstLeaf = 0
    for (const place of places) {
      const seed = await openSeed(place).catch(() => undefined) // gone or changed: as good as absent
      if (seed === undefined) continue
      handles.push(seed.image, seed.index)
      const { image, index, segments } = seed
      files.push({ image: image.fd, index: index.fd, size: place.size, segments, firstLeaf })
      firstLeaf += leafCount(place.size)
    }
    try {
      if (files.length === 0) return undefined
      const mostLeaves = init.limits.seedLeaves
      const index = await init.work.run('buildSeedIndex', { files, mostLeaves })
      return new FileSeeds({ handles, files }, index, init)
    } catch (error) {
      for (const handle of handles) await handle.close()
      throw error
    }
  }

  get #useless(): number[] {
    const { seedWrongLeaves } = this.#init.limits
    return this.#wrong.flatMap((count, file) => (count >= seedWrongLeaves ? [file] : []))
  }

  /** The leaf list of a segment of that digest, when a seed has it. */
  leafList(size: number, segment: number, digest: Uint8Array): Buffer | undefined {
    for (const place of new DigestTable(this.#index.segments).find(digest, 0)) {
      const seed = seedAt(this.#files, place)
      const file = seed && this.#files[seed.file]
      if (seed === undefined || file === undefined) continue
      const list = readList(file, seed.leaf / SEGMENT_LEAVES)
      if (list?.length !== segmentLeaves(size, segment).count * DIGEST_BYTES) continue
      if (segmentDigest(size, segment, list).equals(digest)) return list
    }
    return undefined
  }

  /** Copies what the seeds have of some leaves into a file; the places of those that were written. */
  async take(target: number, wish: LeafWish): Promise<number[]> {
    const leaves = this.#index.leaves
    if (countLeaves(leaves, wish) === 0) return []
    const task = { files: this.#files, leaves, useless: this.#useless, target, wish }
    const { taken, wrong } = await this.#init.work.run('takeLeaves', task)
    for (const file of wrong) this.#wrong[file] = (this.#wrong[file] as number) + 1
    return taken
  }

  /** Bytes of some leaves that the seeds have, by their indexes. */
  count(wish: LeafWish): number {
    return countLeaves(this.#index.leaves, wish)
  }

  /** Where the seeds have wanted blocks; `missing` bytes are what it is about. */
  async findBlocks(numbers: Float64Array, keys: Uint8Array, missing: number): Promise<Float64Array> {
    const { seedScanBytes, seedScanRatio } = this.#init.limits
    const mostBytes = Math.min(seedScanBytes, seedScanRatio * missing)
    const task = { files: this.#files, useless: this.#useless, numbers, keys, mostBytes }
    return await this.#init.work.run('findBlocks', task)
  }

  /** Puts leaves together into a file; the places of those that do not verify. */
  async takeBlocks(target: number, parts: LeafParts, fetched: ContentAnswerBytes): Promise<number[]> {
    return await this.#init.work.run('takeBlocks', { files: this.#files, target, parts, fetched })
  }

  async close(): Promise<void> {
    for (const handle of this.#handles) await handle.close()
  }
}

function readList(file: SeedFile, segment: number): Buffer | undefined {
  try {
    return readLeafList(file, segment)
  } catch {
    return undefined // its index cannot be read any more
  }
}

async function openSeed({
  image: path,
  index: indexPath,
  size,
  identity,
  progress,
}: SeedPlace): Promise<{ image: FileHandle; index: IndexFile; segments: Uint8Array | undefined }> {
  const index = await IndexFile.open(indexPath, size)
  let image: FileHandle | undefined
  try {
    image = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
    const stat = await image.stat({ bigint: true })
    if (identity !== undefined) requireSame(path, identity, identityOf(stat), 'since it was read')
    const segments = progress === undefined ? undefined : await readFile(progress)
    return { image, index, segments }
  } catch (error) {
    await index.close()
    await image?.close()
    throw error
  }
}
