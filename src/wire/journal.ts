import type { Limits } from '../core/limits.ts'
import { fromDigest } from '../image/digest.ts'
import type { Cursor, Head, JournalEntry, JournalEvent, KnownEvent } from '../image/journal.ts'
import { SIGNATURE_BYTES } from '../image/signature.ts'
import { bytesOf, decodeMessage, digestOf, encodeMessage, nameOf, present, timeOf, whole } from './decode.ts'
import { ingot } from './generated/messages.js'
import { openManifest } from './manifest.ts'

const JOURNAL_ID_BYTES = 16

/** First message of a receiver: what it holds (undefined: nothing yet), or only a question for the head. */
export interface JournalOpen {
  cursor: Cursor | undefined
  headOnly: boolean
}

export type JournalRequest = { type: 'open'; open: JournalOpen } | { type: 'ack'; seq: number }

/** Why the origin does not serve its journal from a cursor. */
export type JournalRefusal = 'cursor-unknown' | 'busy' | 'invalid'

export type JournalAnswer =
  | { type: 'start'; head: Head }
  | { type: 'entry'; entry: JournalEntry }
  | { type: 'refusal'; refusal: JournalRefusal; head: Head | undefined }

const refusals = {
  'cursor-unknown': ingot.JournalRefusalCode.JOURNAL_REFUSAL_CURSOR_UNKNOWN,
  busy: ingot.JournalRefusalCode.JOURNAL_REFUSAL_BUSY,
  invalid: ingot.JournalRefusalCode.JOURNAL_REFUSAL_INVALID,
} as const

export function headToMessage(head: Head): ingot.Head.$Properties {
  return {
    journalId: Buffer.from(head.journalId, 'hex'),
    seq: head.seq,
    hash: fromDigest(head.hash),
    time: head.time,
    signature: head.signature,
  }
}

export function headFromMessage(message: ingot.Head.$Properties): Head {
  return {
    journalId: Buffer.from(bytesOf(message.journalId, JOURNAL_ID_BYTES, 'journal_id')).toString('hex'),
    seq: whole(message.seq, 'seq'),
    hash: digestOf(message.hash, 'hash'),
    time: timeOf(message.time, 'time'),
    signature: bytesOf(message.signature, SIGNATURE_BYTES, 'signature'),
  }
}

/** Encoded body of an entry. */
export function encodeEvent(event: KnownEvent): Uint8Array {
  switch (event.type) {
    case 'image-published':
      return encodeMessage(ingot.Event, {
        imagePublished: { manifest: event.image.bytes, signature: event.image.signature },
      })
    case 'image-withdrawn':
      return encodeMessage(ingot.Event, { imageWithdrawn: { image: fromDigest(event.image) } })
    case 'image-deleted':
      return encodeMessage(ingot.Event, { imageDeleted: { image: fromDigest(event.image) } })
    case 'series-created':
      return encodeMessage(ingot.Event, { seriesCreated: { series: event.series } })
    case 'series-inserted': {
      const { series, image, place } = event
      return encodeMessage(ingot.Event, { seriesInserted: { series, image: fromDigest(image), place } })
    }
    case 'series-removed': {
      const { series, image } = event
      return encodeMessage(ingot.Event, { seriesRemoved: { series, image: fromDigest(image) } })
    }
    case 'series-deleted':
      return encodeMessage(ingot.Event, { seriesDeleted: { series: event.series } })
  }
}

/** Limit, decode, validate a body. What this version does not know comes back as `unknown`. */
export function decodeEvent(body: Uint8Array, limits: Limits): JournalEvent {
  const message = decodeMessage(ingot.Event, body, limits.messageBytes)
  if (message.imagePublished != null) {
    const { manifest, signature } = message.imagePublished
    return {
      type: 'image-published',
      image: openManifest(present(manifest, 'manifest'), present(signature, 'signature'), limits),
    }
  }
  if (message.imageWithdrawn != null) {
    return { type: 'image-withdrawn', image: digestOf(message.imageWithdrawn.image, 'image') }
  }
  if (message.imageDeleted != null) {
    return { type: 'image-deleted', image: digestOf(message.imageDeleted.image, 'image') }
  }
  return decodeSeriesEvent(message) ?? { type: 'unknown' }
}

