import { constants, existsSync } from 'node:fs'
import { chmod, lstat, mkdir, open, rm, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { IngotError, isIngotError, systemCode } from '../core/errors.ts'
import type { Digest } from '../image/digest.ts'
import { LEAF_BYTES, dataRuns, isZero } from '../image/leaves.ts'
import type { PageTable } from '../image/tree.ts'
import { readExactly, syncDirectory, writeAll } from './durable.ts'
import { writeSmallFile } from './small-file.ts'
import { unplace } from './placement.ts'
import { removeTree } from './remove-tree.ts'
import { openProgress } from './staging.ts'
import { TreeSync } from './sync-tree.ts'
import { TreeIndex, type PlacedFile, type TreeIndexOptions } from './tree-index.ts'
import { joinBytes } from './tree-path.ts'
import { walkTree } from './tree-walk.ts'

/**
 * A tree on its way here: `image` (its directories and files, closed to others; links and attributes come last), `index`,
 * `leaves`, and `progress`, a bitmap of the files that are whole, verified and synced. Bits only ever go from 0 to 1, and only
 * after the bytes are synced; what lies on disk beyond it is verified and written again, not fetched again: see
 * {@link StagedFile}.
 */
export class StagedTree {
  readonly directory: string
  /** Its root directory. */
  readonly image: string
  readonly index: TreeIndex
  /** True when files may lie here from before. */
  readonly resumed: boolean
  /** True when an attempt before ended before its bytes were synced: what is found of it is written again. */
  readonly #isUnsynced: boolean
  readonly #sync: TreeSync
  readonly #progress: FileHandle
  /** One bit per file: whole and synced, or about to be. */
  readonly #whole: Buffer

  private constructor(
    directory: string,
    index: TreeIndex,
    progress: { file: FileHandle; whole: Buffer; resumed: boolean; isUnsynced: boolean; sync: TreeSync },
  ) {
    this.directory = directory
    this.image = join(directory, 'image')
    this.index = index
    this.resumed = progress.resumed
    this.#isUnsynced = progress.isUnsynced
    this.#sync = progress.sync
    this.#progress = progress.file
    this.#whole = progress.whole
  }

  /** Opens what an earlier attempt left in `directory`; undefined when that is nothing of this content. */
  static async resume(
    directory: string,
    digest: Digest,
    options: TreeIndexOptions,
  ): Promise<StagedTree | undefined> {
    let index: TreeIndex
    await unplace(directory)
    try {
      index = await TreeIndex.open(directory, { ...options, flags: 'r+' })
    } catch (error) {
      if (systemCode(error) === 'ENOENT' || isIngotError(error, 'wrong-content')) return undefined
      throw error
    }
    if (index.table.root() === digest) return await StagedTree.#open(directory, index, true)
    await index.close()
    return undefined
  }

  /** Begins anew in `directory`, in place of what is there. */
  static async begin(directory: string, table: PageTable, options: TreeIndexOptions): Promise<StagedTree> {
    await removeTree(directory)
    await mkdir(directory, { mode: 0o700 })
    return await StagedTree.#open(directory, await TreeIndex.create(directory, table, options), false)
  }

  static async #open(directory: string, index: TreeIndex, resumed: boolean): Promise<StagedTree> {
    let file: FileHandle | undefined
    let sync: TreeSync | undefined
    try {
      sync = await TreeSync.open(directory)
      const progress = await openProgress(directory)
      file = progress.file
      const isUnsynced = !progress.isNew
      if (isUnsynced) await index.writeAgain()
      const whole = Buffer.alloc(Math.ceil(index.table.counts.files / 8))
      await file.read(whole, 0, whole.length, 0)
      return new StagedTree(directory, index, { file, whole, resumed, isUnsynced, sync })
    } catch (error) {
      await index.close()
      await file?.close()
      await sync?.close()
      throw error
    }
  }

  /** Throws when the tree cannot lie under this directory or `place` because its paths would be too long for the system. */
  static requirePaths(places: readonly string[], longestPath: number): void {
    const most = 4095 // what Linux takes of a path, without the NUL
    const longest = Math.max(...places.map((place) => Buffer.byteLength(place))) + 1 + longestPath
    if (longest > most)
      throw new IngotError(
        'failed',
        `the tree has paths of ${longestPath} bytes; here they would have ${longest}`,
        {
          hint: `the system takes ${most}: put the images under a shorter path with --images DIR`,
        },
      )
  }

  isWhole(file: number): boolean {
    return (((this.#whole[file >> 3] as number) >> (file & 7)) & 1) === 1
  }

  /** Marks a file whose leaves are all written; durable after the next {@link checkpoint}. */
  markWhole(file: number): void {
    this.#whole[file >> 3] = (this.#whole[file >> 3] as number) | (1 << (file & 7))
  }

  #place({ entry }: PlacedFile): Buffer {
    return joinBytes(Buffer.from(this.image), entry.path)
  }

  /** Bytes that lie in a file from before, as far as they go, from `position` on; undefined when there is no such file. */
  async readBack(file: PlacedFile, position: number, length: number): Promise<Buffer | undefined> {
    const place = this.#place(file)
    const flags = constants.O_RDONLY | constants.O_NOFOLLOW
    let handle: FileHandle
    try {
      handle = await open(place, flags)
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return undefined
      handle = await reopen(place, flags, error)
    }
    try {
      const { size } = await handle.stat()
      const bytes = Buffer.allocUnsafe(Math.max(0, Math.min(length, size - position)))
      await readExactly(handle, bytes, position)
      return bytes
    } finally {
      await handle.close()
    }
  }

  /** Takes verified bytes that were read back as they are: writes them again where they may not be on the disk. */
  async keep(file: PlacedFile, position: number, bytes: Uint8Array): Promise<void> {
    if (!this.#isUnsynced || isZero(bytes)) return
    const handle = await this.#openToWrite(file, false)
    try {
      await writeAll(handle, bytes, position)
    } finally {
      await handle.close()
    }
  }

  /** Writes verified bytes of a file from `position` on. Zeros stay holes, unless something may lie there from before. */
  async write(file: PlacedFile, position: number, bytes: Uint8Array): Promise<void> {
    const { size } = file.entry
    const whole = bytes.length === size
    if (!this.resumed && whole && size <= LEAF_BYTES) {
      writeSmallFile(this.#place(file), bytes)
      return
    }
    const handle = await this.#openToWrite(file, whole)
    try {
      const runs = this.resumed ? [{ from: 0, to: bytes.length }] : dataRuns(bytes)
      for (const { from, to } of runs) await writeAll(handle, bytes.subarray(from, to), position + from)
      if (whole && (runs.at(-1)?.to ?? 0) < size) await handle.truncate(size)
    } finally {
      await handle.close()
    }
  }

  /** Brings a file of several runs to its size, when all its leaves that are not holes are written. */
  async complete(file: PlacedFile): Promise<void> {
    const handle = await this.#openToWrite(file, false)
    try {
      await handle.truncate(file.entry.size)
    } finally {
      await handle.close()
    }
  }

  /** Opens a file of more than one leaf, to write verified leaves of it from another thread. */
  async openToWrite(file: PlacedFile): Promise<FileHandle> {
    return await this.#openToWrite(file, false)
  }

  async #openToWrite(file: PlacedFile, whole: boolean): Promise<FileHandle> {
    const place = this.#place(file)
    const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants
    try {
      return await open(place, O_WRONLY | O_CREAT | O_NOFOLLOW | (whole ? O_EXCL : 0), 0o600)
    } catch (error) {
      return await reopen(place, O_WRONLY | O_NOFOLLOW, error)
    }
  }

  /** Bytes of disk and nodes that lie here already. */
  async usage(): Promise<{ bytes: number; inodes: number }> {
    const usage = { bytes: 0, inodes: 0 }
    if (!this.resumed || !existsSync(this.image)) return usage
    for await (const { stat } of walkTree(this.image)) {
      usage.bytes += Number(stat.blocks) * 512
      usage.inodes++
    }
    return usage
  }

  /** Makes what was written durable, then the record that claims it. After a sync that failed it never does so again. */
  async checkpoint(): Promise<void> {
    const record = Buffer.from(this.#whole)
    await this.#sync.sync()
    await writeAll(this.#progress, record, 0)
  }

  /** Makes the assembled tree durable, and closes it. Every file must be whole. */
  async seal(): Promise<void> {
    await this.#sync.sync()
    await rm(join(this.directory, 'progress')) // only now: its absence says that all is synced
    await syncDirectory(this.directory)
    await this.close()
  }

  async close(): Promise<void> {
    await this.index.close()
    await this.#progress.close()
    await this.#sync.close()
  }
}

/** Opens a file that an attempt before left, perhaps assembled and closed to its owner: nobody but this job makes anything here. */
async function reopen(place: Buffer, flags: number, error: unknown): Promise<FileHandle> {
  if (!['EEXIST', 'EACCES'].includes(systemCode(error) ?? '')) throw error
  if (!(await lstat(place)).isFile()) throw error
  await chmod(place, 0o600)
  return await open(place, flags)
}
