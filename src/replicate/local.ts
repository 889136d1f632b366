import { chmod, copyFile, mkdir, stat } from 'node:fs/promises'
import { constants } from 'node:fs'
import { join } from 'node:path'
import type { Clock } from '../core/clock.ts'
import { IngotError, isIngotError, systemCode } from '../core/errors.ts'
import type { Limits } from '../core/limits.ts'
import type { Privileged, StoredContent } from '../image/content.ts'
import type { Digest } from '../image/digest.ts'
import type { SealedManifest } from '../image/manifest.ts'
import type { State } from '../state/state.ts'
import { readUnrecorded } from '../store/adopt.ts'
import { applyPrivileged, assembleTree, makeDirectories } from '../store/assemble.ts'
import { copyTreeFiles } from '../store/copy-tree.ts'
import { syncFile } from '../store/durable.ts'
import { identityOf, requireSame } from '../store/file-identity.ts'
import { flatDigestOfSmall } from '../store/flat-digest.ts'
import { IndexFile } from '../store/index-file.ts'
import type { Layout } from '../store/layout.ts'
import type { Preseed } from '../store/preseed.ts'
import { removeTree } from '../store/remove-tree.ts'
import type { Needs } from '../store/space.ts'
import { TreeSync, syncTree } from '../store/sync-tree.ts'
import { TreeIdentities } from '../store/tree-identity.ts'
import { TreeIndex } from '../store/tree-index.ts'
import { verifyContent } from '../store/verify.ts'
import { verifyTree } from '../store/verify-tree.ts'
import { treePageDecoder } from '../wire/tree.ts'

export interface LocalComponents {
  state: State
  layout: Layout
  clock: Clock
  limits: Limits
  preseed: Preseed
}

export interface LocalOptions {
  /** Staging directory of the job. */
  staging: string
  /** Whether set-id bits, privileged attributes and owners of a tree are applied. */
  trustPrivileged: boolean
  /** File or directory that the subscription names. */
  preseed: string | undefined
  /** Told what a copy takes before it is made; throws `no-space` when it does not fit. */
  reserve: (needs: Needs) => Promise<void>
  signal: AbortSignal
}

/** Content that was found on this disk and verified: in its place, or copied to staging. */
export interface LocalContent {
  /** Flat digest of a file. */
  sha256: Digest | undefined
  staged: boolean
  /** It was the content of an image here until now. */
  recorded: boolean
  privileged: Privileged
  /** Set-id bits, privileged attributes and owners that the tree does not have here. */
  dropped: number
}

/**
 * Looks for the whole content of a peer's image on this disk: recorded (see {@link findRecorded}), or pre-seeded by the operator, and
 * then copied.
 */
export async function findLocalContent(
  components: LocalComponents,
  image: SealedManifest,
  options: LocalOptions,
): Promise<LocalContent | undefined> {
  return (await findRecorded(components, image, options)) ?? (await findPreseeded(components, image, options))
}

/** A pre-seeded file of the same size that has the content root of the image: its name does not matter. */
async function findPreseeded(
  { preseed }: LocalComponents,
  { manifest }: SealedManifest,
  options: LocalOptions,
): Promise<LocalContent | undefined> {
  const { kind, name, size, content: digest } = manifest
  if (kind !== 'file') return undefined
  const { staging, signal } = options
  for (const file of await preseed.files({ name, size }, options.preseed)) {
    if (file.size !== size) continue
    try {
      const index = await preseed.index(file, signal)
      if ((await rootOf(index, size)) !== digest) continue
      await removeTree(staging)
      await mkdir(staging, { mode: 0o700 })
      await copyFile(index, join(staging, 'index'))
      await copyVerified(file.path, { digest, size }, options)
      const sha256 = flatDigestOfSmall(join(staging, 'image'), size)
      return { sha256, privileged: 'none', dropped: 0, staged: true, recorded: false }
    } catch (error) {
      signal.throwIfAborted()
      if (isIngotError(error, 'no-space')) throw error
      await removeTree(staging) // it changed, or cannot be read: as good as absent
    }
  }
  return undefined
}

async function rootOf(path: string, size: number): Promise<Digest> {
  const index = await IndexFile.open(path, size)
  try {
    return await index.root()
  } finally {
    await index.close()
  }
}

/**
 * Looks for the whole content of a peer's image among the contents that are here: recorded, in its place without a record, or
 * registered in place by an import (then it is copied, because that file is not ours). Whatever is found is verified leaf by leaf before it counts; what does
 * not verify is as good as absent. A content on which only private images stand does not count either: its origin would learn
 * from our receipt that we have it.
 */