function decodeSeriesEvent(message: ingot.Event): JournalEvent | undefined {
  const { seriesCreated, seriesInserted, seriesRemoved, seriesDeleted } = message
  if (seriesCreated != null) return { type: 'series-created', series: nameOf(seriesCreated.series, 'series') }
  if (seriesInserted != null) {
    return {
      type: 'series-inserted',
      series: nameOf(seriesInserted.series, 'series'),
      image: digestOf(seriesInserted.image, 'image'),
      place: whole(seriesInserted.place, 'place'),
    }
  }
  if (seriesRemoved != null) {
    return {
      type: 'series-removed',
      series: nameOf(seriesRemoved.series, 'series'),
      image: digestOf(seriesRemoved.image, 'image'),
    }
  }
  if (seriesDeleted != null) return { type: 'series-deleted', series: nameOf(seriesDeleted.series, 'series') }
  return undefined
}

export function encodeJournalRequest(request: JournalRequest): Uint8Array {
  if (request.type === 'ack') return encodeMessage(ingot.JournalRequest, { ack: { seq: request.seq } })
  const { cursor, headOnly } = request.open
  const open =
    cursor === undefined
      ? { headOnly }
      : {
          journalId: Buffer.from(cursor.journalId, 'hex'),
          seq: cursor.seq,
          hash: fromDigest(cursor.hash),
          headOnly,
        }
  return encodeMessage(ingot.JournalRequest, { open })
}

export function decodeJournalRequest(bytes: Uint8Array, limits: Limits): JournalRequest {
  const { open, ack } = decodeMessage(ingot.JournalRequest, bytes, limits.messageBytes)
  if (ack != null) return { type: 'ack', seq: whole(ack.seq, 'seq') }
  const message = present(open, 'request')
  const headOnly = message.headOnly ?? false
  if ((message.journalId ?? []).length === 0) return { type: 'open', open: { cursor: undefined, headOnly } }
  const cursor = {
    journalId: Buffer.from(bytesOf(message.journalId, JOURNAL_ID_BYTES, 'journal_id')).toString('hex'),
    seq: whole(message.seq, 'seq'),
    hash: digestOf(message.hash, 'hash'),
  }
  return { type: 'open', open: { cursor, headOnly } }
}

export function encodeJournalAnswer(answer: JournalAnswer): Uint8Array {
  switch (answer.type) {
    case 'start':
      return encodeMessage(ingot.JournalAnswer, { start: { head: headToMessage(answer.head) } })
    case 'entry': {
      const { seq, time, previous, bodyDigest, body, signature } = answer.entry
      return encodeMessage(ingot.JournalAnswer, {
        entry: {
          seq,
          time,
          previous: fromDigest(previous),
          bodyDigest: fromDigest(bodyDigest),
          ...(body === undefined ? {} : { body }),
          signature,
        },
      })
    }
    case 'refusal':
      return encodeMessage(ingot.JournalAnswer, {
        refusal: {
          code: refusals[answer.refusal],
          ...(answer.head === undefined ? {} : { head: headToMessage(answer.head) }),
        },
      })
  }
}

export function decodeJournalAnswer(bytes: Uint8Array, limits: Limits): JournalAnswer {
  const { start, entry, refusal } = decodeMessage(ingot.JournalAnswer, bytes, limits.messageBytes)
  if (start != null) return { type: 'start', head: headFromMessage(present(start.head, 'head')) }
  if (refusal != null) {
    const known = (Object.keys(refusals) as JournalRefusal[]).find((name) => refusals[name] === refusal.code)
    return {
      type: 'refusal',
      refusal: known ?? 'invalid',
      head: refusal.head == null ? undefined : headFromMessage(refusal.head),
    }
  }
  const message = present(entry, 'answer')
  return {
    type: 'entry',
    entry: {
      seq: whole(message.seq, 'seq'),
      time: timeOf(message.time, 'time'),
      previous: digestOf(message.previous, 'previous'),
      bodyDigest: digestOf(message.bodyDigest, 'body_digest'),
      body: message.body == null ? undefined : Uint8Array.from(message.body),
      signature: bytesOf(message.signature, SIGNATURE_BYTES, 'signature'),
    },
  }
}
