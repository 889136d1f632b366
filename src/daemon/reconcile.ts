import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../core/clock.ts'
import { describeError } from '../core/errors.ts'
import type { Limits } from '../core/limits.ts'
import type { Logger } from '../core/logger.ts'
import { isDigest } from '../image/digest.ts'
import type { State } from '../state/state.ts'
import { adoptOrRemove } from '../store/adopt.ts'
import type { Layout } from '../store/layout.ts'
import { linkImage } from '../store/placement.ts'
import { removeTree } from '../store/remove-tree.ts'
import { treePageDecoder } from '../wire/tree.ts'

/**
 * Brings the disk to what the database says, before anything runs: staging that no job needs goes; content without a record
 * is verified and adopted, or goes (what a job wants is left to the job); every image has its link.
 */
export async function reconcile(components: {
  selfId: string
  state: State
  layout: Layout
  clock: Clock
  limits: Limits
  logger: Logger
}): Promise<void> {
  const { selfId, state, layout, clock, limits, logger } = components
  const jobs = state.jobs.list({ live: true })
  const needed = new Set(jobs.map((job) => `job-${job.id}`))
  for (const name of await readdir(layout.stagings)) {
    if (needed.has(name)) continue
    logger.info({ staging: name }, 'removed what an interrupted operation left')
    await removeTree(join(layout.stagings, name))
  }
  const recorded = new Set(state.images.contents().map(({ digest }) => layout.content(digest)))
  for (const job of jobs) {
    const wanted = state.announced.get(job.peer, job.image)
    if (wanted !== undefined) recorded.add(layout.content(wanted.sealed.manifest.content))
  }
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
  const links = new Set<string>()
  for (const { name, sealed } of state.images.list()) {
    const { origin, content } = sealed.manifest
    const owner = origin === selfId ? undefined : (state.peers.byId(origin)?.name ?? origin)
    const target = state.images.content(content)?.inPlace?.path ?? layout.file(content)
    const link = layout.link(owner, name)
    links.add(link)
    await linkImage(link, target)
  }
  await removeStaleLinks(layout, links)
}

/** Removes symlinks of images that are not here: left by a crash between link and record, or by a half-made link. */
async function removeStaleLinks(layout: Layout, links: ReadonlySet<string>): Promise<void> {
  for (const owner of await readdir(layout.images, { withFileTypes: true })) {
    const path = join(layout.images, owner.name)
    if (!owner.isDirectory() || [layout.contents, layout.stagings].includes(path)) continue
    for (const entry of await readdir(path, { withFileTypes: true })) {
      const link = join(path, entry.name)
      if (entry.isSymbolicLink() && !links.has(link)) await rm(link)
    }
  }
}
