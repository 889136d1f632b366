import { randomBytes } from 'node:crypto'
import type { Clock } from '../core/clock.ts'
import { IngotError } from '../core/errors.ts'
import {
  bodyDigest,
  entryHash,
  genesisHash,
  signHead,
  verifyHead,
  type Cursor,
  type Head,
  type JournalEntry,
  type KnownEvent,
} from '../image/journal.ts'
import type { Digest } from '../image/digest.ts'
import type { Signer } from '../image/signature.ts'
import type { State } from '../state/state.ts'
import { encodeEvent } from '../wire/journal.ts'
import type { JournalSource } from '../net/journal.ts'

export interface JournalComponents {
  selfId: string
  sign: Signer
  state: State
  clock: Clock
}

/** Writes an event as the next entry; only inside {@link Journal.publish}. */
export type Append = (event: KnownEvent) => void

/**
 * This server's journal: append-only, hash-chained under its journal id, each entry with the signature of the head that it
 * makes. An entry is on disk before anyone hears of it.
 */
export class Journal implements JournalSource {
  readonly #components: JournalComponents
  #journalId: string
  readonly #waiting = new Set<() => void>()

  constructor(components: JournalComponents) {
    this.#components = components
    const { settings } = components.state
    let id = settings.get('journal-id')
    if (id === undefined) {
      id = newJournalId()
      settings.set('journal-id', id)
    }
    this.#journalId = id
  }

  /** The signed state now; signed anew for an empty journal. */
  head(): Head {
    const last = this.#components.state.journal.last()
    if (last !== undefined) {
      return {
        journalId: this.#journalId,
        seq: last.seq,
        hash: last.hash,
        time: last.time,
        signature: last.signature,
      }
    }
    const genesis = { journalId: this.#journalId, seq: 0, hash: genesisHash(this.#journalId), time: 0 }
    return signHead(genesis, this.#components.sign)
  }

  contains(cursor: Cursor): boolean {
    if (cursor.journalId !== this.#journalId) return false
    if (cursor.seq === 0) return cursor.hash === genesisHash(this.#journalId)
    return this.#components.state.journal.at(cursor.seq)?.hash === cursor.hash
  }

  after(seq: number, limit: number): JournalEntry[] {
    return this.#components.state.journal.after(seq, limit)
  }

  async changed(seq: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    if (this.head().seq > seq) return
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const onAbort = () => reject(signal.reason as Error)
    this.#waiting.add(resolve)
    signal.addEventListener('abort', onAbort, { once: true })
    try {
      await promise
    } finally {
      this.#waiting.delete(resolve)
      signal.removeEventListener('abort', onAbort)
    }
  }

  /**
   * Runs `work` in one durable transaction in which it may append; then tells the open streams. Throws `conflict` when
   * publishing stands still because a peer holds a newer journal of ours.
   */
  publish<T>(work: (append: Append) => T): T {
    const { state } = this.#components
    const result = state.db.durably(() => work((event) => this.#append(event)))
    for (const wake of this.#waiting) wake()
    return result
  }

  /** Throws `conflict` when publishing stands still because a peer holds a newer journal of ours. */
  requirePublishing(): void {
    const fault = this.#components.state.settings.get('journal-fault')
    if (fault === undefined) return
    throw new IngotError('conflict', `this server does not publish: ${fault}`, {
      hint: 'its state is older than what its peers hold, as after a restore from a backup; "ingot renew journal" starts a new one',
    })
  }

  #append(event: KnownEvent): void {
    const { state, clock, sign } = this.#components
    this.requirePublishing()
    const before = this.head()
    const body = encodeEvent(event)
    const entry = {
      seq: before.seq + 1,
      time: clock.now(),
      previous: before.hash,
      bodyDigest: bodyDigest(body),
    }
    const head = signHead(
      { journalId: this.#journalId, seq: entry.seq, hash: entryHash(entry), time: entry.time },
      sign,
    )
    state.journal.append({
      ...entry,
      body,
      hash: head.hash,
      signature: head.signature,
      image: bodyOf(event),
    })
  }

  /** True while publishing stands still because a peer holds a newer journal of ours. */
  get isFaulty(): boolean {
    return this.#components.state.settings.get('journal-fault') !== undefined
  }

  /**
   * Gives this journal up and starts a new one under a new journal id, whose first entries `announce` appends. Open streams go on
   * only after their peers came again: whoever calls this ends the links.
   */
  renew(announce: (append: Append) => void): void {
    const { state, clock } = this.#components
    const { settings, journal } = state
    const before = this.#journalId
    const next = newJournalId()
    const since = Math.max(clock.now(), this.head().time, this.#time('journal-heard'))
    try {
      this.publish((append) => {
        settings.set('journal-since', String(since))
        settings.set('journal-id', next)
        settings.remove('journal-fault')
        settings.remove('journal-heard')
        journal.clear()
        this.#journalId = next
        announce(append)
      })
    } catch (error) {
      this.#journalId = before
      throw error
    }
  }

  /** A time among the settings, milliseconds since 1970; 0 when there is none. */
  #time(setting: 'journal-since' | 'journal-heard'): number {
    return Number(this.#components.state.settings.get(setting) ?? 0)
  }

  /**
   * Takes note of a head of our own journal that a peer holds. One that we signed and do not have means that this server was
   * restored from a backup: then it stops publishing, so that its journal never forks. Not so for heads of other journals from
   * before this one began: those were given up with the renewal, also those that this server does not know any more.
   */
  heardOf(held: Head, peer: string): void {
    const { selfId, state } = this.#components
    if (this.contains(held) || !verifyHead(held, selfId)) return
    const isCurrent = held.journalId === this.#journalId
    if (!isCurrent && held.time <= this.#time('journal-since')) return
    const what = isCurrent ? 'its journal' : 'a later journal of it'
    const fault = `${peer} holds entry ${held.seq} of ${what}, which is not here`
    state.db.transaction(() => {
      state.settings.set('journal-heard', String(Math.max(held.time, this.#time('journal-heard'))))
      if (!this.isFaulty) state.settings.set('journal-fault', fault)
    })
  }
}

function newJournalId(): string {
  return randomBytes(16).toString('hex')
}

/** The image of which the body of an event tells what is taken back with it. */
function bodyOf(event: KnownEvent): Digest | undefined {
  switch (event.type) {
    case 'image-published':
      return event.image.id
    case 'series-inserted':
    case 'series-removed':
      return event.image
    default:
      return undefined
  }
}
