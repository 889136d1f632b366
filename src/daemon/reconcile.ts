import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../core/clock.ts'
import { lstatIf } from '../core/absent.ts'
import { describeError, isIngotError } from '../core/errors.ts'
import type { Limits } from '../core/limits.ts'
import type { Logger } from '../core/logger.ts'
import { isDigest, type Digest } from '../image/digest.ts'
import type { State } from '../state/state.ts'
import { adoptOrRemove } from '../store/adopt.ts'
import type { Layout } from '../store/layout.ts'
import { linkImage } from '../store/placement.ts'
import { removeTree } from '../store/remove-tree.ts'
import { treePageDecoder } from '../wire/tree.ts'

/**
 * Brings the disk to what the database says, before anything runs: staging that no job and no repair needs goes; content without a record
 * is verified and adopted, or goes (what a job wants is left to the job); every image has its link. Resolves to the contents that are
 * gone though images stand on them.
 */
export async function reconcile(components: {
  selfId: string
  state: State
  layout: Layout
  clock: Clock
  limits: Limits
  logger: Logger
}): Promise<Digest[]> {
  const { selfId, state, layout, clock, limits, logger } = components
  const links = linksOf(selfId, state, layout)
  // Before any content goes: no link leads to what is half removed.
  await removeStaleLinks(state, layout, { links, logger })
  const jobs = state.jobs.list({ live: true })
  const repairs = state.integrity.damaged().filter(({ content }) => state.images.usesOf(content) > 0)
  const needed = new Set([
    ...jobs.map((job) => layout.staging(`job-${job.id}`)),
    ...repairs.map(({ content }) => layout.repair(content)),
  ])
  for (const name of await readdir(layout.stagings)) {
    const path = layout.staging(name)
    if (needed.has(path)) continue
    logger.info({ staging: name }, 'removed what an interrupted operation left')
    await removeOrTell(path, logger)
  }
  const wanted = new Set(jobs.map((job) => state.announced.get(job.peer, job.image)?.sealed.manifest.content))
  await removeUnused(state, layout, { wanted, logger })
  const missing = await findMissing(state, layout, logger)
  const recorded = new Set(
    [...state.images.contents().map(({ digest }) => digest), ...wanted].map(
      (digest) => digest && layout.content(digest),
    ),
  )
  for (const name of await readdir(layout.contents)) {
    const path = join(layout.contents, name)
    if (recorded.has(path)) continue
    const digest = `sha256:${name}`
    try {
      const signal = new AbortController().signal
      const options = { now: clock.now(), signal, limits, decodePage: treePageDecoder(limits) }
      const content = isDigest(digest) ? await adoptOrRemove(layout, digest, options) : undefined
      if (content !== undefined) state.images.putContent(content)
      logger.warn({ content: name, adopted: content !== undefined }, 'found a content without a record')
    } catch (error) {
      logger.error(
        { content: name, error: describeError(error) },
        'could not read a content without a record; it stays',
      )
    }
  }
  for (const [link, target] of links) {
    try {
      await linkImage(link, target)
    } catch (error) {
      if (isIngotError(error)) throw error // something of another's lies in the way, and an operator has to look
      logger.error(
        { link, error: describeError(error) },
        'could not link an image; the next start tries again',
      )
    }
  }
  return missing
}

async function findMissing(state: State, layout: Layout, logger: Logger): Promise<Digest[]> {
  const missing: Digest[] = []
  for (const { digest, inPlace } of state.images.contents()) {
    if (inPlace !== undefined) continue // the operator's
    try {
      if ((await lstatIf(layout.file(digest))) === undefined) missing.push(digest)
    } catch (error) {
      logger.error({ content: digest, error: describeError(error) }, 'could not look for a content')
    }
  }
  if (missing.length > 0)
    logger.error(
      { images: layout.images, missing: missing.length },
      'contents that are recorded are not here',
    )
  return missing
}

/** The link of every image that is here, and where it leads. */
function linksOf(selfId: string, state: State, layout: Layout): Map<string, string> {
  const links = new Map<string, string>()
  for (const { name, sealed } of state.images.list()) {
    const { origin, content } = sealed.manifest
    const owner = origin === selfId ? undefined : (state.peers.byId(origin)?.name ?? origin)
    const target = state.images.content(content)?.inPlace?.path ?? layout.file(content)
    links.set(layout.link(owner, name), target)
  }
  return links
}

/** What cannot be removed is told, and keeps no server from starting. */
async function removeOrTell(path: string, logger: Logger): Promise<void> {
  try {
    await removeTree(path)
  } catch (error) {
    logger.error(
      { path, error: describeError(error) },
      'could not remove what nothing needs; a later start tries again',
    )
  }
}

/** Removes contents on which no image stands: left by a crash between the end of an image and that of its content. */
async function removeUnused(
  state: State,
  layout: Layout,
  { wanted, logger }: { wanted: ReadonlySet<Digest | undefined>; logger: Logger },
): Promise<void> {
  for (const { digest } of state.images.contents()) {
    if (wanted.has(digest) || state.images.usesOf(digest) > 0) continue
    state.images.deleteContent(digest)
    await removeOrTell(layout.content(digest), logger)
    logger.info({ content: digest }, 'removed a content that no image stands on')
  }
}

/** Removes symlinks of images that are not here: left by a crash between link and record, or by a half-made link. */
async function removeStaleLinks(
  state: State,
  layout: Layout,
  { links, logger }: { links: ReadonlyMap<string, string>; logger: Logger },
): Promise<void> {
  for (const owner of await readdir(layout.images, { withFileTypes: true })) {
    // What else lies there (the root of a file system has a lost+found) is not ours.
    const ours = owner.name === 'own' || isPeer(state, owner.name)
    if (!owner.isDirectory() || !ours) continue
    const path = join(layout.images, owner.name)
    try {
      for (const entry of await readdir(path, { withFileTypes: true })) {
        const link = join(path, entry.name)
        if (entry.isSymbolicLink() && !links.has(link)) await rm(link)
      }
    } catch (error) {
      logger.error({ path, error: describeError(error) }, 'could not look for links of images that are gone')
    }
  }
}

/** True for the name, or the key, of a server that is or was a peer. */
function isPeer(state: State, name: string): boolean {
  return state.peers.byName(name) !== undefined || state.peers.byId(name) !== undefined
}
