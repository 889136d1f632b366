import type { Clock } from '../core/clock.ts'
import { IngotError, isIngotError } from '../core/errors.ts'
import type { EventBus } from '../core/events.ts'
import type { Limits } from '../core/limits.ts'
import type { Logger } from '../core/logger.ts'
import type { PerMinute } from '../core/per-minute.ts'
import type { Digest } from '../image/digest.ts'
import { verifyManifest, type SealedManifest } from '../image/manifest.ts'
import type { AnnouncedImage } from '../state/announced.ts'
import type { State } from '../state/state.ts'
import { decodeEvent } from '../wire/journal.ts'
import { decide, type StandingSubscription } from './decide.ts'
import type { Room } from './room.ts'
import { applySeriesEvent } from './series-events.ts'

/** What stops the intake from a peer until its operator or ours acts. */
export class JournalFault extends Error {
  /** The entry at fault, when it is that entry alone and not the chain. */
  readonly seq: number | undefined

  constructor(message: string, seq?: number) {
    super(message)
    this.seq = seq
  }
}

export interface EventComponents {
  state: State
  events: EventBus
  clock: Clock
  limits: Limits
  logger: Logger
}

/** The body of one entry whose place in the chain is verified. */
export interface TakenEvent {
  peerId: string
  seq: number
  /** Its number among all entries that were ever taken of this peer. */
  ordinal: number
  /** Encoded event. */
  body: Uint8Array
  /** Takes the ids of images that are withdrawn or deleted. */
  gone: Digest[]
  usage: Usage
  /** This server's subscriptions on that peer's images, as they were before a batch of events: made anew for each would be slow. */
  standings: readonly StandingSubscription[]
  room: Room
  /** Counts what is refused. */
  refusals: PerMinute
}

/** What is kept of one peer; grows with what is added. */
export interface Usage {
  /** Announced images, and bytes of their manifests. */
  entries: number
  bytes: number
  /** Memberships in series. */
  members: number
}

export function usageOf(state: State, peerId: string): Usage {
  return { ...state.announced.usage(peerId), members: state.announcedSeries.countMembers(peerId) }
}

/**
 * Takes one event into the mirror, inside the caller's transaction. Throws JournalFault when the peer announces what it may not;
 * what is authentic but not acceptable here is noted in the audit log and passed over.
 */
export function applyEvent(components: EventComponents, taken: TakenEvent): void {
  const { state, limits } = components
  const { peerId, seq, body } = taken
  if (state.peers.byId(peerId)?.passedSeq === seq) {
    refuse(components, taken, 'the operator passed over this entry')
    return
  }
  try {
    const event = decodeEvent(body, limits)
    switch (event.type) {
      case 'image-published':
        publish(components, taken, event.image)
        break
      case 'image-withdrawn':
        retract(components, taken, { image: event.image, status: 'withdrawn' })
        break
      case 'image-deleted':
        retract(components, taken, { image: event.image, status: 'deleted' })
        break
      case 'series-created':
      case 'series-inserted':
      case 'series-removed':
      case 'series-deleted':
        applySeriesEvent(components, taken, event)
        break
      case 'unknown':
        if (state.unknownEvents.count(peerId) >= limits.unknownEventsPeer) {
          throw new IngotError('too-large', 'too many events that this version does not know')
        }
        state.unknownEvents.put(peerId, seq, body)
        break
    }
  } catch (error) {
    if (!isIngotError(error, 'invalid', 'too-large')) throw error
    const { refusals } = taken
    const how = refusals.count(peerId, components.clock.now())
    if (how === 'each') refuse(components, taken, error.message)
    if (how === 'last')
      refuse(components, taken, `${error.message}; more that is refused in this minute is not noted`)
  }
}

function publish(components: EventComponents, taken: TakenEvent, image: SealedManifest): void {
  const { state, clock, limits } = components
  const { peerId, seq, usage } = taken
  if (image.manifest.origin !== peerId)
    throw new JournalFault('it announced an image that it did not create', seq)
  if (!verifyManifest(image))
    throw new JournalFault('it announced a manifest whose signature does not verify', seq)
  const known = state.announced.get(peerId, image.id)
  const isFull =
    usage.entries >= limits.journalEntriesPeer || usage.bytes + image.bytes.length > limits.journalBytesPeer
  if (known === undefined && isFull)
    throw new IngotError('too-large', 'the peer announced more than is kept of one peer')
  const namesake = state.announced.byName(peerId, image.manifest.name)
  if (namesake !== undefined && namesake.sealed.id !== image.id) {
    if (!state.announced.isStale(peerId, namesake.sealed.id))
      throw new IngotError('invalid', `the peer announced two images ${image.manifest.name}`)
    retract(components, taken, { image: namesake.sealed.id, status: 'withdrawn' })
  }
  if (known === undefined) {
    usage.entries++
    usage.bytes += image.bytes.length
  }
  const announced: AnnouncedImage = {
    peer: peerId,
    sealed: image,
    seq,
    // What was announced all the time did not come anew with a new journal.
    ordinal: known?.status === 'announced' ? known.ordinal : taken.ordinal,
    status: 'announced',
    decision: 'not-wanted',
    rule: '',
    decidedAt: clock.now(),
  }
  state.announced.put(announced)
  decide(components, announced, taken.standings, taken.room)
}

/** Takes an image out of what the peer announces; whoever has it keeps it, and is warned. */
function retract(
  components: EventComponents,
  { peerId, gone }: TakenEvent,
  { image, status }: { image: Digest; status: 'withdrawn' | 'deleted' },
): void {
  const { state } = components
  if (state.announced.get(peerId, image) === undefined) return
  state.announced.setStatus(peerId, image, status)
  state.announcedSeries.removeImage(peerId, image)
  gone.push(image)
  warnTakenBack(components, peerId, { image, status })
}

/** Warns of an image that its origin does not announce any more, where a replica of it is here. */
export function warnTakenBack(
  { state, events, logger }: EventComponents,
  peerId: string,
  { image, status }: { image: Digest; status: 'withdrawn' | 'deleted' },
): void {
  const replica = state.images.byId(image)
  if (replica === undefined) return
  const ref = `${state.peers.byId(peerId)?.name ?? peerId}/${replica.name}`
  logger.warn({ image: ref, status }, 'the origin took back an image of which a replica is here; it stays')
  events.emit({ type: 'image', image, ref, status })
}

function refuse(
  { state, events, clock, logger }: EventComponents,
  { peerId, seq }: TakenEvent,
  why: string,
): void {
  const peer = state.peers.byId(peerId)?.name ?? peerId
  logger.warn({ peer, seq, why }, 'refused a journal entry')
  const record = { operation: 'refuse entry', subject: `${peer} entry ${seq}`, outcome: why }
  state.audit.add({ time: clock.now(), ...record })
  events.emit({ type: 'audit', ...record })
}
