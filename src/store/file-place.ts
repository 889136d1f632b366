import { closeSync, fstatSync, openSync } from 'node:fs'
import { IngotError, systemCode } from '../core/errors.ts'
import type { FileIdentity } from '../image/content.ts'
import { pathText } from '../image/tree-order.ts'
import { identityOf, requireSame } from './file-identity.ts'
import { requireAt } from './inside.ts'

/** Where a file of a content lies, for any thread to open. */
export interface FilePlace {
  path: Uint8Array
  /** Those with which it is opened. */
  flags: number
  /** The path has no link in it, and what is opened has to lie there: in a tree. */
  isReal: boolean
  /** Of a file that is not ours: what it was when it was imported. */
  was: FileIdentity | undefined
}

/** A descriptor to read the file. Throws `changed-on-disk` when it is not what it was. */
export function openPlace({ path, flags, isReal, was }: FilePlace): number {
  let fd: number
  try {
    fd = openSync(Buffer.from(path), flags)
  } catch (cause) {
    if (!['ENOENT', 'ENOTDIR', 'ELOOP'].includes(systemCode(cause) ?? '')) throw cause
    throw new IngotError('changed-on-disk', `${pathText(path)} is not what it was`, { cause })
  }
  try {
    if (isReal) requireAt(fd, Buffer.from(path))
    if (was !== undefined)
      requireSame(pathText(path), was, identityOf(fstatSync(fd, { bigint: true })), 'since it was imported')
    return fd
  } catch (error) {
    closeSync(fd)
    throw error
  }
}

/** Files of which some are open: at most `most` at once, those that were used last. Synchronous. */
export class OpenPlaces {
  readonly #places: readonly FilePlace[]
  readonly #most: number
  /** Descriptors by the number of the place, the one that was not used the longest first. */
  readonly #open = new Map<number, number>()

  constructor(places: readonly FilePlace[], most: number) {
    this.#places = places
    this.#most = most
  }

  /** A descriptor to read a file until another is asked for. Throws `changed-on-disk` when it cannot be opened. */
  descriptor(number: number): number {
    let fd = this.#open.get(number)
    this.#open.delete(number)
    if (fd === undefined) {
      for (const [other, unused] of this.#open) {
        if (this.#open.size < this.#most) break
        this.#open.delete(other)
        closeSync(unused)
      }
      try {
        fd = openPlace(this.#places[number] as FilePlace)
      } catch (cause) {
        throw new IngotError('changed-on-disk', 'a file of a content cannot be opened', { cause })
      }
    }
    this.#open.set(number, fd)
    return fd
  }

  close(): void {
    for (const fd of this.#open.values()) closeSync(fd)
    this.#open.clear()
  }
}
