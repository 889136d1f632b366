import { rm } from 'node:fs/promises'
import type { Clock } from '../core/clock.ts'
import type { EventBus } from '../core/events.ts'
import type { Logger } from '../core/logger.ts'
import type { ImageRecord } from '../state/images.ts'
import type { State } from '../state/state.ts'
import type { ContentCollector } from '../store/collect.ts'
import type { Layout } from '../store/layout.ts'

export interface RemoveComponents {
  state: State
  layout: Layout
  collector: ContentCollector
  events: EventBus
  clock: Clock
  logger: Logger
}

/**
 * Removes a replica from this server and notes a receipt for its origin; `also` runs in the same transaction. Its content goes
 * when no other image stands on it.
 */
export async function removeReplica(
  components: RemoveComponents,
  image: ImageRecord,
  options: { reason: string; also: () => void },
): Promise<void> {
  const { state, layout, collector, events, clock, logger } = components
  const { id, manifest } = image.sealed
  const peer = state.peers.byId(manifest.origin)
  const owner = peer?.name ?? manifest.origin
  state.db.durably(() => {
    state.images.delete(id)
    state.receipts.note(manifest.origin, {
      image: id,
      state: 'deleted',
      reason: options.reason,
      time: clock.now(),
    })
    // The name of a peer that is unregistered is bound to its key only while replicas of it remain.
    if (peer?.status === 'unregistered' && state.images.countOf(peer.id) === 0) state.peers.delete(peer.id)
    options.also()
  })
  await rm(layout.link(owner, image.name), { force: true })
  await collector.collect(manifest.content)
  const ref = `${owner}/${image.name}`
  logger.info({ image: ref, why: options.reason }, 'replica deleted')
  events.emit({ type: 'image', image: id, ref, status: 'deleted' })
}
