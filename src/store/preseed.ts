import { hash, randomUUID } from 'node:crypto'
import { constants } from 'node:fs'
import { lstat, mkdir, open, readdir, rename, rm, stat, type FileHandle } from 'node:fs/promises'
import { basename, extname, join } from 'node:path'
import { IngotError, isIngotError, systemCode } from '../core/errors.ts'
import type { Limits } from '../core/limits.ts'
import type { FileIdentity } from '../image/content.ts'
import {
  LEAF_BYTES,
  SEGMENT_BYTES,
  runLength,
  segmentCount,
  segmentDigest,
  segmentLeaves,
} from '../image/leaves.ts'
import { alignedMemory } from './direct.ts'
import { identityOf, requireSame } from './file-identity.ts'
import { IndexFile } from './index-file.ts'
import type { WorkPool } from './work/pool.ts'

/** A file that the operator put beside the images, for jobs to take from. */
export interface PreseedFile {
  path: string
  name: string
  size: number
  identity: FileIdentity
}

/** What an image looks like from outside: hints at the file that may be it. */
export interface PreseedHint {
  name: string
  size: number
}

export interface PreseedInit {
  /** Where files are looked for. */
  directory: string
  /** Where their indexes are kept. */
  cache: string
  limits: Limits
  /** Threads that read and hash. */
  work: WorkPool
}

/**
 * Files that an operator brought by hand: in one directory of the home, and where a subscription says. They are read, never written.
 * Symlinks are not followed. Names and sizes are hints; digests decide. The content index of a file is made when it is needed and kept
 * while the file stays what it is.
 */
export class Preseed {
  readonly #init: PreseedInit

  constructor(init: PreseedInit) {
    this.#init = init
  }

  /** Files, likely ones first; `also` is a file or directory that a subscription names. */
  async files(hint: PreseedHint, also: string | undefined): Promise<PreseedFile[]> {
    const files = [...(await this.#filesAt(also)), ...(await this.#filesAt(this.#init.directory))]
    return files.toSorted((one, other) => likeness(other, hint) - likeness(one, hint))
  }

  /** Directories that may be copies of a tree, likely ones first. */
  async directories(name: string, also: string | undefined): Promise<string[]> {
    const found = [...(also === undefined ? [] : [also]), ...(await this.#names(this.#init.directory))]
    const directories: string[] = []
    for (const path of found) {
      if (await isDirectory(path)) directories.push(path)
    }
    return directories.toSorted(
      (one, other) => Number(basename(other) === name) - Number(basename(one) === name),
    )
  }

  async #names(directory: string): Promise<string[]> {
    try {
      const names = await readdir(directory)
      return names
        .toSorted()
        .slice(0, this.#init.limits.preseedFiles)
        .map((name) => join(directory, name))
    } catch (error) {
      if (['ENOENT', 'ENOTDIR', 'EACCES'].includes(systemCode(error) ?? '')) return []
      throw error
    }
  }

  async #filesAt(path: string | undefined): Promise<PreseedFile[]> {
    if (path === undefined) return []
    const places = (await isDirectory(path)) ? await this.#names(path) : [path]
    const files: PreseedFile[] = []
    for (const place of places) {
      const file = await regularFile(place)
      if (file !== undefined && file.size > 0 && file.size <= this.#init.limits.imageBytes) files.push(file)
    }
    return files
  }

  /**
   * Path of the content index of a file: kept from before, or made now. Throws `changed-on-disk` when the file is not what it was
   * when it was found.
   */
  async index(file: PreseedFile, signal: AbortSignal): Promise<string> {
    const { inode, size, mtime, ctime } = file.identity
    const key = hash('sha256', [inode, size, mtime, ctime].join(' '))
    const place = join(this.#init.cache, key)
    if (await isIndex(place, file.size)) return place
    await mkdir(this.#init.cache, { recursive: true, mode: 0o700 })
    const made = join(this.#init.cache, `new-${randomUUID()}`)
    try {
      await writeIndex(file, made, { work: this.#init.work, signal })
      await rename(made, place)
    } finally {
      await rm(made, { force: true })
    }
    await this.#trim()
    return place
  }

  /** Lets the oldest indexes go: of files that are gone, as like as not. */
  async #trim(): Promise<void> {
    const indexes = await Promise.all(
      (await readdir(this.#init.cache)).map(async (name) => {
        const path = join(this.#init.cache, name)
        return { path, time: (await lstat(path).catch(() => undefined))?.mtimeMs ?? 0 }
      }),
    )
    const old = indexes.toSorted((one, other) => other.time - one.time).slice(this.#init.limits.preseedFiles)
    for (const { path } of old) await rm(path, { force: true })
  }
}

/** More for what is more likely: the size of the image, and its name with or without an ending. */
function likeness({ name, size }: PreseedFile, hint: PreseedHint): number {
  const named = name === hint.name || name.slice(0, -extname(name).length || undefined) === hint.name
  return (named ? 2 : 0) + (size === hint.size ? 1 : 0)
}

/** True for a file that looks like the image. */
export function isLikely(file: PreseedFile, hint: PreseedHint): boolean {
  return likeness(file, hint) > 0
}

async function isDirectory(path: string): Promise<boolean> {
  return (await lstat(path).catch(() => undefined))?.isDirectory() === true
}

async function regularFile(path: string): Promise<PreseedFile | undefined> {
  const found = await lstat(path, { bigint: true }).catch(() => undefined)
  if (found?.isFile() !== true) return undefined
  return { path, name: basename(path), size: Number(found.size), identity: identityOf(found) }
}

async function isIndex(path: string, size: number): Promise<boolean> {
  try {
    await (await IndexFile.open(path, size)).close()
    return true
  } catch (error) {
    if (systemCode(error) === 'ENOENT' || isIngotError(error, 'wrong-content')) return false
    throw error
  }
}

/** Opens a pre-seeded file for reading. Throws `changed-on-disk` when it is not what it was. */
export async function openPreseeded({ path, identity }: PreseedFile): Promise<FileHandle> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  try {
    requireSame(path, identity, identityOf(await file.stat({ bigint: true })), 'since it was found')
    return file
  } catch (error) {
    await file.close()
    throw error
  }
}

/** Reads the file once and writes its leaf and segment digests. */
async function writeIndex(
  file: PreseedFile,
  path: string,
  { work, signal }: { work: WorkPool; signal: AbortSignal },
): Promise<void> {
  const { size } = file
  const buffer = alignedMemory(Math.min(SEGMENT_BYTES, size))
  const image = await openPreseeded(file)
  let index: IndexFile | undefined
  try {
    index = await IndexFile.create(path, size)
    for (let segment = 0; segment < segmentCount(size); segment++) {
      signal.throwIfAborted()
      const { first, count } = segmentLeaves(size, segment)
      const position = first * LEAF_BYTES
      const bytes = buffer.subarray(0, runLength(size, first, count))
      const source = { file: image.fd, position, bytes, copy: undefined }
      const list = await work.run('hashSegment', source)
      if (list === undefined) throw new IngotError('changed-on-disk', `${file.path} is shorter than it was`)
      await index.writeLeafLists(segment, list)
      await index.writeSegments(segmentDigest(size, segment, list), segment)
    }
    const now = identityOf(await stat(file.path, { bigint: true }))
    requireSame(file.path, file.identity, now, 'while it was read')
  } finally {
    await index?.close()
    await image.close()
  }
}