async function findRecorded(
  components: LocalComponents,
  image: SealedManifest,
  options: LocalOptions,
): Promise<LocalContent | undefined> {
  const { state, layout, clock, limits } = components
  const { content: digest, kind } = image.manifest
  const { signal, staging } = options
  const known = state.images.content(digest)
  if (known !== undefined && state.images.isPrivate(digest)) return undefined
  const decodePage = treePageDecoder(limits)
  const recorded =
    known ?? (await readUnrecorded(layout, digest, { now: clock.now(), signal, limits, decodePage }))
  // Kind and size are the origin's word; what lies here is known by its digest.
  if (recorded?.kind !== kind || recorded.size !== image.manifest.size) return undefined
  try {
    const found =
      recorded.kind === 'tree'
        ? await findTree(components, recorded, { ...options, entries: image.manifest.entries })
        : await findFile(layout, recorded, { ...options, verified: known === undefined })
    return { ...found, recorded: known !== undefined }
  } catch (error) {
    signal.throwIfAborted()
    const useless =
      error instanceof IngotError || error instanceof RangeError || systemCode(error) === 'ENOENT'
    if (!useless) throw error
    await removeTree(staging)
    return undefined
  }
}

async function findFile(
  layout: Layout,
  { digest, size, sha256, inPlace }: StoredContent,
  options: LocalOptions & { verified: boolean },
): Promise<Omit<LocalContent, 'recorded'>> {
  const { staging, signal, verified } = options
  const found = { sha256, privileged: 'none' as const, dropped: 0 }
  if (inPlace === undefined) {
    const place = { image: layout.file(digest), index: layout.index(digest) }
    if (!verified) await verifyContent(place, { digest, size, signal })
    return { ...found, staged: false }
  }
  const { path, stat: before } = inPlace
  requireSame(path, before, identityOf(await stat(path, { bigint: true })), 'since it was imported')
  await beginCopy(layout, digest, { staging, names: ['index'] })
  await copyVerified(path, { digest, size }, options)
  return { ...found, staged: true }
}

/** Copies a file that is not ours beside its index in staging, and verifies the copy leaf by leaf. */
async function copyVerified(
  path: string,
  { digest, size }: { digest: Digest; size: number },
  { staging, signal, reserve }: LocalOptions,
): Promise<void> {
  await reserve({ bytes: size, inodes: 2 })
  const copy = { image: join(staging, 'image'), index: join(staging, 'index') }
  await copyFile(path, copy.image, constants.COPYFILE_FICLONE)
  await chmod(copy.image, 0o600)
  await chmod(copy.index, 0o600)
  await syncFile(copy.image)
  await syncFile(copy.index)
  await verifyContent(copy, { digest, size, signal })
}

/** A tree whose privileged attributes were left out gets them now, when the job is trusted. */
async function findTree(
  { layout, limits }: LocalComponents,
  recorded: StoredContent,
  { staging, trustPrivileged, signal, reserve, entries }: LocalOptions & { entries: number | undefined },
): Promise<Omit<LocalContent, 'recorded'>> {
  const { digest, inPlace } = recorded
  const codec = { limits, decodePage: treePageDecoder(limits) }
  const staged = inPlace !== undefined
  const directory = staged ? staging : layout.content(digest)
  if (staged) {
    await reserve({ bytes: recorded.size, inodes: entries ?? 0 })
    await beginCopy(layout, digest, { staging, names: ['index', 'leaves'] })
  }
  const index = await TreeIndex.open(directory, codec)
  let sync: TreeSync | undefined
  const tree = { index, root: join(directory, 'image'), signal }
  try {
    if (index.table.counts.entries !== entries)
      throw new IngotError('wrong-content', 'the manifest names another number of entries than the tree has')
    if (staged) {
      sync = await TreeSync.open(staging)
      await makeDirectories(tree)
      const identities = await TreeIdentities.open(join(layout.content(digest), 'identities'), 'r')
      try {
        const places = { from: inPlace.path, to: tree.root, identities }
        await copyTreeFiles(index, places, { limits, signal })
      } finally {
        await identities.close()
      }
      await assembleTree(tree, { trust: trustPrivileged })
      await sync.sync()
    }
    const trust = staged ? trustPrivileged : recorded.privileged === 'applied'
    const { privileged: count } = await verifyTree(directory, { ...codec, digest, trust, signal })
    if (count > 0 && trustPrivileged && !trust) {
      await applyPrivileged(tree)
      await syncTree(directory)
    }
    const applied = trust || trustPrivileged
    const privileged = count === 0 ? 'none' : applied ? 'applied' : 'dropped'
    return { sha256: undefined, staged, privileged, dropped: applied ? 0 : count }
  } finally {
    await index.close()
    await sync?.close()
  }
}

/** An empty staging directory with the index of a content. */
async function beginCopy(
  layout: Layout,
  digest: Digest,
  { staging, names }: { staging: string; names: readonly string[] },
): Promise<void> {
  await removeTree(staging)
  await mkdir(staging, { mode: 0o700 })
  for (const name of names) await copyFile(join(layout.content(digest), name), join(staging, name))
}
