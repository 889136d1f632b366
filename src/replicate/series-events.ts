import { IngotError } from '../core/errors.ts'
import type { Limits } from '../core/limits.ts'
import type { JournalEvent } from '../image/journal.ts'
import { decide, type DecideComponents, type StandingSubscription } from './decide.ts'
import type { Room } from './room.ts'

/** An event about a series of the peer that announced it. */
export type SeriesEvent = Extract<JournalEvent, { series: string }>

/**
 * Takes an event about a series into the mirror, inside the caller's transaction; an insertion makes the image be decided about
 * anew, however old it is. Throws `invalid` or `too-large` for what is not acceptable here.
 */
export function applySeriesEvent(
  components: DecideComponents & { limits: Limits },
  taken: {
    peerId: string
    ordinal: number
    usage: { members: number }
    standings: readonly StandingSubscription[]
    room: Room
  },
  event: SeriesEvent,
): void {
  const { state, limits } = components
  const { peerId, ordinal, usage, standings, room } = taken
  const { announcedSeries } = state
  const { series } = event
  if (event.type === 'series-created') {
    const isFull = () => announcedSeries.count(peerId) >= limits.seriesPeer
    if (!announcedSeries.has(peerId, series) && isFull())
      throw new IngotError('too-large', 'the peer has more series than are kept of one peer')
    announcedSeries.create(peerId, series)
    return
  }
  if (!announcedSeries.has(peerId, series))
    throw new IngotError('invalid', `the peer told of a series ${series} that it did not create`)
  switch (event.type) {
    case 'series-inserted': {
      const { image, place } = event
      const announced = state.announced.get(peerId, image)
      if (announced?.status !== 'announced')
        throw new IngotError('invalid', `the peer put an image into ${series} that it does not announce`)
      if (!announcedSeries.holds(peerId, series, image)) {
        if (usage.members >= limits.seriesMembersPeer)
          throw new IngotError(
            'too-large',
            'the series of the peer have more images than are kept of one peer',
          )
        usage.members++
      }
      announcedSeries.insert(peerId, { series, image, place, ordinal })
      decide(components, announced, standings, room)
      return
    }
    case 'series-removed': {
      announcedSeries.remove(peerId, series, event.image)
      const announced = state.announced.get(peerId, event.image)
      if (announced?.status === 'announced') decide(components, announced, standings, room)
      return
    }
    case 'series-deleted': {
      const members = announcedSeries.members(peerId, series)
      announcedSeries.delete(peerId, series)
      // There may be a million of them: what no subscription names decides about none.
      if (!standings.some(({ selector }) => selector.kind === 'series' && selector.series === series)) return
      for (const { image } of members) {
        const announced = state.announced.get(peerId, image)
        if (announced?.status === 'announced') decide(components, announced, standings, room)
      }
    }
  }
}
