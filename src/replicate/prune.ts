import { describeError } from '../core/errors.ts'
import { evaluate, matchSelector } from '../filter/evaluate.ts'
import type { Digest } from '../image/digest.ts'
import type { ImageRecord } from '../state/images.ts'
import type { State } from '../state/state.ts'
import { candidateOf, standingsOf } from './decide.ts'
import { removeReplica, type RemoveComponents } from './remove.ts'

/**
 * Lets old replicas of a peer go where a subscription says how many stay: those that it matches, that no subscription wants any
 * more, and only once all that stay are here. Images that their origin does not announce any more stay: nothing says that they are
 * old. Resolves to the names of those that went.
 */
export async function prune(components: RemoveComponents, peerId: string): Promise<string[]> {
  const { state, events, clock, logger } = components
  const gone: string[] = []
  const standings = standingsOf(state, peerId)
  const isHere = (id: Digest) => state.images.byId(id) !== undefined
  const complete = standings.filter(
    ({ kept }) => kept !== undefined && kept.size > 0 && [...kept].every(isHere),
  )
  if (complete.length === 0) return gone
  const unwanted = state.images.unwanted(peerId)
  for (const { selector, subscription } of complete) {
    const old = unwanted.filter(({ sealed }) => {
      const announced = state.announced.get(peerId, sealed.id)
      if (announced?.status !== 'announced') return false
      const candidate = candidateOf(state, announced)
      return matchSelector(selector, candidate).matches && !evaluate(standings, candidate).wanted
    })
    for (const image of old) {
      // While another one went, this one may have gone too, or the operator may have changed his mind.
      if (state.images.byId(image.sealed.id) === undefined || isWanted(state, peerId, image)) continue
      const reason = `keep ${subscription.keep}`
      const subject = `${state.peers.byId(peerId)?.name ?? peerId}/${image.name} (${reason})`
      const record = { operation: 'delete image', subject, outcome: 'done' }
      try {
        await removeReplica(components, image, {
          reason,
          also: () => state.audit.add({ time: clock.now(), ...record }),
        })
        events.emit({ type: 'audit', ...record })
        gone.push(image.name)
      } catch (error) {
        logger.error({ image: subject, error: describeError(error) }, 'could not let an old replica go')
      }
    }
  }
  return gone
}

/** Whether a subscription of now wants it, or none says any more how many stay. */
function isWanted(state: State, peerId: string, { sealed }: ImageRecord): boolean {
  const standings = standingsOf(state, peerId)
  const announced = state.announced.get(peerId, sealed.id)
  if (announced?.status !== 'announced') return true
  const candidate = candidateOf(state, announced)
  const bounded = standings.some(
    ({ selector, kept }) => kept !== undefined && matchSelector(selector, candidate).matches,
  )
  return !bounded || evaluate(standings, candidate).wanted
}
