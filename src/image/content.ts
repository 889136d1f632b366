import type { Digest } from './digest.ts'

/** What tells whether a file is still the one that was read. Nanoseconds as text: more than a number holds. */
export interface FileIdentity {
  /** Device and inode. */
  inode: string
  size: number
  mtime: string
  ctime: string
}

/** Bytes that are whole on this disk. */
export interface StoredContent {
  digest: Digest
  kind: 'file' | 'tree'
  size: number
  /** Flat SHA-256 of the bytes, computed here. */
  sha256: Digest
  /** Where it lies, when it was registered and not copied. */
  inPlace: { path: string; stat: FileIdentity } | undefined
  /** Milliseconds since 1970. */
  createdAt: number
}
