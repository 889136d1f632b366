import type { Digest } from './digest.ts'

/** What tells whether a file is still the one that was read. Nanoseconds as text: more than a number holds. */
export interface FileIdentity {
  /** Device and inode. */
  inode: string
  size: number
  mtime: string
  ctime: string
}

/**
 * How a tree on this disk stands to the set-id bits, privileged attributes and owners that its index records: it has none, they
 * were left out, or they were applied.
 */
export type Privileged = 'none' | 'dropped' | 'applied'

/** Bytes that are whole on this disk. */
export interface StoredContent {
  digest: Digest
  kind: 'file' | 'tree'
  size: number
  /** Flat SHA-256 of a file's bytes, computed here; undefined for a tree. */
  sha256: Digest | undefined
  /** Where it lies, when it was registered and not copied. */
  inPlace: { path: string; stat: FileIdentity } | undefined
  privileged: Privileged
  /** Milliseconds since 1970. */
  createdAt: number
}
