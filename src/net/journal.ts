import { pipe } from 'it-pipe'
import { IngotError } from '../core/errors.ts'
import type { Limits } from '../core/limits.ts'
import type { Cursor, Head, JournalEntry } from '../image/journal.ts'
import {
  decodeJournalAnswer,
  decodeJournalRequest,
  encodeJournalAnswer,
  encodeJournalRequest,
  type JournalAnswer,
  type JournalOpen,
} from '../wire/journal.ts'
import type { Channel } from './channel.ts'
import type { Host } from './host.ts'
import type { Links } from './links.ts'

const PROTOCOL = '/ingot/journal/1'

/** What the origin's side needs of the journal. */
export interface JournalSource {
  head(): Head
  /** True when the cursor lies on this journal. */
  contains(cursor: Cursor): boolean
  /** At most `limit` entries after `seq`. */
  after(seq: number, limit: number): JournalEntry[]
  /** Resolves when there may be more; rejects when `signal` is aborted. */
  changed(seq: number, signal: AbortSignal): Promise<void>
}

/** How far a receiver acknowledged, and a way to wait for more. */
class Acknowledgements {
  seq: number
  /** The newest entry on its way. */
  sent: number
  #wake: () => void = () => {}

  constructor(seq: number) {
    this.seq = seq
    this.sent = seq
  }

  /** Throws `protocol` for what was never sent: an acknowledgement must not widen the window. */
  advance(seq: number): void {
    if (seq > this.sent) throw new IngotError('protocol', 'an acknowledgement of entries that were not sent')
    if (seq > this.seq) this.seq = seq
    this.#wake()
  }

  async reached(seq: number, signal: AbortSignal): Promise<void> {
    while (this.seq < seq) {
      signal.throwIfAborted()
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      const onAbort = () => reject(signal.reason as Error)
      this.#wake = resolve
      signal.addEventListener('abort', onAbort, { once: true })
      try {
        await promise
      } finally {
        signal.removeEventListener('abort', onAbort)
      }
    }
  }
}

/** Entries after `seq`, for ever, never more than the window ahead of what was acknowledged. */
async function* announce(
  source: JournalSource,
  acknowledged: Acknowledgements,
  options: { limits: Limits; signal: AbortSignal },
): AsyncGenerator<JournalAnswer> {
  let { seq } = acknowledged
  for (;;) {
    await acknowledged.reached(seq - options.limits.journalWindowEntries + 1, options.signal)
    const entries = source.after(seq, acknowledged.seq + options.limits.journalWindowEntries - seq)
    for (const entry of entries) {
      acknowledged.sent = entry.seq
      yield { type: 'entry', entry }
      seq = entry.seq
    }
    if (entries.length === 0) await source.changed(seq, options.signal)
  }
}

/** Answers journal streams: the start, then entries until the receiver goes. */
export async function serveJournal(
  host: Host,
  limits: Limits,
  served: { source: JournalSource; isRegistered: (peerId: string) => boolean },
): Promise<void> {
  const { source, isRegistered } = served
  await host.handle(PROTOCOL, async (channel, connection) => {
    if (!isRegistered(connection.remotePeer.toString()))
      throw new IngotError('aborted', 'not registered here')
    const stop = new AbortController()
    const signal = AbortSignal.any([host.stopping, stop.signal])
    const step = { timeoutMs: limits.exchangeMs, signal }
    const send = async (answers: AsyncIterable<JournalAnswer> | Iterable<JournalAnswer>) => {
      for await (const answer of answers) await channel.writeFrame(encodeJournalAnswer(answer), step)
    }
    const request = decodeJournalRequest(await channel.requireFrame(limits.messageBytes, step), limits)
    if (request.type !== 'open')
      throw new IngotError('protocol', 'a journal stream that does not begin with open')
    const { cursor, headOnly }: JournalOpen = request.open
    const head = source.head()
    if (headOnly) return await send([{ type: 'start', head }])
    if (cursor !== undefined && !source.contains(cursor)) {
      return await send([{ type: 'refusal', refusal: 'cursor-unknown', head }])
    }
    await send([{ type: 'start', head }])
    const acknowledged = new Acknowledgements(cursor?.seq ?? 0)
    let broken: unknown
    const listening = listen(channel, { acknowledged, limits, signal })
      .catch((error: unknown) => (broken = error))
      .finally(() => stop.abort(new IngotError('aborted', 'the receiver ended the journal stream')))
    try {
      await pipe(announce(source, acknowledged, { limits, signal }), send)
    } catch (error) {
      if (!stop.signal.aborted) {
        stop.abort(error) // ends the listening too
        throw error
      }
    } finally {
      await listening
    }
    if (broken instanceof Error) throw broken
  })
}

