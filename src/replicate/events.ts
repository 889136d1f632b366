import type { Clock } from '../core/clock.ts'
import { IngotError, isIngotError } from '../core/errors.ts'
import type { Limits } from '../core/limits.ts'
import type { Logger } from '../core/logger.ts'
import type { Digest } from '../image/digest.ts'
import { verifyManifest, type SealedManifest } from '../image/manifest.ts'
import type { State } from '../state/state.ts'
import { decodeEvent } from '../wire/journal.ts'
import { decide } from './decide.ts'

/** What stops the intake from a peer until its operator or ours acts. */
export class JournalFault extends Error {}

export interface EventComponents {
  state: State
  clock: Clock
  limits: Limits
  logger: Logger
}

/** The body of one entry whose place in the chain is verified. */
export interface TakenEvent {
  peerId: string
  seq: number
  /** Encoded event. */
  body: Uint8Array
  /** Takes the ids of images that are withdrawn or deleted. */
  gone: Digest[]
  /** What is kept of this peer; grows with what is added. */
  usage: { entries: number; bytes: number }
}

/**
 * Takes one event into the mirror, inside the caller's transaction. Throws JournalFault when the peer announces what it may not;
 * what is authentic but not acceptable here is noted in the audit log and passed over.
 */
export function applyEvent(components: EventComponents, taken: TakenEvent): void {
  const { state, limits } = components
  const { peerId, seq, body, gone } = taken
  try {
    const event = decodeEvent(body, limits)
    switch (event.type) {
      case 'image-published':
        publish(components, taken, event.image)
        break
      case 'image-withdrawn':
        state.announced.setStatus(peerId, event.image, 'withdrawn')
        gone.push(event.image)
        break
      case 'image-deleted':
        state.announced.setStatus(peerId, event.image, 'deleted')
        gone.push(event.image)
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
    refuse(components, taken, error.message)
  }
}

function publish(components: EventComponents, taken: TakenEvent, image: SealedManifest): void {
  const { limits } = components
  const { peerId, seq, usage } = taken
  if (image.manifest.origin !== peerId) throw new JournalFault('it announced an image that it did not create')
  if (!verifyManifest(image))
    throw new JournalFault('it announced a manifest whose signature does not verify')
  if (
    usage.entries >= limits.journalEntriesPeer ||
    usage.bytes + image.bytes.length > limits.journalBytesPeer
  ) {
    throw new IngotError('too-large', 'the peer announced more than is kept of one peer')
  }
  usage.entries++
  usage.bytes += image.bytes.length
  decide(components, peerId, image, seq)
}

function refuse({ state, clock, logger }: EventComponents, { peerId, seq }: TakenEvent, why: string): void {
  const peer = state.peers.byId(peerId)?.name ?? peerId
  logger.warn({ peer, seq, why }, 'refused a journal entry')
  const subject = `${peer} entry ${seq}`
  state.audit.add({ time: clock.now(), operation: 'refuse entry', subject, outcome: why })
}
