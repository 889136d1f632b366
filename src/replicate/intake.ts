import { batches } from '../core/batches.ts'
import { IngotError, describeError, isIngotError } from '../core/errors.ts'
import { PerMinute } from '../core/per-minute.ts'
import { Tasks } from '../core/tasks.ts'
import {
  follow,
  genesisHash,
  verifyHead,
  type Cursor,
  type Head,
  type JournalEntry,
} from '../image/journal.ts'
import type { Digest } from '../image/digest.ts'
import { isViolation } from '../net/host.ts'
import { askHead, openJournal, type JournalStream } from '../net/journal.ts'
import type { Link, Links } from '../net/links.ts'
import { decodeEvent } from '../wire/journal.ts'
import { decideAll, decideKept, standingsOf } from './decide.ts'
import {
  JournalFault,
  applyEvent,
  usageOf,
  warnTakenBack,
  type EventComponents,
  type Usage,
} from './events.ts'
import { Room } from './room.ts'

export interface IntakeComponents extends EventComponents {
  links: Links
  /** Told after entries of a peer were taken in: jobs may wait, some may have to end. */
  onChange: (peerId: string, gone: Digest[]) => void
}

/**
 * Takes in the journals of peers: opens each from its durable cursor as soon as there is a link, verifies number, chain, signature
 * and origin of every entry, mirrors it, decides, and acknowledges what is durable. A fault of chain, signature, origin or
 * journal id stops the intake from that peer and is recorded; an entry that is authentic but not acceptable is noted, and
 * intake goes on.
 */
export class Intake {
  readonly #components: IntakeComponents
  readonly #tasks: Tasks
  /** Those that wait until the mirror of a peer has reached a number. */
  readonly #waiting = new Set<() => void>()
  /** Number of the newest entry that a peer is known to have, by peer. */
  readonly #newest = new Map<string, number>()
  readonly #refusals: PerMinute

  constructor(components: IntakeComponents) {
    this.#components = components
    this.#tasks = new Tasks(components.logger)
    this.#refusals = new PerMinute(components.limits.refusedEntriesPerMinute)
  }