async function listen(
  channel: Channel,
  options: { acknowledged: Acknowledgements; limits: Limits; signal: AbortSignal },
): Promise<void> {
  const { acknowledged, limits, signal } = options
  const frames = channel.frames(limits.messageBytes, {
    timeoutMs: limits.exchangeMs,
    idleMs: Infinity,
    signal,
  })
  for await (const frame of frames) {
    const request = decodeJournalRequest(frame, limits)
    if (request.type !== 'ack') throw new IngotError('protocol', 'a second open on a journal stream')
    acknowledged.advance(request.seq)
  }
}

/** An open journal stream at the receiver. */
export interface JournalStream {
  /** The peer's head when the stream was opened; not verified yet. */
  head: Head
  /** Entries after the cursor as they come, for ever; not verified yet. */
  entries: AsyncIterable<JournalEntry>
  /** Tells the origin what is durable here. */
  acknowledge(seq: number): Promise<void>
  close(): void
}

interface OpenOptions {
  limits: Limits
  signal: AbortSignal
}

async function openStream(links: Links, peerId: string, open: JournalOpen, options: OpenOptions) {
  const { limits, signal } = options
  const channel = await links.open(peerId, PROTOCOL, signal)
  try {
    const step = { timeoutMs: limits.exchangeMs, signal }
    await channel.writeFrame(encodeJournalRequest({ type: 'open', open }), step)
    const answer = decodeJournalAnswer(await channel.requireFrame(limits.messageBytes, step), limits)
    return { channel, answer, step }
  } catch (error) {
    channel.abort(error as Error)
    throw error
  }
}

/** Asks a peer for its head now. */
export async function askHead(links: Links, peerId: string, options: OpenOptions): Promise<Head> {
  const { channel, answer, step } = await openStream(
    links,
    peerId,
    { cursor: undefined, headOnly: true },
    options,
  )
  await channel.end(step)
  if (answer.type !== 'start')
    throw new IngotError('protocol', 'a journal stream that does not begin with a head')
  return answer.head
}

/**
 * Opens the journal of a peer after `cursor`. Throws `conflict` when the peer says that the cursor is not on its journal.
 */
export async function openJournal(
  links: Links,
  peerId: string,
  options: OpenOptions & { cursor: Cursor | undefined },
): Promise<JournalStream> {
  const { limits, signal, cursor } = options
  const { channel, answer, step } = await openStream(links, peerId, { cursor, headOnly: false }, options)
  if (answer.type !== 'start') {
    channel.abort(new IngotError('aborted', 'no journal from here'))
    if (answer.type === 'refusal' && answer.refusal === 'cursor-unknown') {
      throw new IngotError('conflict', cursorFault(cursor, answer.head))
    }
    if (answer.type === 'refusal') throw new IngotError('busy', 'the peer does not serve its journal now')
    throw new IngotError('protocol', 'a journal stream that does not begin with a head')
  }
  const toEntries = async function* (frames: AsyncIterable<Uint8Array>): AsyncGenerator<JournalEntry> {
    for await (const frame of frames) {
      const next = decodeJournalAnswer(frame, limits)
      if (next.type !== 'entry')
        throw new IngotError('protocol', 'something else than an entry in a journal stream')
      yield next.entry
    }
  }
  const frames = channel.frames(limits.messageBytes, {
    timeoutMs: limits.exchangeMs,
    idleMs: Infinity,
    signal,
  })
  return {
    head: answer.head,
    entries: pipe(frames, toEntries),
    acknowledge: async (seq) => await channel.writeFrame(encodeJournalRequest({ type: 'ack', seq }), step),
    close: () => channel.abort(new IngotError('aborted', 'the journal stream is not needed any more')),
  }
}

/** Why the origin does not know our position in its journal. */
function cursorFault(cursor: Cursor | undefined, head: Head | undefined): string {
  if (cursor === undefined || head === undefined) return 'the peer does not know its own journal'
  if (head.journalId !== cursor.journalId) return 'it has another journal id: its journal was renewed or lost'
  if (head.seq < cursor.seq) {
    return `its journal stepped back to entry ${head.seq}, entry ${cursor.seq} is held here: it was restored from a backup`
  }
  return `its journal has a fork: another entry ${cursor.seq} is held here`
}
