import { createHash, randomUUID } from 'node:crypto'
import { constants } from 'node:fs'
import { copyFile, mkdir, open, rm, stat, type FileHandle } from 'node:fs/promises'
import { isAbsolute, join } from 'node:path'
import { IngotError, fileError, systemCode } from '../core/errors.ts'
import type { Limits } from '../core/limits.ts'
import { toDigest, type Digest } from '../image/digest.ts'
import type { FileIdentity, Privileged } from '../image/content.ts'
import { SEGMENT_BYTES, dataRuns, segmentCount, segmentDigest } from '../image/leaves.ts'
import { readExactly, writeAll } from '../store/durable.ts'
import { identityOf, requireSame } from '../store/file-identity.ts'
import { hashLeaves } from '../store/hash-segment.ts'
import { IndexFile } from '../store/index-file.ts'
import type { Layout } from '../store/layout.ts'
import type { Reservation, SpaceLedger } from '../store/space.ts'

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
 * written. Memory: three segments. Nothing is left in staging when it throws.
 */
export async function importFile(
  components: ImportComponents,
  options: ImportOptions,
): Promise<ImportedContent> {
  const { layout, space, limits } = components
  const { path, inPlace } = options
  if (!isAbsolute(path)) throw new IngotError('usage', `the path ${path} is not absolute`)
  const source = await openSource(path, limits)
  const staging = layout.staging(`import-${randomUUID()}`)
  try {
    const before = identityOf(await source.stat({ bigint: true }))
    await mkdir(staging, { mode: 0o700 })
    const { digest, sha256 } = await readSource(source, { ...options, space, staging, before })
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
    const isFile = await file.stat().then(
      (found) => found.isFile(),
      () => false,
    )
    if (isFile) return file
    await file.close()
    throw new IngotError('changed-on-disk', `${path} changed while it was opened`)
  } catch (error) {
    throw fileError(error, `cannot read ${path}`)
  }
}

interface ReadOptions extends ImportOptions {
  space: SpaceLedger
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
      }
    }
    const onProgress = (done: number, total: number) => {
      reserved?.shrinkTo(total - done)
      options.onProgress(done, total)
    }
    const result = await hashInto(input, { ...options, onProgress, copy, index })
    await (copy ?? (inPlace ? undefined : input))?.sync()
    await index.sync()
    return result
  } finally {
    reserved?.release()
    await index.close()
    await copy?.close()
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

async function hashInto(
  input: FileHandle,
  options: ReadOptions & { copy: FileHandle | undefined; index: IndexFile },
): Promise<{ digest: Digest; sha256: Digest }> {
  const { before, index, signal, onProgress } = options
  const { size } = before
  const flat = createHash('sha256')
  const segments: Buffer[] = []
  // Three buffers: one segment is read, one is hashed, one is written, all at the same time.
  const buffers = Array.from({ length: 3 }, () => Buffer.allocUnsafeSlow(SEGMENT_BYTES))
  const read = async (segment: number): Promise<Buffer> => {
    const position = Math.min(size, segment * SEGMENT_BYTES)
    const buffer = buffers[segment % buffers.length] as Buffer
    const bytes = buffer.subarray(0, Math.min(SEGMENT_BYTES, size - position))
    try {
      await readExactly(input, bytes, position)
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
      throw new IngotError('changed-on-disk', `${options.path} changed while it was imported`, {
        cause: error,
        hint: 'stop what writes to it, then try again',
      })
    }
    return bytes
  }
  let reading = read(0)
  let writing: Promise<void> = Promise.resolve()
  try {
    for (let segment = 0; segment < segmentCount(size); segment++) {
      signal.throwIfAborted()
      const bytes = await reading
      reading = read(segment + 1)
      reading.catch(() => {}) // awaited by the next round, or by the end
      flat.update(bytes)
      const list = hashLeaves(bytes)
      segments.push(segmentDigest(size, segment, list))
      await writing // and so the buffer of two segments ago is free for the next read
      writing = writeSegment(options, { segment, bytes, list })
      writing.catch(() => {}) // awaited by the next round, or by the end
      onProgress(Math.min(size, (segment + 1) * SEGMENT_BYTES), size)
    }
    await writing
  } finally {
    await Promise.allSettled([reading, writing]) // nothing may use the files once they are closed
  }
  await index.writeSegments(Buffer.concat(segments))
  return { digest: await index.root(), sha256: toDigest(flat.digest()) }
}

/** Writes the leaf list of a segment, and its data where the file is copied; zero leaves stay holes. */
async function writeSegment(
  { copy, index }: { copy: FileHandle | undefined; index: IndexFile },
  { segment, bytes, list }: { segment: number; bytes: Buffer; list: Buffer },
): Promise<void> {
  await index.writeLeafLists(segment, list)
  if (copy === undefined) return
  for (const { from, to } of dataRuns(bytes))
    await writeAll(copy, bytes.subarray(from, to), segment * SEGMENT_BYTES + from)
}
