import { constants } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import { orAbsent } from '../core/absent.ts'
import { isIngotError, systemCode } from '../core/errors.ts'
import type { StoredContent } from '../image/content.ts'
import type { DamageList } from '../image/damage.ts'
import { digestAt } from '../image/digest.ts'
import {
  LEAF_BYTES,
  leafCount,
  runLength,
  segmentCount,
  segmentDigest,
  segmentLeaves,
} from '../image/leaves.ts'
import { pathText } from '../image/tree-order.ts'
import { dataFileOf, isUnreadable, type CheckLeaves } from './check-leaves.ts'
import { LEAST_BYTES, openDirect, type DataFile } from './direct.ts'
import { IndexFile } from './index-file.ts'
import type { Layout } from './layout.ts'
import type { TreeIndexOptions } from './tree-index.ts'
import { inspectTree } from './verify-tree.ts'

export interface InspectOptions extends TreeIndexOptions {
  check: CheckLeaves
  damage: DamageList
  /** So many bytes were read; the next ones wait for it. */
  onRead?: (bytes: number) => Promise<void>
  /** Segment of a file with which it begins; 0 reads all. A tree is read from its beginning. */
  firstSegment?: number
  signal: AbortSignal
}

/**
 * Reads a content and its index from this disk and notes what is not as its digest says. Throws what keeps it from reading on, and the
 * signal's reason: what was found until then is noted.
 */
export async function inspectContent(
  layout: Layout,
  content: StoredContent,
  options: InspectOptions,
): Promise<void> {
  const { digest, kind, inPlace, privileged } = content
  const { damage } = options
  try {
    if (kind === 'file') {
      await inspectFile(layout, content, options)
      return
    }
    const trust = inPlace !== undefined || privileged === 'applied'
    const tree = { ...options, digest, trust, inPlace: inPlace?.path }
    await inspectTree(layout.content(digest), tree, {
      onNode: (path, what) => damage.addOther(`${pathText(path)}: ${what}`),
      onLeaf: ({ firstLeaf }, leaf) => damage.addLeaves(firstLeaf + leaf),
      onIndex: (what) => damage.addIndex(what),
    })
  } catch (error) {
    // Leaves that cannot be read are wrong leaves; what is left is the index.
    if (!isUnreadable(error)) throw error
    damage.addIndex('the disk cannot read the index')
  }
}

async function inspectFile(layout: Layout, content: StoredContent, options: InspectOptions): Promise<void> {
  const { digest, size, inPlace } = content
  const { damage } = options
  let index: IndexFile
  try {
    index = await IndexFile.open(layout.index(digest), size)
  } catch (error) {
    if (systemCode(error) !== 'ENOENT' && !isIngotError(error, 'wrong-content')) throw error
    damage.addIndex('the index is missing, or is none')
    return
  }
  try {
    if ((await index.root()) !== digest) {
      damage.addIndex('the segment digests differ')
      return
    }
    const path = inPlace?.path ?? layout.file(digest)
    const cached = await openImage(path)
    if (cached === undefined) {
      damage.addLeaves(0, leafCount(size))
      damage.addOther('the file is missing')
      return
    }
    const direct = size < LEAST_BYTES ? undefined : await openDirect(path, constants.O_RDONLY)
    try {
      const { size: found } = await cached.stat()
      if (found !== size) damage.addOther(`the file has ${found} bytes instead of ${size}`)
      await inspectSegments(index, dataFileOf(cached, direct), options)
    } finally {
      await cached.close()
      await direct?.close()
    }
  } finally {
    await index.close()
  }
}

async function openImage(path: string): Promise<FileHandle | undefined> {
  return await orAbsent(async () => await open(path, constants.O_RDONLY | constants.O_NONBLOCK))
}

async function inspectSegments(
  index: IndexFile,
  file: DataFile,
  { damage, check, onRead, signal, firstSegment = 0 }: InspectOptions,
): Promise<void> {
  const { size } = index
  const segments = await index.readSegments()
  for (let segment = firstSegment; segment < segmentCount(size); segment++) {
    signal.throwIfAborted()
    const { first, count } = segmentLeaves(size, segment)
    const digests = await index.readLeafLists(segment, 1)
    const expected = digestAt(segments, segment)
    if (!segmentDigest(size, segment, digests).equals(expected)) {
      damage.addIndex(`the leaf list of segment ${segment} differs`)
      continue
    }
    const length = runLength(size, first, count)
    const leaves = { file, position: first * LEAF_BYTES, length, digests, sole: false }
    for (const [i, wrong] of (await check(leaves)).entries()) if (wrong === 1) damage.addLeaves(first + i)
    await onRead?.(length)
  }
}
