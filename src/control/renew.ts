import { IngotError } from '../core/errors.ts'
import { announce } from '../publish/announce.ts'
import { isAnnounced } from '../state/images.ts'
import type { RouteContext } from './context.ts'

/**
 * Gives this server's journal up for a new one, in which everything that is published is announced again; peers go on after their
 * operators accepted it. Throws `conflict` while the journal is in order, unless forced.
 */
export function renewJournal({ selfId, state, journal, links }: RouteContext, force: boolean): void {
  if (!journal.isFaulty && !force) {
    throw new IngotError('conflict', 'the journal of this server is in order', {
      hint: 'after a restore from a backup peers tell of it as soon as there is a link; --force renews it all the same, and every peer must then accept it',
    })
  }
  journal.renew((append) => {
    for (const series of state.series.names()) {
      for (const { image } of state.series.members(series)) {
        state.series.setAnnouncedOrder(series, image, undefined)
      }
      append({ type: 'series-created', series })
    }
    for (const image of state.images.ofOrigin(selfId)) if (isAnnounced(image)) announce(state, append, image)
  })
  for (const { id } of state.peers.list()) links.release(id, 'the journal of this server was renewed')
}
