import { open, chmod, mkdir, rename } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { IngotError, isIngotError, systemCode } from '../core/errors.ts'
import type { LeafRange } from '../image/damage.ts'
import { DIGEST_BYTES, digestAt, type Digest } from '../image/digest.ts'
import {
  SEGMENT_LEAVES,
  LEAF_BYTES,
  runLength,
  segmentCount,
  segmentDigest,
  segmentLeaves,
} from '../image/leaves.ts'
import { isUnreadable } from './check-leaves.ts'
import { alignedMemory } from './direct.ts'
import { syncDirectory } from './durable.ts'
import { IndexFile } from './index-file.ts'
import { removeTree } from './remove-tree.ts'
import type { WorkPool } from './work/pool.ts'

/** A peer that can tell the index; what it tells is verified. */
export interface IndexSource {
  /** All segment digests. */
  segments(): Promise<Buffer>
  /** Leaf digests of segments in a row. */
  leafLists(first: number, count: number): Promise<Buffer>
}

export interface MendIndexOptions {
  digest: Digest
  size: number
  /** The index that is wrong. */
  index: string
  /** Files that may have the bytes: each wrong part is made from them where that gives what the rest of the index says. */
  files: readonly string[]
  /** Directory for the index in the making. */
  staging: string
  source: IndexSource | undefined
  work: WorkPool
  signal: AbortSignal
}

/**
 * Makes the content index of a file anew, from what of it is right, from the bytes, and from a peer for the rest; it takes the place of the
 * wrong one in one rename. Throws `wrong-content` when that does not give an index of this content.
 */
export async function mendFileIndex(options: MendIndexOptions): Promise<void> {
  const { index: place, staging } = options
  await removeTree(staging)
  await mkdir(staging, { mode: 0o700 })
  try {
    const path = join(staging, 'index')
    await makeIndex(path, options)
    await chmod(path, 0o444)
    await rename(path, place)
    await syncDirectory(dirname(place))
  } finally {
    await removeTree(staging)
  }
}

async function makeIndex(path: string, options: MendIndexOptions): Promise<void> {
  const made = await IndexFile.create(path, options.size)
  try {
    await new IndexMaking(made, options).run()
    if ((await made.root()) !== options.digest)
      throw new IngotError('wrong-content', 'the index cannot be made from what is on this disk', {
        hint: FROM_PEER,
      })
    await made.sync()
  } finally {
    await made.close()
  }
}

const FROM_PEER = 'it can be fetched from a peer that has the image, when the link is up'

class IndexMaking {
  readonly #made: IndexFile
  readonly #options: MendIndexOptions
  /** Segments whose leaf list is not known yet. */
  readonly #unknown: number[] = []

  constructor(made: IndexFile, options: MendIndexOptions) {
    this.#made = made
    this.#options = options
  }

  async run(): Promise<void> {
    const { digest, source } = this.#options
    await this.#fromDisk()
    if ((await this.#made.root()) !== digest && source !== undefined) {
      await this.#made.writeSegments(await source.segments())
      if ((await this.#made.root()) !== digest)
        throw new IngotError('wrong-content', 'the segment digests that came do not verify')
      await this.#findUnknown()
    }
    for (const segment of this.#unknown) {
      const list = await source?.leafLists(segment, 1)
      if (list === undefined || !(await this.#fits(segment, list)))
        throw new IngotError('wrong-content', `the leaf list of segment ${segment} is not to be had`, {
          hint: FROM_PEER,
        })
      await this.#made.writeLeafLists(segment, list)
    }
  }

  /** Of each segment its digest and leaf list where two of what is known agree: its digest, its list, the bytes. */
  async #fromDisk(): Promise<void> {
    const { size, index, files, signal } = this.#options
    const old = await openIf(index, size)
    const opened = await Promise.all(files.map(async (path) => await open(path, 'r').catch(() => undefined)))
    const memory = alignedMemory(Math.min(size, SEGMENT_LEAVES * LEAF_BYTES))
    try {
      for (let segment = 0; segment < segmentCount(size); segment++) {
        signal.throwIfAborted()
        const stored = await readable(async () => await old?.readSegments(segment, 1))
        const told = await readable(async () => await old?.readLeafLists(segment, 1))
        const lists = told === undefined ? [] : [told]
        const agrees = () =>
          lists.find((list, i) => {
            const own = segmentDigest(size, segment, list)
            if (stored !== undefined && own.equals(stored)) return true
            return lists.some((other, j) => j !== i && list.equals(other))
          })
        for (const file of opened) {
          if (agrees() !== undefined) break
          const list = file && (await this.#hash(file.fd, segment, memory))
          if (list !== undefined) lists.push(list)
        }
        const list = agrees() ?? (stored === undefined ? lists[0] : undefined)
        if (list === undefined) this.#unknown.push(segment)
        else await this.#made.writeLeafLists(segment, list)
        const own = list === undefined ? stored : segmentDigest(size, segment, list)
        if (own !== undefined) await this.#made.writeSegments(own, segment)
      }
    } finally {
      await old?.close()
      for (const file of opened) await file?.close()
    }
  }

  async #hash(file: number, segment: number, memory: Buffer): Promise<Buffer | undefined> {
    const { size, work } = this.#options
    const { first, count } = segmentLeaves(size, segment)
    const bytes = memory.subarray(0, runLength(size, first, count))
    const source = { file, position: first * LEAF_BYTES, bytes, copy: undefined }
    const list = await readable(async () => await work.run('hashSegment', source))
    return list && Buffer.from(list)
  }

  async #fits(segment: number, list: Buffer): Promise<boolean> {
    const { count } = segmentLeaves(this.#made.size, segment)
    if (list.length !== count * DIGEST_BYTES) return false
    return segmentDigest(this.#made.size, segment, list).equals(await this.#made.readSegments(segment, 1))
  }

  async #findUnknown(): Promise<void> {
    this.#unknown.length = 0
    const segments = await this.#made.readSegments()
    for (let segment = 0; segment < segmentCount(this.#made.size); segment++) {
      const list = await this.#made.readLeafLists(segment, 1)
      if (!segmentDigest(this.#made.size, segment, list).equals(digestAt(segments, segment)))
        this.#unknown.push(segment)
    }
  }
}

/** True when an index has the root of its content, and the right leaf lists for some leaves. */
export async function indexHolds(
  path: string,
  { digest, size }: { digest: Digest; size: number },
  ranges: readonly LeafRange[],
): Promise<boolean> {
  const index = await openIf(path, size)
  if (index === undefined) return false
  try {
    if ((await index.root()) !== digest) return false
    const segments = await index.readSegments()
    for (const { first, count } of ranges) {
      const last = Math.floor((first + count - 1) / SEGMENT_LEAVES)
      for (let segment = Math.floor(first / SEGMENT_LEAVES); segment <= last; segment++) {
        const own = segmentDigest(size, segment, await index.readLeafLists(segment, 1))
        if (!own.equals(digestAt(segments, segment))) return false
      }
    }
    return true
  } finally {
    await index.close()
  }
}

async function openIf(path: string, size: number): Promise<IndexFile | undefined> {
  try {
    return await IndexFile.open(path, size)
  } catch (error) {
    if (systemCode(error) === 'ENOENT' || isIngotError(error, 'wrong-content')) return undefined
    throw error
  }
}

/** What `read` resolves to; undefined where the disk cannot read it. */
async function readable<T>(read: () => Promise<T | undefined>): Promise<T | undefined> {
  try {
    return await read()
  } catch (error) {
    if (isUnreadable(error)) return undefined
    throw error
  }
}
