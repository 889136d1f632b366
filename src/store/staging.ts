import { constants } from 'node:fs'
import { mkdir, open, rm, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { isIngotError, systemCode } from '../core/errors.ts'
import { DIGEST_BYTES } from '../image/digest.ts'
import {
  LEAF_BYTES,
  isZero,
  leafDigest,
  leafLength,
  runLength,
  segmentCount,
  segmentLeaves,
  zeroLeafDigest,
} from '../image/leaves.ts'
import { openDirect, type DataFile } from './direct.ts'
import { readExactly, writeAll } from './durable.ts'
import { IndexFile } from './index-file.ts'
import { unplace } from './placement.ts'

/**
 * A file on its way here: `image` (grows as segments arrive, holes where leaves are zero), `index` and `progress`, a bitmap
 * of the segments that are whole, verified and synced. Bits only ever go from 0 to 1, and only after the bytes are
 * synced, so a torn write of the bitmap is harmless; what lies on disk beyond it is verified again, not fetched again. It is also
 * written again: after a sync that failed the system shows bytes that are not on the disk, and a second sync says that all is well.
 * `progress` goes when all is synced.
 */
export class StagedFile {
  readonly directory: string
  readonly size: number
  readonly index: IndexFile
  readonly #image: FileHandle
  /** The same file, past the page cache. */
  readonly #direct: FileHandle | undefined
  readonly #progress: FileHandle
  /** One bit per segment: whole and synced, or about to be. */
  readonly #whole: Buffer
  /** Bytes that were on disk when it was opened: only there can leaves lie from before. */
  readonly #found: number
  /** True when an attempt before ended before its bytes were synced: what is found of it is written again. */
  readonly #isUnsynced: boolean
  /** Why a sync failed: the system may have dropped what it could not write, and the next sync would not tell. */
  #failure: Error | undefined

  private constructor(init: {
    directory: string
    index: IndexFile
    image: FileHandle
    direct: FileHandle | undefined
    progress: FileHandle
    whole: Buffer
    found: number
    isUnsynced: boolean
  }) {
    this.directory = init.directory
    this.size = init.index.size
    this.index = init.index
    this.#image = init.image
    this.#direct = init.direct
    this.#progress = init.progress
    this.#whole = init.whole
    this.#found = init.found
    this.#isUnsynced = init.isUnsynced
  }

  /** Opens what an earlier attempt left in `directory`, or begins there. */
  static async open(directory: string, size: number): Promise<StagedFile> {
    await mkdir(directory, { recursive: true, mode: 0o700 })
    const { index, image } = (await resume(directory, size)) ?? (await begin(directory, size))
    let direct: FileHandle | undefined
    let progress: FileHandle | undefined
    try {
      direct = await openDirect(join(directory, 'image'), constants.O_WRONLY)
      const { file, isNew } = await openProgress(directory)
      progress = file
      const whole = Buffer.alloc(Math.ceil(segmentCount(size) / 8))
      await progress.read(whole, 0, whole.length, 0)
      const { size: found } = await image.stat()
      return new StagedFile({ directory, index, image, direct, progress, whole, found, isUnsynced: !isNew })
    } catch (error) {
      await index.close()
      await image.close()
      await direct?.close()
      await progress?.close()
      throw error
    }
  }

  /** Forgets which segments are whole: for an index that turned out to be of another content. */
  forgetProgress(): void {
    this.#whole.fill(0)
  }

  /** Path of the bytes. */
  get path(): string {
    return join(this.directory, 'image')
  }

  /** File descriptor of the bytes, for other threads; valid until {@link close}. */
  get descriptor(): number {
    return this.#image.fd
  }

  /** The bytes, for threads that write many at a time; valid until {@link close}. */
  get data(): DataFile {
    return { cached: this.#image.fd, direct: this.#direct?.fd }
  }

  /** True for a segment that is whole. */
  isWhole(segment: number): boolean {
    return (((this.#whole[segment >> 3] as number) >> (segment & 7)) & 1) === 1
  }

  /** Marks a segment whose leaves are all written; durable after the next {@link checkpoint}. */
  markWhole(segment: number): void {
    this.#whole[segment >> 3] = (this.#whole[segment >> 3] as number) | (1 << (segment & 7))
  }

  /** Bytes in segments that are whole. */
  wholeBytes(): number {
    let bytes = 0
    for (let segment = 0; segment < segmentCount(this.size); segment++) {
      if (!this.isWhole(segment)) continue
      const { first, count } = segmentLeaves(this.size, segment)
      bytes += runLength(this.size, first, count)
    }
    return bytes
  }

  /** Bytes of disk that the file takes now. */
  async allocatedBytes(): Promise<number> {
    return (await this.#image.stat()).blocks * 512
  }

  /** Writes verified bytes at a leaf. */
  async write(firstLeaf: number, bytes: Uint8Array): Promise<void> {
    await writeAll(this.#image, bytes, firstLeaf * LEAF_BYTES)
  }

  /**
   * Which leaves of a segment lie on disk from before and verify against its leaf list (32 bytes per leaf). Where the list
   * says zeros and a crash left something else, zeros are written: nobody else touches such a leaf.
   */
  async verifiedLeaves(segment: number, digests: Uint8Array): Promise<boolean[]> {
    const { first, count } = segmentLeaves(this.size, segment)
    const verified = Array.from({ length: count }, () => false)
    const position = first * LEAF_BYTES
    const available = Math.min(this.#found, this.size) - position
    if (available <= 0) return verified
    const bytes = Buffer.allocUnsafe(Math.min(available, runLength(this.size, first, count)))
    await readExactly(this.#image, bytes, position)
    for (let i = 0; i < count; i++) {
      const length = leafLength(this.size, first + i)
      const leaf = bytes.subarray(i * LEAF_BYTES, i * LEAF_BYTES + length)
      const digest = digests.subarray(i * DIGEST_BYTES, (i + 1) * DIGEST_BYTES)
      if (isZero(leaf)) continue
      verified[i] = leaf.length === length && leafDigest(leaf).equals(digest)
      if (verified[i] === true && this.#isUnsynced) await this.write(first + i, leaf)
      if (zeroLeafDigest(length).equals(digest)) await this.write(first + i, Buffer.alloc(leaf.length))
    }
    return verified
  }

  /** Makes what was written durable, then the record that claims it. After a sync that failed it never does so again. */
  async checkpoint(): Promise<void> {
    const record = Buffer.from(this.#whole)
    await this.#sync(async () => {
      await this.index.sync()
      await this.#image.datasync()
    })
    await writeAll(this.#progress, record, 0)
  }

  async #sync(work: () => Promise<void>): Promise<void> {
    try {
      if (this.#failure === undefined) await work()
    } catch (error) {
      this.#failure = error as Error
    }
    if (this.#failure !== undefined) throw this.#failure
  }

  /** Brings the file to its full size and makes it durable. Every segment must be whole. */
  async complete(): Promise<void> {
    await this.#image.truncate(this.size)
    await this.#sync(async () => {
      await this.#image.sync()
      await this.index.sync()
    })
    await this.close()
    await rm(join(this.directory, 'progress'))
  }

  async close(): Promise<void> {
    await this.index.close()
    await this.#image.close()
    await this.#direct?.close()
    await this.#progress.close()
  }
}

/** Opens the record of a staging directory; new when no attempt before made it, or when one came to its end. */
export async function openProgress(directory: string): Promise<{ file: FileHandle; isNew: boolean }> {
  const path = join(directory, 'progress')
  try {
    return { file: await open(path, 'wx+', 0o600), isNew: true }
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw error
    return { file: await open(path, 'r+'), isNew: false }
  }
}

interface StagedFiles {
  index: IndexFile
  image: FileHandle
}

/** Opens what an earlier attempt left; undefined when that is nothing, or nothing of use. */
async function resume(directory: string, size: number): Promise<StagedFiles | undefined> {
  let index: IndexFile | undefined
  await unplace(directory)
  try {
    index = await IndexFile.open(join(directory, 'index'), size, 'r+')
    return { index, image: await openImage(directory) }
  } catch (error) {
    await index?.close()
    if (systemCode(error) === 'ENOENT' || isIngotError(error, 'wrong-content')) return undefined
    throw error // too many open files, a failing disk: must not cost what is here already
  }
}

async function begin(directory: string, size: number): Promise<StagedFiles> {
  await rm(directory, { recursive: true })
  await mkdir(directory, { mode: 0o700 })
  const index = await IndexFile.create(join(directory, 'index'), size)
  try {
    return { index, image: await openImage(directory) }
  } catch (error) {
    await index.close()
    throw error
  }
}

/** The bytes that are there; where there are none they begin here, and nothing of them is whole. */
async function openImage(directory: string): Promise<FileHandle> {
  const path = join(directory, 'image')
  try {
    return await open(path, 'r+')
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error
    await rm(join(directory, 'progress'), { force: true })
    return await open(path, 'wx+', 0o600)
  }
}
