import { defaultLimits } from '../../../src/core/limits.ts'
import type { Trace } from '../../../src/net/trace.ts'
import { decodeJournalRequest } from '../../../src/wire/journal.ts'

const JOURNAL = '/ingot/journal/1'

/** What a server sent on one of its links. */
export interface Sent {
  /** Number of the server in its network. */
  from: number
  /** Peer id of the receiver. */
  to: string
  protocol: string
  kind: 'frame' | 'payload'
  /** True for the side that opened the stream. */
  asks: boolean
  bytes: Uint8Array
}

/** Hears what all servers of a network send and take: the links as they are, whatever the servers record of it. */
export class WireTap {
  /** What was sent and not drained yet. */
  #sent: Sent[] = []
  /** By stream: whether this end opened it. Whoever opens a stream speaks first on it, in every protocol. */
  readonly #opened = new Map<number, boolean>()
  /** By stream: where a journal was asked from and has not begun yet. */
  readonly #asked = new Map<number, number>()
  /** By receiver, then by origin: number of the journal entry up to which all is durable at the receiver, as it told. */
  readonly #mirrored = new Map<string, number>()
  /** Servers that sent or took something since the last time somebody asked, and the peers whose journals they heard. */
  #active = new Map<number, Set<string>>()
  /** Frames and payloads that were sent and that arrived, in all. */
  sent = 0
  arrived = 0

  /** The trace of the server with this number. */
  trace(from: number): Trace {
    return ({ peerId, protocol, direction, kind, stream, bytes }) => {
      if (!this.#opened.has(stream)) this.#opened.set(stream, direction === 'out')
      const opened = this.#opened.get(stream) === true
      const active = this.#active.get(from) ?? new Set()
      this.#active.set(from, active)
      if (protocol === JOURNAL && opened) {
        active.add(peerId)
        this.#follow(`${from} ${peerId}`, stream, direction, bytes)
      }
      if (direction === 'in') {
        this.arrived++
        return
      }
      this.sent++
      this.#sent.push({ from, to: peerId, protocol, kind, asks: opened, bytes: Uint8Array.from(bytes) })
    }
  }

  /** At the receiver of a journal: how far it has it. */
  #follow(pair: string, stream: number, direction: 'in' | 'out', bytes: Uint8Array): void {
    if (direction === 'in') {
      const begun = this.#asked.get(stream)
      this.#asked.delete(stream)
      if (begun !== undefined) this.#mirrored.set(pair, begun)
      return
    }
    const request = decodeJournalRequest(bytes, defaultLimits)
    if (request.type === 'ack') this.#mirrored.set(pair, request.seq)
    else if (!request.open.headOnly) this.#asked.set(stream, request.open.cursor?.seq ?? 0)
  }

  /** Number of the newest entry of the origin that the receiver told to be durable; undefined while it has no journal of it. */
  mirrored(receiver: number, originId: string): number | undefined {
    return this.#mirrored.get(`${receiver} ${originId}`)
  }

  /** What was sent since the last call. */
  drain(): Sent[] {
    const sent = this.#sent
    this.#sent = []
    return sent
  }

  /** Servers that sent or took something since the last call, and the peers whose journals they heard. */
  active(): ReadonlyMap<number, ReadonlySet<string>> {
    const active = this.#active
    this.#active = new Map()
    return active
  }
}
