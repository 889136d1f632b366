import { randomUUID } from 'node:crypto'
import { constants } from 'node:fs'
import { copyFile, mkdir, open, rm, stat, type FileHandle } from 'node:fs/promises'
import { isAbsolute, join } from 'node:path'
import { IngotError, fileError, systemCode } from '../core/errors.ts'
import type { Limits } from '../core/limits.ts'
import type { Digest } from '../image/digest.ts'
import type { FileIdentity, Privileged } from '../image/content.ts'
import { openDirect } from '../store/direct.ts'
import { identityOf, requireSame } from '../store/file-identity.ts'
import { IndexFile } from '../store/index-file.ts'
import type { Layout } from '../store/layout.ts'
import type { Secrets } from '../store/secrets.ts'
import type { Reservation, SpaceLedger } from '../store/space.ts'
import type { WorkPool } from '../store/work/pool.ts'
import { hashContent } from './hash-content.ts'

/** A content that was read whole: its index, and its copy unless in place, wait in `staging` for their final place. */
export interface ImportedContent {
  staging: string
  kind: 'file' | 'tree'
  digest: Digest
  /** Flat digest of a file. */
  sha256: Digest | undefined
  size: number
  /** Entries of a tree. */
  entries: number | undefined
  inPlace: { path: string; stat: FileIdentity } | undefined
  privileged: Privileged
}

/** What an import works with. */
export interface ImportComponents {
  layout: Layout
  space: SpaceLedger
  limits: Limits
  /** What no image is made of. */
  secrets: Secrets
  /** Threads that read, hash and copy, and threads that each follow one file. */
  work: WorkPool
  followers: WorkPool
}

export interface ImportOptions {
  /** Absolute path of the file or directory. */
  path: string
  /** Register it where it lies. */
  inPlace: boolean
  signal: AbortSignal
  /** Called with the bytes done so far. */
  onProgress: (done: number, total: number) => void
}

/**
 * Reads a file once, front to back: leaves, segments, content index and flat digest are made on the way, and the copy is
 * written. Nothing is left in staging when it throws.
 */
export async function importFile(
  components: ImportComponents,
  options: ImportOptions,
): Promise<ImportedContent> {
  const { layout, limits, secrets } = components
  const { path, inPlace } = options
  if (!isAbsolute(path)) throw new IngotError('usage', `the path ${path} is not absolute`)
  const source = await openSource(path, limits)
  const staging = layout.staging(`import-${randomUUID()}`)
  try {
    const found = await source.stat({ bigint: true })
    const requireNoSecret = await secrets.look()
    requireNoSecret(found, path)
    const before = identityOf(found)
    await mkdir(staging, { mode: 0o700 })
    const { digest, sha256 } = await readSource(source, { ...options, ...components, staging, before })
    requireSame(path, before, identityOf(await source.stat({ bigint: true })), 'while it was imported')
    requireSame(path, before, identityOf(await stat(path, { bigint: true })), 'while it was imported')
    return {
      staging,
      kind: 'file',
      digest,
      sha256,
      size: before.size,
      entries: undefined,
      inPlace: inPlace ? { path, stat: before } : undefined,
      privileged: 'none',
    }
  } catch (error) {
    await rm(staging, { recursive: true, force: true })
    throw systemCode(error) === undefined ? error : fileError(error, `cannot import ${path}`)
  } finally {
    await source.close()
  }
}

/** Opens only regular files: a device, fifo or socket is never opened, where opening might block or act. */
async function openSource(path: string, limits: Limits): Promise<FileHandle> {
  try {
    const found = await stat(path)
    const what = found.isDirectory()
      ? 'a directory'
      : found.isFIFO()
        ? 'a fifo'
        : found.isSocket()
          ? 'a socket'
          : found.isFile()
            ? undefined
            : 'a device'
    if (what !== undefined) {
      throw new IngotError('usage', `cannot import ${path}: it is ${what}, not a regular file`, {
        hint: what === 'a device' ? 'copy the device to a file first' : 'name the image file itself',
      })
    }
    if (found.size > limits.imageBytes) {
      throw new IngotError(
        'too-large',
        `cannot import ${path}: ${found.size} bytes are more than ${limits.imageBytes}`,
      )
    }
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
    try {
      await requireImage(file, path)
      return file
    } catch (error) {
      await file.close()
      throw error
    }
  } catch (error) {
    throw fileError(error, `cannot read ${path}`)
  }
}

/** Throws unless what was opened is still a regular file, and has the size that it says. */
async function requireImage(file: FileHandle, path: string): Promise<void> {
  const found = await file.stat()
  if (!found.isFile()) throw new IngotError('changed-on-disk', `${path} changed while it was opened`)
  if (found.size > 0) return
  const { bytesRead } = await file.read(Buffer.alloc(1), 0, 1, 0)
  if (bytesRead === 0) return
  throw new IngotError('usage', `cannot import ${path}: it says that it is empty and is not`, {
    hint: 'files of /proc and the like are made when they are read: copy it to a file first',
  })
}

interface ReadOptions extends ImportOptions, ImportComponents {
  staging: string
  before: FileIdentity
}

async function readSource(
  source: FileHandle,
  options: ReadOptions,
): Promise<{ digest: Digest; sha256: Digest }> {
  const { path, staging, inPlace, before, space } = options
  const image = join(staging, 'image')
  let input = source
  let copy: FileHandle | undefined
  let direct: FileHandle | undefined
  let reserved: Reservation | undefined
  const index = await IndexFile.create(join(staging, 'index'), before.size)
  try {
    if (!inPlace) {
      const { blocks } = await source.stat()
      if (await clone(path, image)) {
        input = await open(image, 'r') // the clone is a snapshot: hash what is kept
      } else {
        reserved = await space.reserve(Math.min(before.size, blocks * 512))
        copy = await open(image, 'wx', 0o600)
        await copy.truncate(before.size)
        direct = await openDirect(image, constants.O_WRONLY)
      }
    }
    const onProgress = (done: number, total: number) => {
      reserved?.shrinkTo(total - done)
      options.onProgress(done, total)
    }
    const { size } = before
    const result = await hashContent({ ...options, input, size, onProgress, copy, direct, index })
    await (copy ?? (inPlace ? undefined : input))?.sync()
    await index.sync()
    return result
  } finally {
    reserved?.release()
    await index.close()
    await copy?.close()
    await direct?.close()
    if (input !== source) await input.close()
  }
}

/** Clones the file where the file system can; true when it did. */
export async function clone(from: string | Buffer, to: string | Buffer): Promise<boolean> {
  try {
    await copyFile(from, to, constants.COPYFILE_FICLONE_FORCE | constants.COPYFILE_EXCL)
    return true
  } catch (error) {
    await rm(to, { force: true })
    if (
      ['ENOTSUP', 'EOPNOTSUPP', 'EXDEV', 'EINVAL', 'ENOSYS', 'ENOTTY', 'EACCES', 'EPERM'].includes(
        systemCode(error) ?? '',
      )
    )
      return false
    throw error
  }
}