  start(): void {
    this.#reconsider()
    this.#components.links.onUp((link) =>
      this.#tasks.run(`journal of ${link.peerId}`, async () => await this.#follow(link)),
    )
  }

  /** After an upgrade: takes in what an earlier version kept because it did not know it. */
  #reconsider(): void {
    const { state, limits } = this.#components
    for (const { peer: peerId, seq, body } of state.unknownEvents.list()) {
      try {
        if (decodeEvent(body, limits).type === 'unknown') continue
      } catch {
        // applyEvent notes why it is not acceptable
      }
      const gone: Digest[] = []
      state.db.durably(() => {
        state.unknownEvents.remove(peerId, seq)
        try {
          const ordinal = state.peers.taken(peerId)
          const [usage, standings] = [usageOf(state, peerId), standingsOf(state, peerId)]
          const [refusals, room] = [this.#refusals, new Room(state, peerId)]
          applyEvent(this.#components, { peerId, seq, ordinal, body, gone, usage, standings, room, refusals })
        } catch (error) {
          if (!(error instanceof JournalFault)) throw error
          state.peers.setFault(peerId, error.message, error.seq)
        }
      })
      this.#components.onChange(peerId, gone)
    }
  }

  /** Resolves when the journal streams have ended; the links end them. */
  async stop(): Promise<void> {
    await this.#tasks.settled()
  }

  /** Entries that a peer is known to have and that are not taken in; undefined when nothing is known of its journal now. */
  lag(peerId: string): number | undefined {
    const newest = this.#newest.get(peerId)
    if (newest === undefined) return undefined
    return Math.max(0, newest - (this.#components.state.peers.cursor(peerId)?.seq ?? 0))
  }

  /**
   * Goes on after a fault: passes over the entry at fault, or, where the chain itself was at fault, takes in the journal that the
   * peer has now from its start. Images that are known already stay as they are; what the journal does not announce any more
   * counts as withdrawn once all of it was taken in. Throws `conflict` when there is no fault.
   */
  accept(peerId: string): void {
    const { state, links } = this.#components
    const peer = state.peers.byId(peerId)
    if (peer?.fault === undefined) {
      throw new IngotError('conflict', `there is no fault in the journal of ${peer?.name ?? peerId}`, {
        hint: '"ingot query peerserver" shows how the link and the journal of a peer are',
      })
    }
    state.db.durably(() => {
      state.peers.acceptFault(peerId)
      if (peer.faultSeq !== undefined) return
      state.peers.forgetCursor(peerId)
      state.announced.markStale(peerId)
      state.announcedSeries.markStale(peerId)
    })
    const link = links.get(peerId)
    if (link !== undefined) this.#tasks.run(`journal of ${peerId}`, async () => await this.#follow(link))
  }

  /** Asks a peer for its head and waits until the mirror has reached it. */
  async catchUp(peerId: string, signal: AbortSignal): Promise<Head> {
    const { links, limits, state, clock } = this.#components
    const ask = async () => await askHead(links, peerId, { limits, signal })
    const head = await ask()
      .catch(async (error: unknown) => {
        if (!isIngotError(error, 'link-lost')) throw error
        // Where both sides dialled, one connection just gave way to the other.
        await clock.sleep(limits.redialMinMs, signal)
        return await ask()
      })
      .catch((cause: unknown) => {
        if (!isIngotError(cause, 'link-lost', 'timeout')) throw cause
        throw new IngotError('peer-unreachable', 'the peer did not answer', {
          cause,
          hint: 'try again when the link is up',
        })
      })
    const timeout = AbortSignal.any([signal, AbortSignal.timeout(limits.answerMs)])
    for (;;) {
      const fault = state.peers.byId(peerId)?.fault
      if (fault !== undefined) {
        throw new IngotError('conflict', `nothing is taken in from this peer: ${fault}`, {
          hint: 'ask its operator what happened; then "ingot accept peerserver" goes on',
        })
      }
      const cursor = state.peers.cursor(peerId)
      if (
        head.seq === 0 ||
        (cursor !== undefined && cursor.journalId === head.journalId && cursor.seq >= head.seq)
      )
        return head
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      const onAbort = () =>
        reject(new IngotError('peer-unreachable', 'the journal of the peer did not catch up in time'))
      if (timeout.aborted) onAbort()
      timeout.addEventListener('abort', onAbort, { once: true })
      this.#waiting.add(resolve)
      try {
        await promise
      } finally {
        this.#waiting.delete(resolve)
        timeout.removeEventListener('abort', onAbort)
      }
    }
  }

  async #follow(link: Link): Promise<void> {
    const { links, state, limits, logger, clock } = this.#components
    const { peerId, ended: signal } = link
    if (state.peers.byId(peerId)?.fault !== undefined) return
    let stream: JournalStream | undefined
    try {
      const held = state.peers.cursor(peerId)
      stream = await openJournal(links, peerId, { cursor: held, limits, signal })
      if (!verifyHead(stream.head, peerId)) throw new JournalFault('its head is not signed by its key')
      let cursor: Cursor = held ?? {
        journalId: stream.head.journalId,
        seq: 0,
        hash: genesisHash(stream.head.journalId),
      }
      if (stream.head.journalId !== cursor.journalId) throw new JournalFault('it has another journal id')
      // An origin that forgot, or hides, what it told us need not say so: its head does.
      if (stream.head.seq < cursor.seq) throw new JournalFault(faultTexts['step-back'](stream.head.seq))
      if (stream.head.seq === cursor.seq && stream.head.hash !== cursor.hash)
        throw new JournalFault(faultTexts.fork(cursor.seq))
      const target = stream.head.seq
      const usage = usageOf(state, peerId)
      this.#newest.set(peerId, target)
      if (cursor.seq >= target) this.#sweep(peerId)
      for await (const entries of batches(stream.entries, limits.journalWindowEntries)) {
        const before = cursor.seq
        cursor = this.#take(peerId, cursor, { entries, usage })
        this.#newest.set(peerId, Math.max(target, cursor.seq))
        if (before < target && cursor.seq >= target) this.#sweep(peerId)
        await stream.acknowledge(cursor.seq)
      }
      throw new IngotError('link-lost', 'the peer ended the journal stream')
    } catch (error) {
      await new Promise((resolve) => setImmediate(resolve)) // the end of the link may be told a moment after that of the stream
      if (signal.aborted) return
      stream?.close()
      if (error instanceof JournalFault || isIngotError(error, 'conflict')) {
        const fault = describeError(error)
        state.peers.setFault(peerId, fault, error instanceof JournalFault ? error.seq : undefined)
        logger.error({ peer: state.peers.byId(peerId)?.name, fault }, 'intake from this peer stopped')
        this.#wake()
      } else if (isIngotError(error, 'unsupported')) {
        logger.info({ peer: state.peers.byId(peerId)?.name }, 'this peer keeps no journal: it only receives')
      } else if (isViolation(error)) {
        links.punish(peerId, error)
      } else {
        // Where both sides dialled, the peer may have closed this connection for another one that is about to take over here.
        await clock.sleep(limits.redialMinMs, signal).catch(() => {})
        if (signal.aborted) return
        const peer = state.peers.byId(peerId)?.name
        logger.warn({ peer, error: describeError(error) }, 'the journal stream ended')
        links.release(peerId, 'the journal stream was lost') // a new link opens it again
      }
    }
  }

  /** Verifies entries and takes them in, in one durable transaction. Returns the new cursor. */
  #take(peerId: string, from: Cursor, { entries, usage }: { entries: JournalEntry[]; usage: Usage }): Cursor {
    const { state, onChange } = this.#components
    const gone: Digest[] = []
    let cursor = from
    const refusals = this.#refusals
    let ordinal = state.peers.taken(peerId)
    let fault: JournalFault | undefined
    state.db.durably(() => {
      const standings = standingsOf(state, peerId)
      const room = new Room(state, peerId)
      try {
        for (const entry of entries) {
          const next = follow(cursor, entry, peerId)
          if (typeof next === 'string') throw new JournalFault(faultTexts[next](entry.seq))
          ordinal++
          const { seq, body } = entry
          if (body !== undefined)
            applyEvent(this.#components, {
              peerId,
              seq,
              ordinal,
              body,
              gone,
              usage,
              standings,
              room,
              refusals,
            })
          cursor = next
          state.peers.setCursor(peerId, { ...cursor, time: entry.time, signature: entry.signature }, ordinal)
        }
      } catch (error) {
        if (!(error instanceof JournalFault)) throw error
        fault = error // what came before it is good, and stays
      }
      decideKept(this.#components, peerId, standings, room)
    })
    this.#wake()
    onChange(peerId, gone)
    if (fault !== undefined) throw fault
    return cursor
  }

  /** All of a journal was taken in: what an earlier one announced and this one does not is not announced any more. */
  #sweep(peerId: string): void {
    const { state, onChange } = this.#components
    const gone: Digest[] = []
    let left = false
    state.db.durably(() => {
      for (const image of state.announced.sweep(peerId)) {
        state.announcedSeries.removeImage(peerId, image)
        gone.push(image)
        warnTakenBack(this.#components, peerId, { image, status: 'withdrawn' })
      }
      left = state.announcedSeries.sweep(peerId)
      if (left || gone.length > 0) decideAll(this.#components, peerId)
    })
    if (gone.length > 0 || left) onChange(peerId, gone)
  }

  #wake(): void {
    for (const wake of this.#waiting) wake()
  }
}

const faultTexts = {
  fork: (seq: number) => `its journal has a fork: another entry ${seq} is held here`,
  gap: (seq: number) => `its journal has a gap before entry ${seq}`,
  'step-back': (seq: number) => `its journal stepped back to entry ${seq}`,
  chain: (seq: number) => `entry ${seq} of its journal does not follow the one before`,
  body: (seq: number) => `the body of entry ${seq} of its journal was altered`,
  signature: (seq: number) => `entry ${seq} of its journal is not signed by its key`,
}
