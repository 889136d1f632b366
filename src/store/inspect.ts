import { constants, type BigIntStats } from 'node:fs'
import { open, rename, rm, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { orAbsent } from '../core/absent.ts'
import { isIngotError, systemCode } from '../core/errors.ts'
import type { FileIdentity, StoredContent } from '../image/content.ts'
import { missingText, type DamageList } from '../image/damage.ts'
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
import { syncDirectory } from './durable.ts'
import { identityOf } from './file-identity.ts'
import { IndexFile } from './index-file.ts'
import type { Layout } from './layout.ts'
import { TreeIdentities } from './tree-identity.ts'
import type { PlacedFile, TreeIndexOptions } from './tree-index.ts'
import { inspectTree, type TreeReading } from './verify-tree.ts'

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
 * signal's reason: what was found until then is noted. Resolves to how the file stood before it was read, of a file; the files of a
 * tree in place that is whole are recorded anew beside its index.
 */
export async function inspectContent(
  layout: Layout,
  content: StoredContent,
  options: InspectOptions,
): Promise<FileIdentity | undefined> {
  try {
    if (content.kind === 'file') return await inspectFile(layout, content, options)
    if (content.inPlace === undefined) await inspectNodes(layout, content, options)
    else await inspectTreeInPlace(layout, content, options)
  } catch (error) {
    // Leaves that cannot be read are wrong leaves; what is left is the index.
    if (!isUnreadable(error)) throw error
    options.damage.addIndex('the disk cannot read the index')
  }
  return undefined
}

async function inspectNodes(
  layout: Layout,
  { digest, inPlace, privileged }: StoredContent,
  options: InspectOptions & Pick<TreeReading, 'onFile'>,
): Promise<void> {
  const { damage } = options
  const trust = inPlace !== undefined || privileged === 'applied'
  const tree = { ...options, digest, trust, inPlace: inPlace?.path }
  await inspectTree(layout.content(digest), tree, {
    onNode: (path, what) => damage.addOther(`${pathText(path)}: ${what}`),
    onLeaf: ({ firstLeaf }, leaf) => damage.addLeaves(firstLeaf + leaf),
    onIndex: (what) => damage.addIndex(what),
  })
}

/** Readings of trees in place since the start. */
let readings = 0

async function inspectTreeInPlace(
  layout: Layout,
  content: StoredContent,
  options: InspectOptions,
): Promise<void> {
  const directory = layout.content(content.digest)
  // One reading may overtake another.
  const next = join(directory, `identities.${++readings}`)
  const identities = await TreeIdentities.open(next, 'w').catch((error: unknown) => {
    if (systemCode(error) === undefined) throw error
  })
  if (identities === undefined) return await inspectNodes(layout, content, options) // as where the index is gone
  let isWhole = false
  try {
    const onFile = async ({ number }: PlacedFile, stat: BigIntStats) => await identities.record(number, stat)
    await inspectNodes(layout, content, { ...options, onFile })
    await identities.sync()
    isWhole = options.damage.found === undefined
  } finally {
    await identities.close()
    if (!isWhole) await rm(next, { force: true })
  }
  if (!isWhole) return
  await rename(next, join(directory, 'identities'))
  await syncDirectory(directory)
}

async function inspectFile(
  layout: Layout,
  content: StoredContent,
  options: InspectOptions,
): Promise<FileIdentity | undefined> {
  const { digest, size, inPlace } = content
  const { damage } = options
  let index: IndexFile
  try {
    index = await IndexFile.open(layout.index(digest), size)
  } catch (error) {
    if (systemCode(error) !== 'ENOENT' && !isIngotError(error, 'wrong-content')) throw error
    damage.addIndex('the index is missing, or is none')
    return undefined
  }
  try {
    if ((await index.root()) !== digest) {
      damage.addIndex('the segment digests differ')
      return undefined
    }
    const path = inPlace?.path ?? layout.file(digest)
    const cached = await openImage(path)
    if (cached === undefined) {
      damage.addLeaves(0, leafCount(size))
      damage.addOther(missingText('file'))
      return undefined
    }
    const direct = size < LEAST_BYTES ? undefined : await openDirect(path, constants.O_RDONLY)
    try {
      const identity = identityOf(await cached.stat({ bigint: true }))
      if (identity.size !== size) damage.addOther(`the file has ${identity.size} bytes instead of ${size}`)
      await inspectSegments(index, dataFileOf(cached, direct), options)
      return identity
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
