import { describeError } from '../core/errors.ts'
import { evaluate, matchSelector } from '../filter/evaluate.ts'
import { candidateOf, standingsOf } from './decide.ts'
import { removeReplica, type RemoveComponents } from './remove.ts'

/**
 * Lets old replicas of a peer go where a subscription says how many stay: those that it matches, that no subscription wants any
 * more, and only once all that stay are here. Images that their origin does not announce any more stay: nothing says that they are
 * old.
 */
export async function prune(components: RemoveComponents, peerId: string): Promise<void> {
  const { state, events, clock, logger } = components
  const standings = standingsOf(state, peerId)
  for (const { selector, kept, subscription } of standings) {
    if (kept === undefined || kept.size === 0) continue
    if ([...kept].some((id) => state.images.byId(id) === undefined)) continue
    const old = state.images.ofOrigin(peerId).filter(({ sealed }) => {
      const announced = state.announced.get(peerId, sealed.id)
      if (announced?.status !== 'announced') return false
      const candidate = candidateOf(state, announced)
      return matchSelector(selector, candidate).matches && !evaluate(standings, candidate).wanted
    })
    for (const image of old) {
      if (state.images.byId(image.sealed.id) === undefined) continue // it went while another one did
      const reason = `keep ${subscription.keep}`
      const subject = `${state.peers.byId(peerId)?.name ?? peerId}/${image.name} (${reason})`
      const record = { operation: 'delete image', subject, outcome: 'done' }
      try {
        await removeReplica(components, image, {
          reason,
          also: () => state.audit.add({ time: clock.now(), ...record }),
        })
        events.emit({ type: 'audit', ...record })
      } catch (error) {
        logger.error({ image: subject, error: describeError(error) }, 'could not let an old replica go')
      }
    }
  }
}
