import type { Limits } from '../core/limits.ts'
import { IngotError } from '../core/errors.ts'
import { DIGEST_BYTES, hash, hashUnder, toDigest, type Digest } from './digest.ts'
import { leafCount, leafDigest } from './leaves.ts'

/** An extended attribute, as the system names it: `user.origin`. */
export interface Xattr {
  name: Buffer
  value: Buffer
}

/** What a node has besides its content. */
export interface Attributes {
  /** Permission bits, set-id and sticky among them: 07777. 0 for a symlink, which has none. */
  mode: number
  /** Nanoseconds since 1970; may be negative. */
  mtimeNs: bigint
  /** Only when it was asked for at the import. */
  owner: { uid: number; gid: number } | undefined
  /** In ascending order of their names. */
  xattrs: Xattr[]
}

export interface DirectoryEntry {
  kind: 'directory'
  /** Relative to the root, as bytes; empty for the root alone. */
  path: Buffer
  attributes: Attributes
}

export interface FileEntry {
  kind: 'file'
  path: Buffer
  attributes: Attributes
  /** Bytes. */
  size: number
  /** {@link LeafList} digest: 32 bytes. */
  digest: Buffer
}

export interface SymlinkEntry {
  kind: 'symlink'
  path: Buffer
  attributes: Attributes
  /** Data: never followed. */
  target: Buffer
}

export interface HardlinkEntry {
  kind: 'hardlink'
  path: Buffer
  /** Number of the file entry that it is another name of, counted from 0 over the files of the tree. */
  file: number
}

/** One node of a tree. Devices, fifos and sockets have no kind. */
export type TreeEntry = DirectoryEntry | FileEntry | SymlinkEntry | HardlinkEntry

/** Limits, decodes and checks the fields of one page; throws `invalid` or `too-large`. Order and paths are TreeOrder's. */
export type DecodePage = (bytes: Uint8Array) => TreeEntry[]

/** Mode bits that give rights to whoever runs the file: set-user-id and set-group-id. */
export const SET_ID_BITS = 0o6000

/** True for an attribute that gives or takes rights: applied only where the job is trusted. */
export function isPrivilegedXattr({ name }: Pick<Xattr, 'name'>): boolean {
  return !name.toString('latin1').startsWith('user.')
}

/** True for an attribute that a tree carries at all. */
export function isKeptXattr(name: string): boolean {
  return /^(user|security|trusted)\../.test(name) || /^system\.posix_acl_(access|default)$/.test(name)
}

/** How many privileged attributes a node has: set-id bits count as one, its owner as one, each attribute as one. */
export function privilegedCount({ mode, owner, xattrs }: Attributes): number {
  return (
    ((mode & SET_ID_BITS) === 0 ? 0 : 1) +
    (owner === undefined ? 0 : 1) +
    xattrs.filter((xattr) => isPrivilegedXattr(xattr)).length
  )
}

/** Hash of a file's leaf list: of each leaf's digest and its length as 32-bit big-endian. Fed in parts. */
export class LeafList {
  readonly #state = hashUnder('ingot/leaf-list/1')
  readonly #length = Buffer.alloc(4)

  add(digest: Uint8Array, length: number): void {
    this.#length.writeUInt32BE(length)
    this.#state.update(digest).update(this.#length)
  }

  /** 32 bytes; nothing can be added then. */
  digest(): Buffer {
    return this.#state.digest()
  }
}

/** Digest of the leaf list of a file of one leaf: its leaf needs no list to be verified. */
export function soleLeafDigest(leaf: Uint8Array): Buffer {
  const list = new LeafList()
  list.add(leafDigest(leaf), leaf.length)
  return list.digest()
}

/** Leaves of a file whose digests lie in the index: none for a file of one leaf. */
export function listedLeaves(size: number): number {
  const leaves = leafCount(size)
  return leaves < 2 ? 0 : leaves
}

/** True when a page ends after an entry with this path: about every 1024th, whatever stands around it. */
export function endsPage(path: Uint8Array): boolean {
  return (hash('ingot/tree-path/1', path).readUInt16BE(DIGEST_BYTES - 2) & 0x3ff) === 0
}

