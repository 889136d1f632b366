import { stat } from 'node:fs/promises'
import { IngotError, isIngotError, systemCode } from '../core/errors.ts'
import type { Privileged, StoredContent } from '../image/content.ts'
import type { Digest } from '../image/digest.ts'
import { syncDirectory, syncFile } from './durable.ts'
import { flatDigestOfSmall } from './flat-digest.ts'
import type { Layout } from './layout.ts'
import { removeTree } from './remove-tree.ts'
import { syncTree } from './sync-tree.ts'
import { TreeIndex, type TreeIndexOptions } from './tree-index.ts'
import { verifyContent } from './verify.ts'
import { verifyTree } from './verify-tree.ts'

export interface AdoptOptions extends TreeIndexOptions {
  /** Time of the record, milliseconds since 1970. */
  now: number
  signal: AbortSignal
}

/**
 * Reads a content directory that has no record (after a crash between its rename and its record, or a database restored from a
 * backup): a record for it when it verifies leaf by leaf, undefined when it does not or is not there. It is durable then, also where
 * a sync after its rename failed or never came. Removes nothing: another operation may just be filling that place.
 */
export async function readUnrecorded(
  layout: Layout,
  digest: Digest,
  options: AdoptOptions,
): Promise<StoredContent | undefined> {
  const image = layout.file(digest)
  const record = { digest, inPlace: undefined, createdAt: options.now }
  try {
    const found = await stat(image)
    if (found.isDirectory()) {
      const tree = await readTree(layout.content(digest), digest, options)
      await syncTree(layout.content(digest))
      await syncDirectory(layout.contents)
      return { ...record, ...tree, kind: 'tree', sha256: undefined }
    }
    const { size } = found
    await verifyContent({ image, index: layout.index(digest) }, { digest, size, signal: options.signal })
    await syncFile(image)
    await syncFile(layout.index(digest))
    await syncDirectory(layout.content(digest))
    await syncDirectory(layout.contents)
    const sha256 = flatDigestOfSmall(image, size)
    return { ...record, kind: 'file', size, sha256, privileged: 'none' }
  } catch (error) {
    options.signal.throwIfAborted()
    if (systemCode(error) === 'ENOENT' || error instanceof IngotError || error instanceof RangeError)
      return undefined
    throw error
  }
}

/** How a tree stands that nobody noted: with all that is privileged, else without. */
async function readTree(
  directory: string,
  digest: Digest,
  options: AdoptOptions,
): Promise<{ size: number; privileged: Privileged }> {
  const index = await TreeIndex.open(directory, options)
  await index.close()
  const size = index.table.counts.bytes
  try {
    const { privileged } = await verifyTree(directory, { ...options, digest, trust: true })
    return { size, privileged: privileged === 0 ? 'none' : 'applied' }
  } catch (error) {
    if (!isIngotError(error, 'wrong-content')) throw error
    await verifyTree(directory, { ...options, digest, trust: false })
    return { size, privileged: 'dropped' }
  }
}

/** Like {@link readUnrecorded}, and removes what does not verify: only while nothing else runs. */
export async function adoptOrRemove(
  layout: Layout,
  digest: Digest,
  options: AdoptOptions,
): Promise<StoredContent | undefined> {
  const content = await readUnrecorded(layout, digest, options)
  if (content === undefined) await removeTree(layout.content(digest))
  return content
}
