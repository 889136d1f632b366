import { randomUUID } from 'node:crypto'
import { utimesSync } from 'node:fs'
import { lstat, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { describeError, isIngotError, systemCode } from '../core/errors.ts'
import type { Limits } from '../core/limits.ts'
import type { Logger } from '../core/logger.ts'
import type { Digest } from '../image/digest.ts'
import { syncDirectory } from './durable.ts'
import type { Layout } from './layout.ts'
import { PatchFile, type PatchName } from './patch-file.ts'
import { freeBytes, totalBytes } from './space.ts'

export interface PatchCacheComponents {
  layout: Layout
  limits: Limits
  logger: Logger
}

const UNFINISHED = 'making-'

/**
 * The patches on this disk: `patches/<content>-<base>`. Nothing depends on them, so they go when there are too many bytes of them,
 * or too few are free: first what was not used the longest, also over restarts.
 */
export class PatchCache {
  readonly #components: PatchCacheComponents
  /** Bytes of each patch, by its file name; the one that was used last is at the end. */
  readonly #patches = new Map<string, number>()

  constructor(components: PatchCacheComponents) {
    this.#components = components
  }

  /** Finds what is there; removes what a crash left half done, and patches of contents that are not here. */
  async start(isHere: (content: Digest) => boolean): Promise<void> {
    const { layout } = this.#components
    const found: { name: string; bytes: number; usedAt: number }[] = []
    for (const name of await readdir(layout.patches)) {
      if (name.startsWith(UNFINISHED)) await this.#remove(name)
      else if (isPatchName(name) && !isHere(`sha256:${name.slice(0, 64)}`)) await this.#remove(name)
      else if (isPatchName(name)) {
        const { size, mtimeMs } = await lstat(join(layout.patches, name))
        found.push({ name, bytes: size, usedAt: mtimeMs })
      }
    }
    found.sort((a, b) => a.usedAt - b.usedAt)
    for (const { name, bytes } of found) this.#patches.set(name, bytes)
    await this.trim()
  }

  has(name: PatchName): boolean {
    return this.#patches.has(fileName(name))
  }

  /** Opens a patch, whose user closes it; undefined when there is none that can be read: what is damaged is removed. */
  async open(name: PatchName): Promise<PatchFile | undefined> {
    const file = fileName(name)
    const bytes = this.#patches.get(file)
    if (bytes === undefined) return undefined
    const path = join(this.#components.layout.patches, file)
    try {
      const patch = PatchFile.open(path, name)
      this.#patches.delete(file)
      if (patch === undefined) return undefined
      this.#patches.set(file, bytes) // the newest
      markUsed(path)
      return patch
    } catch (error) {
      if (isIngotError(error) || systemCode(error) === 'EIO') await this.discard(name)
      else
        this.#components.logger.warn({ patch: file, error: describeError(error) }, 'could not open a patch')
      return undefined
    }
  }

  /** Removes a patch that turned out to be damaged. */
  async discard(name: PatchName): Promise<void> {
    const file = fileName(name)
    this.#patches.delete(file)
    const { logger } = this.#components
    try {
      await this.#remove(file)
      logger.warn({ patch: file }, 'removed a patch that was damaged')
    } catch (error) {
      logger.error({ patch: file, error: describeError(error) }, 'could not remove a patch that is damaged')
    }
  }

  /** Where a patch can be made, and how large it may become. */
  async begin(): Promise<{ path: string; most: number }> {
    await this.trim()
    const { layout, limits } = this.#components
    const path = join(layout.patches, `${UNFINISHED}${randomUUID()}`)
    return { path, most: Math.min(limits.patchCacheBytes, await this.#usable()) }
  }

  /** Takes a patch that was made, and is synced, under its name. */
  async add(name: PatchName, path: string): Promise<void> {
    const { patches } = this.#components.layout
    const file = fileName(name)
    const { size } = await lstat(path)
    await rename(path, join(patches, file))
    await syncDirectory(patches)
    this.#patches.delete(file)
    this.#patches.set(file, size)
    await this.trim()
  }

  /** Removes what was not finished. */
  async abandon(path: string): Promise<void> {
    await rm(path, { force: true })
  }

  /** Removes the patches to and from a content that is gone. */
  async drop(content: Digest): Promise<void> {
    for (const file of this.#patches.keys()) {
      if (!file.split('-').includes(hexOf(content))) continue
      this.#patches.delete(file)
      await this.#remove(file)
    }
  }

  /** Removes patches until those that stay, and what is to stay free, have their room. */
  async trim(): Promise<void> {
    const { patchCacheBytes } = this.#components.limits
    const sum = () => [...this.#patches.values()].reduce((total, bytes) => total + bytes, 0)
    for (const file of this.#patches.keys()) {
      if (sum() <= patchCacheBytes && (await this.#usable()) > 0) return
      this.#patches.delete(file)
      await this.#remove(file)
      this.#components.logger.info({ patch: file }, 'removed a patch to make room')
    }
  }

  /** Bytes that may be written before the free space falls below its floor. */
  async #usable(): Promise<number> {
    const { layout, limits } = this.#components
    const [free, total] = [await freeBytes(layout.images), await totalBytes(layout.images)]
    return Math.max(0, free - total * limits.freeSpaceFloor)
  }

  async #remove(file: string): Promise<void> {
    await rm(join(this.#components.layout.patches, file), { force: true })
  }
}

function markUsed(path: string): void {
  try {
    const now = new Date()
    utimesSync(path, now, now)
  } catch {
    // It only goes sooner than others that were used.
  }
}

const hexOf = (digest: Digest) => digest.slice('sha256:'.length)

function fileName({ content, base }: PatchName): string {
  return `${hexOf(content)}-${base === undefined ? 'nothing' : hexOf(base)}`
}

function isPatchName(name: string): boolean {
  return /^[0-9a-f]{64}-([0-9a-f]{64}|nothing)$/.test(name)
}