/** Digest of the bytes of one page. */
export function pageDigest(page: Uint8Array): Buffer {
  return hash('ingot/tree-page/1', page)
}

/** What a tree has in all. */
export interface TreeCounts {
  entries: number
  files: number
  /** Sum of the sizes of its files; a hard link adds nothing. */
  bytes: number
}

const HEAD_BYTES = 24
const ROW_BYTES = DIGEST_BYTES + 4

/** Bytes of a table of `pages` pages. */
function pageTableBytes(pages: number): number {
  return HEAD_BYTES + pages * ROW_BYTES
}

/**
 * The table of a tree's pages: entries, files and bytes as 64-bit big-endian, then the digest of each page and its length as
 * 32-bit big-endian. Its hash is the root of the tree.
 */
export class PageTable {
  /** As it travels. */
  readonly bytes: Buffer
  readonly counts: TreeCounts
  /** Where each page begins when they lie one after the other; one more for the end. */
  readonly #offsets: Float64Array

  private constructor(bytes: Buffer) {
    const count = (at: number) => Number(bytes.readBigUInt64BE(at))
    this.bytes = bytes
    this.counts = { entries: count(0), files: count(8), bytes: count(16) }
    this.#offsets = new Float64Array((bytes.length - HEAD_BYTES) / ROW_BYTES + 1)
    for (let page = 0; page < this.pages; page++)
      this.#offsets[page + 1] = this.offset(page) + this.#row(page).readUInt32BE(DIGEST_BYTES)
  }

  /** A table from its bytes, checked against the limits. Throws `invalid` or `too-large`. */
  static parse(bytes: Buffer, limits: Limits): PageTable {
    const invalid = (what: string) => new IngotError('invalid', `the page table of the tree ${what}`)
    if (bytes.length < pageTableBytes(1) || (bytes.length - HEAD_BYTES) % ROW_BYTES !== 0)
      throw invalid('has an odd length')
    const table = new PageTable(bytes)
    const { entries, files, bytes: size } = table.counts
    if (entries > limits.treeEntries || table.pages > limits.treePages || size > limits.imageBytes)
      throw new IngotError('too-large', 'a tree of more entries, pages or bytes than are taken')
    if (files > entries || table.pages > entries) throw invalid('counts what cannot be')
    for (let page = 0; page < table.pages; page++) {
      if (table.length(page) < 1) throw invalid('has an empty page')
      if (table.length(page) > limits.treePageBytes) throw new IngotError('too-large', 'a page too large')
    }
    if (table.offset(table.pages) > limits.treeIndexBytes)
      throw new IngotError('too-large', 'a tree whose index has more bytes than are taken')
    return table
  }

  /** The table of pages that were just made. */
  static of(counts: TreeCounts, pages: readonly { digest: Buffer; length: number }[]): PageTable {
    const bytes = Buffer.alloc(pageTableBytes(pages.length))
    bytes.writeBigUInt64BE(BigInt(counts.entries), 0)
    bytes.writeBigUInt64BE(BigInt(counts.files), 8)
    bytes.writeBigUInt64BE(BigInt(counts.bytes), 16)
    for (const [page, { digest, length }] of pages.entries()) {
      digest.copy(bytes, HEAD_BYTES + page * ROW_BYTES)
      bytes.writeUInt32BE(length, HEAD_BYTES + page * ROW_BYTES + DIGEST_BYTES)
    }
    return new PageTable(bytes)
  }

  #row(page: number): Buffer {
    return this.bytes.subarray(HEAD_BYTES + page * ROW_BYTES, HEAD_BYTES + (page + 1) * ROW_BYTES)
  }

  /** Number of pages. */
  get pages(): number {
    return this.#offsets.length - 1
  }

  /** Digest that a page has to have. */
  digest(page: number): Buffer {
    return this.#row(page).subarray(0, DIGEST_BYTES)
  }

  /** Bytes before a page; of all pages for the number after the last. */
  offset(page: number): number {
    return this.#offsets[page] as number
  }

  length(page: number): number {
    return this.offset(page + 1) - this.offset(page)
  }

  /** Root of the tree's index. */
  root(): Digest {
    return toDigest(hash('ingot/tree-index/1', this.bytes))
  }
}
