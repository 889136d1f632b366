import { setImmediate } from 'node:timers/promises'
import { lstat, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { IngotError, systemCode } from '../core/errors.ts'
import type { Limits } from '../core/limits.ts'
import { pageDigest, privilegedCount } from '../image/tree.ts'
import { TreeOrder } from '../image/tree-order.ts'
import { countEntry, type Before, type TreeIndex } from './tree-index.ts'

/** What a checked tree needs of a disk. */
export interface TreeNeeds {
  /** Bytes of its files, each rounded up to the block of usual file systems, and of its directories. */
  bytes: number
  /** Nodes that are made. */
  inodes: number
  /** Bytes of the longest path. */
  longestPath: number
  /** Set-id bits, privileged attributes and recorded owners. */
  privileged: number
}

const BLOCK_BYTES = 4096

/**
 * Checks all pages of an index: digests, fields, order, paths, counts; and counts what comes before each page. Nothing may be
 * made of an index that did not pass. Throws `wrong-content` for a page that is not the one of the table, `invalid` or
 * `too-large` for a tree that nobody may make.
 */
export async function checkTree(
  index: TreeIndex,
  options: { limits: Limits; foldsCase: boolean; signal: AbortSignal },
): Promise<TreeNeeds> {
  const order = new TreeOrder(options.limits, options)
  const needs: TreeNeeds = { bytes: 0, inodes: 0, longestPath: 0, privileged: 0 }
  let count: Before = { files: 0, leaves: 0, listed: 0 }
  for (let page = 0; page < index.table.pages; page++) {
    options.signal.throwIfAborted()
    await setImmediate() // a page takes milliseconds: let others have their turn
    if (!pageDigest(await index.readPages(page)).equals(index.table.digest(page)))
      throw new IngotError('wrong-content', `page ${page} of the index is not the one of its table`)
    index.setBefore(page, count)
    for (const entry of await index.entries(page)) {
      order.add(entry)
      count = countEntry(count, entry)
      if (entry.kind !== 'hardlink') {
        needs.inodes++
        needs.privileged += privilegedCount(entry.attributes)
      }
      if (entry.kind === 'file') needs.bytes += Math.ceil(entry.size / BLOCK_BYTES) * BLOCK_BYTES
      if (entry.kind === 'directory') needs.bytes += BLOCK_BYTES
      needs.longestPath = Math.max(needs.longestPath, entry.path.length)
    }
  }
  index.setBefore(index.table.pages, count)
  const { entries, files, bytes } = index.table.counts
  const counted = order.counts
  if (counted.entries !== entries || counted.files !== files || counted.bytes !== bytes)
    throw new IngotError(
      'invalid',
      'the tree does not have the entries, files or bytes that its table counts',
    )
  return needs
}

/** True when the file system of a directory takes names that differ only in case for the same. Found out by making one. */
export async function foldsCase(directory: string): Promise<boolean> {
  const probe = await mkdtemp(join(directory, 'probe-'))
  try {
    await writeFile(join(probe, 'a'), '')
    await lstat(join(probe, 'A'))
    return true
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return false
    throw error
  } finally {
    await rm(probe, { recursive: true })
  }
}
