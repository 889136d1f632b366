/** What an operation of the disk is, for {@link DiskFault.on}. `link` is both kinds of link; `unlink` everything that removes. */
export type DiskOperation =
  | 'open' // that may make a file
  | 'read'
  | 'write'
  | 'copy'
  | 'truncate'
  | 'sync'
  | 'rename'
  | 'link'
  | 'unlink'
  | 'mkdir'
  | 'commit'

/** One thing that goes wrong. */
export interface DiskFault {
  /**
   * `full`: ENOSPC for everything that takes space. `read-error`, `write-error`, `sync-error`, `rename-error` (links too): EIO.
   * `torn-write`: half of the bytes are written, then EIO. `kill`: SIGKILL at the operation `on`.
   */
  kind: 'full' | 'read-error' | 'write-error' | 'torn-write' | 'sync-error' | 'rename-error' | 'kill'
  /** Absolute directory: only what lies under it is hit. */
  under: string
  /** Matching operations that pass first. */
  after: number
  /** Matching operations that are hit then; Infinity for all. */
  times: number
  /** What the path has to contain, after `under`. */
  path?: string
  /** The operation at which a `kill` comes. */
  on?: DiskOperation
  /** A `kill` comes before the operation (default), when a write is half done, or after it. */
  when?: 'before' | 'during' | 'after'
}
