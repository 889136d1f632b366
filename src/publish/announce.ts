import type { Digest } from '../image/digest.ts'
import type { SeriesMember } from '../state/series.ts'
import type { ImageRecord } from '../state/images.ts'
import type { State } from '../state/state.ts'
import type { Append } from './journal.ts'

/** Distance between the places of two neighbours when there is room. */
const STEP = 2 ** 32

/** Announces an image, and then each series in which it is; inside a publication. */
export function announce(state: State, append: Append, { sealed }: ImageRecord): void {
  append({ type: 'image-published', image: sealed })
  for (const series of state.series.of(sealed.id)) announceMember(state, append, series, sealed.id)
}

/** Takes an image out of what is announced: its publication is no longer sent to anybody. */
export function withdraw(state: State, append: Append, { sealed: { id } }: ImageRecord): void {
  append({ type: 'image-withdrawn', image: id })
  state.journal.takeBack(id)
  for (const series of state.series.of(id)) state.series.setAnnouncedOrder(series, id, undefined)
}

/**
 * Announces that an announced image is in a series, at its place among what is announced of the series: the place tells nothing
 * of members that are not announced.
 */
export function announceMember(state: State, append: Append, series: string, image: Digest): void {
  const members = state.series.members(series)
  const place = placeOf(members, image)
  const tell = (member: Digest, order: number) => {
    state.series.setAnnouncedOrder(series, member, order)
    append({ type: 'series-inserted', series, image: member, place: order })
  }
  if (place !== undefined) {
    tell(image, place)
    return
  }
  // No room between its neighbours: everything that is announced gets a new place.
  let next = STEP
  for (const member of members) {
    if (member.announcedOrder === undefined && member.image !== image) continue
    tell(member.image, next)
    next += STEP
  }
}

/** A place between those of the nearest announced neighbours; undefined when there is none left. */
function placeOf(members: readonly SeriesMember[], image: Digest): number | undefined {
  const at = members.findIndex((member) => member.image === image)
  const orders = (part: readonly SeriesMember[]) =>
    part.flatMap(({ announcedOrder }) => (announcedOrder === undefined ? [] : [announcedOrder]))
  const before = orders(members.slice(0, at)).at(-1) ?? 0
  const after = orders(members.slice(at + 1)).at(0)
  const place = after === undefined ? before + STEP : Math.floor((before + after) / 2)
  return place > before && place <= Number.MAX_SAFE_INTEGER ? place : undefined
}
