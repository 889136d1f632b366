import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Logger } from '../core/logger.ts'
import type { State } from '../state/state.ts'
import type { Layout } from '../store/layout.ts'
import { linkImage } from '../store/placement.ts'

/**
 * Brings the disk to what the database says, before anything runs: staging that no job needs goes; content without a record
 * goes, unless a job wants it (then the job verifies and takes it); every image has its link.
 */
export async function reconcile(components: {
  selfId: string
  state: State
  layout: Layout
  logger: Logger
}): Promise<void> {
  const { selfId, state, layout, logger } = components
  const jobs = state.jobs.list({ live: true })
  const needed = new Set(jobs.map((job) => `job-${job.id}`))
  for (const name of await readdir(layout.stagings)) {
    if (needed.has(name)) continue
    logger.info({ staging: name }, 'removed what an interrupted operation left')
    await rm(join(layout.stagings, name), { recursive: true, force: true })
  }
  const recorded = new Set(state.images.contents().map(({ digest }) => layout.content(digest)))
  for (const job of jobs) {
    const wanted = state.announced.get(job.peer, job.image)
    if (wanted !== undefined) recorded.add(layout.content(wanted.sealed.manifest.content))
  }
  for (const name of await readdir(layout.contents)) {
    const path = join(layout.contents, name)
    if (recorded.has(path)) continue
    logger.warn({ content: name }, 'removed a content that no image stands on')
    await rm(path, { recursive: true, force: true })
  }
  for (const { sealed } of state.images.list()) {
    const { origin, name, content } = sealed.manifest
    const owner = origin === selfId ? undefined : (state.peers.byId(origin)?.name ?? origin)
    const target = state.images.content(content)?.inPlace?.path ?? layout.file(content)
    await linkImage(layout.link(owner, name), target)
  }
}
