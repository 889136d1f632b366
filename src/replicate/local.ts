import { copyFile, mkdir, open, rm, stat } from 'node:fs/promises'
import { constants } from 'node:fs'
import { join } from 'node:path'
import type { Clock } from '../core/clock.ts'
import { IngotError, systemCode } from '../core/errors.ts'
import type { StoredContent } from '../image/content.ts'
import type { Digest } from '../image/digest.ts'
import type { SealedManifest } from '../image/manifest.ts'
import type { State } from '../state/state.ts'
import { readUnrecorded } from '../store/adopt.ts'
import { identityOf, requireSame } from '../store/file-identity.ts'
import type { Layout } from '../store/layout.ts'
import { verifyContent } from '../store/verify.ts'

export interface LocalComponents {
  state: State
  layout: Layout
  clock: Clock
}

/** Content that was found on this disk and verified: in its place, or copied to staging. */
export interface LocalContent {
  sha256: Digest
  staged: boolean
}

/**
 * Looks for the whole content of a peer's image on this disk: recorded, in its place without a record, or registered in place by an
 * import (then it is copied, because that file is not ours). Whatever is found is verified leaf by leaf before it counts; what does
 * not verify is as good as absent. A content on which only private images stand does not count either: its origin would learn
 * from our receipt that we have it.
 */
export async function findLocalContent(
  { state, layout, clock }: LocalComponents,
  image: SealedManifest,
  options: { staging: string; signal: AbortSignal },
): Promise<LocalContent | undefined> {
  const { content: digest, size } = image.manifest
  const { signal, staging } = options
  const recorded = state.images.content(digest)
  if (recorded === undefined) {
    const found = await readUnrecorded(layout, digest, { now: clock.now(), signal })
    return found && { sha256: found.sha256, staged: false }
  }
  if (state.images.isPrivate(digest)) return undefined
  try {
    if (recorded.inPlace === undefined) {
      const place = { image: layout.file(digest), index: layout.index(digest) }
      await verifyContent(place, { digest, size, signal })
      return { sha256: recorded.sha256, staged: false }
    }
    await copyInPlace(layout, recorded, staging)
    const copy = { image: join(staging, 'image'), index: join(staging, 'index') }
    await verifyContent(copy, { digest, size, signal })
    return { sha256: recorded.sha256, staged: true }
  } catch (error) {
    signal.throwIfAborted()
    const useless =
      error instanceof IngotError || error instanceof RangeError || systemCode(error) === 'ENOENT'
    if (!useless) throw error
    await rm(staging, { recursive: true, force: true })
    return undefined
  }
}

async function copyInPlace(layout: Layout, content: StoredContent, staging: string): Promise<void> {
  const { path, stat: before } = content.inPlace as NonNullable<StoredContent['inPlace']>
  requireSame(path, before, identityOf(await stat(path, { bigint: true })), 'since it was imported')
  await rm(staging, { recursive: true, force: true })
  await mkdir(staging, { mode: 0o700 })
  await copyFile(layout.index(content.digest), join(staging, 'index'))
  await copyFile(path, join(staging, 'image'), constants.COPYFILE_FICLONE)
  const copy = await open(join(staging, 'image'), 'r+')
  try {
    await copy.sync()
  } finally {
    await copy.close()
  }
}
