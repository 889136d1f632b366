import { IngotError } from '../core/errors.ts'
import type { Limits } from '../core/limits.ts'
import type { TreeCounts, TreeEntry } from './tree.ts'

const SLASH = 0x2f
const DOT = Buffer.from('.')
const DOT_DOT = Buffer.from('..')

/** The path as text for people: bytes that are no UTF-8 stand as `\xNN`. */
export function pathText(path: Uint8Array): string {
  const bytes = Buffer.from(path.buffer, path.byteOffset, path.length)
  const text = bytes.toString('utf8')
  return Buffer.from(text).equals(bytes)
    ? JSON.stringify(text)
    : `"${bytes.toString('latin1').replaceAll(/[^ -~]/g, (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`)}"`
}

/** Where a path stands to another in the order of an index: below 0 before it, 0 the same, above 0 after it. */
export function comparePaths(one: Uint8Array, other: Uint8Array): number {
  const rank = (byte: number) => (byte === SLASH ? -1 : byte) // a directory's nodes come before whatever else begins like it
  const most = Math.min(one.length, other.length)
  for (let i = 0; i < most; i++) {
    const difference = rank(one[i] as number) - rank(other[i] as number)
    if (difference !== 0) return difference
  }
  return one.length - other.length
}

/**
 * Checks the entries of one tree as they come: every path is relative, made of plain parts, greater than the one before part
 * by part (so none comes twice), and lies in a directory that came before (so none leads through a symlink or a file). Hard
 * links name a file that came before. Memory: one path, and where the file system folds case the names of open directories.
 */
export class TreeOrder {
  readonly #limits: Limits
  /** Parts of the last path. */
  #last: Buffer[] = []
  #lastIsDirectory = false
  #entries = 0
  #files = 0
  #bytes = 0
  /** Folded names in each open directory, where the file system folds case. */
  readonly #folded: Set<string>[] | undefined

  constructor(limits: Limits, options: { foldsCase: boolean }) {
    this.#limits = limits
    this.#folded = options.foldsCase ? [] : undefined
  }

  /** What came so far. */
  get counts(): TreeCounts {
    return { entries: this.#entries, files: this.#files, bytes: this.#bytes }
  }

  /** Takes the next entry; throws `invalid` or `too-large` with what is wrong with it. */
  add(entry: TreeEntry): void {
    if (this.#entries >= this.#limits.treeEntries)
      throw new IngotError('too-large', `more than ${this.#limits.treeEntries} entries`)
    if (this.#entries === 0) this.#takeRoot(entry)
    else this.#takePath(entry)
    if (entry.kind === 'hardlink' && entry.file >= this.#files)
      throw refusal(entry, 'it is a hard link to a file that did not come before')
    if (entry.kind === 'file') {
      this.#files++
      this.#bytes += entry.size
      if (this.#bytes > this.#limits.imageBytes)
        throw new IngotError('too-large', 'more bytes than an image may have')
    }
    this.#entries++
  }

  #takeRoot(entry: TreeEntry): void {
    if (entry.path.length > 0) throw refusal(entry, 'the first entry has to be the root')
    if (entry.kind !== 'directory') throw refusal(entry, 'the root is not a directory')
    this.#lastIsDirectory = true
  }

  #takePath(entry: TreeEntry): void {
    const parts = this.#parts(entry)
    const name = parts.at(-1) as Buffer
    const depth = parts.length - 1
    if (depth > this.#last.length - (this.#lastIsDirectory ? 0 : 1))
      throw refusal(entry, 'it lies in no directory')
    for (let i = 0; i < depth; i++) {
      if (!(this.#last[i] as Buffer).equals(parts[i] as Buffer))
        throw refusal(entry, 'it lies in no directory that came just before')
    }
    const before = this.#last[depth]
    if (before !== undefined && before.compare(name) >= 0)
      throw refusal(entry, before.equals(name) ? 'it comes twice' : 'it is not in order')
    this.#refuseClash(entry, depth, name)
    this.#last = parts
    this.#lastIsDirectory = entry.kind === 'directory'
  }

  #parts(entry: TreeEntry): Buffer[] {
    const { path } = entry
    if (path.length === 0) throw refusal(entry, 'only the root has an empty path')
    if (path.length > this.#limits.pathBytes) throw refusal(entry, 'the path is too long')
    if (path[0] === SLASH) throw refusal(entry, 'the path is absolute')
    if (path.includes(0)) throw refusal(entry, 'the path has a NUL')
    const parts: Buffer[] = []
    for (let from = 0; from <= path.length;) {
      const slash = path.indexOf(SLASH, from)
      const end = slash < 0 ? path.length : slash
      const part = path.subarray(from, end)
      if (part.length === 0 || part.equals(DOT) || part.equals(DOT_DOT))
        throw refusal(entry, 'the path has an empty part, "." or ".."')
      if (part.length > this.#limits.nameBytes) throw refusal(entry, 'a part of the path is too long')
      parts.push(part)
      from = end + 1
    }
    return parts
  }

  #refuseClash(entry: TreeEntry, depth: number, name: Buffer): void {
    if (this.#folded === undefined) return
    this.#folded.length = Math.min(this.#folded.length, depth + 1)
    const names = (this.#folded[depth] ??= new Set())
    const folded = name.toString('utf8').normalize('NFKC').toLowerCase()
    if (names.has(folded))
      throw refusal(entry, 'another name differs only in case, which this file system does not tell apart')
    names.add(folded)
  }
}

function refusal(entry: TreeEntry, why: string): IngotError {
  return new IngotError('invalid', `the tree has the entry ${pathText(entry.path)}: ${why}`)
}
