import type { Clock } from '../core/clock.ts'
import type { Limits } from '../core/limits.ts'
import { LEAF_BYTES } from '../image/leaves.ts'

/** Bytes that were allowed at a rate and are not used yet; below zero when more was used than was allowed by now. */
class Bucket {
  rate: number
  #level = 0
  #filled: number

  constructor(rate: number, now: number) {
    this.rate = rate
    this.#filled = now
  }

  /** Fills up to `now`, with what was left unused of at most `burstMs`. A clock that was set back fills nothing. */
  fill(now: number, burstMs: number): void {
    const more = (this.rate * Math.max(0, now - this.#filled)) / 1000
    this.#filled = now
    this.#level = Math.min((this.rate * burstMs) / 1000, this.#level + more)
  }

  use(bytes: number): void {
    this.#level -= bytes
  }

  /** Milliseconds until something may be used. */
  get wait(): number {
    return this.#level >= 0 ? 0 : (-this.#level / this.rate) * 1000
  }
}

/** Whose bytes they are: of which peer, and of which further bound where one holds for them. */
export interface Flow {
  peerId: string
  /** A bound that some flows share, as the subscription of a job. */
  share?: string | undefined
}

interface Waiting {
  flow: Flow
  bytes: number
  grant: () => void
}

/** What flows got while somebody waited: who got less goes first, first among peers, then among the shares of one peer. */
class Turns {
  readonly #got = new Map<string, number>()
  readonly #most = new Map<string, number>()
  #largest = 0

  clear(): void {
    this.#got.clear()
    this.#most.clear()
    this.#largest = 0
  }

  count({ flow: { peerId, share }, bytes }: Waiting): void {
    this.#largest = Math.max(this.#largest, bytes)
    this.#add('', peerId, bytes)
    this.#add(peerId, `${peerId} ${share}`, bytes)
  }

  goesBefore(one: Flow, other: Flow): boolean {
    const lead = this.#of('', one.peerId) - this.#of('', other.peerId)
    if (lead !== 0 || one.peerId !== other.peerId) return lead < 0
    const part = ({ peerId, share }: Flow) => this.#of(peerId, `${peerId} ${share}`)
    return part(one) < part(other)
  }

  #add(among: string, key: string, bytes: number): void {
    const got = this.#of(among, key) + bytes
    this.#got.set(key, got)
    this.#most.set(among, Math.max(this.#most.get(among) ?? 0, got))
  }

  /** Who could not take its turns, or comes late, catches up no more than two pieces. */
  #of(among: string, key: string): number {
    return Math.max(this.#got.get(key) ?? 0, (this.#most.get(among) ?? 0) - 2 * this.#largest)
  }
}

/** The bound of all flows together. */
const ALL = 'all'
const keyOfPeer = (peerId: string) => `peer ${peerId}`

/** Bytes for which tokens are taken at a time while a payload is sent, at most: as much as a channel sends at once. */
const PIECE_BYTES = 256 * 1024
/** At least so many: smaller pieces cost more than they smooth. */
const LEAST_PIECE_BYTES = 4 * 1024
/** One piece, or one request, is about so much of a second of its rate. */
const PIECES_PER_SECOND = 16
/** Most milliseconds of a timer: with more it would go off at once. */
const MOST_SLEEP_MS = 2 ** 31 - 1

/**
 * Holds transfers of one direction to rates: bytes per second in all, per peer, and per share. Whoever moves bytes takes them
 * here first. Those who wait go on in turns: the peer that got least since it began to wait, of one peer the share that got least,
 * of one share who came first. Rates change at any time, for those who wait too.
 */
export class Pace {
  readonly #clock: Clock
  readonly #burstMs: number
  readonly #buckets = new Map<string, Bucket>()
  #waiting: Waiting[] = []
  readonly #turns = new Turns()
  #timer: AbortController | undefined

  constructor(clock: Clock, limits: Pick<Limits, 'rateBurstMs'>) {
    this.#clock = clock
    this.#burstMs = limits.rateBurstMs
  }

  /** Bytes per second of all flows together; undefined: no bound. */
  setTotal(rate: number | undefined): void {
    this.#set(ALL, rate)
  }

  /** Bytes per second of one peer. */
  setPeer(peerId: string, rate: number | undefined): void {
    this.#set(keyOfPeer(peerId), rate)
  }

  /** Bytes per second of the flows of one share together. */
  setShare(share: string, rate: number | undefined): void {
    this.#set(share, rate)
  }

  #set(key: string, rate: number | undefined): void {
    const bucket = this.#buckets.get(key)
    if (bucket?.rate === rate) return
    const now = this.#clock.now()
    if (rate === undefined) this.#buckets.delete(key)
    else if (bucket === undefined) this.#buckets.set(key, new Bucket(rate, now))
    else {
      bucket.fill(now, this.#burstMs)
      bucket.rate = rate
    }
    this.#pump()
  }

  /** A flow that may wait here has another share now. */
  changed(): void {
    this.#pump()
  }

  /** The lowest rate that holds for a flow; undefined when none does. */
  rateOf(flow: Flow): number | undefined {
    const rates = this.#bucketsOf(flow).map(({ rate }) => rate)
    return rates.length === 0 ? undefined : Math.min(...rates)
  }

  /** Bytes to send at a time, so that a flow is even; undefined when no rate holds for it. */
  pieceOf(flow: Flow): number | undefined {
    const rate = this.rateOf(flow)
    if (rate === undefined) return undefined
    return Math.max(LEAST_PIECE_BYTES, Math.min(PIECE_BYTES, Math.round(rate / PIECES_PER_SECOND)))
  }

  /** Resolves when `bytes` may move. Rejects with the signal's reason when that is aborted before. */
  async take(flow: Flow, bytes: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    const buckets = this.#bucketsOf(flow)
    if (buckets.length === 0) return
    if (this.#waiting.length === 0) {
      const now = this.#clock.now()
      for (const bucket of buckets) bucket.fill(now, this.#burstMs)
      if (buckets.every(({ wait }) => wait === 0)) {
        for (const bucket of buckets) bucket.use(bytes)
        return
      }
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const waiting: Waiting = { flow, bytes, grant: resolve }
    const onAbort = () => {
      this.#waiting = this.#waiting.filter((each) => each !== waiting)
      reject(signal.reason as Error)
    }
    if (this.#waiting.length === 0) this.#turns.clear()
    this.#waiting.push(waiting)
    signal.addEventListener('abort', onAbort, { once: true })
    this.#pump()
    try {
      await promise
    } finally {
      signal.removeEventListener('abort', onAbort)
    }
  }

  /** A payload in pieces, each when it may be sent; as one where no rate holds. */
  async *pieces(flow: Flow, payload: Uint8Array, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < payload.length;) {
      const piece = payload.subarray(at, at + (this.pieceOf(flow) ?? payload.length))
      await this.take(flow, piece.length, signal)
      yield piece
      at += piece.length
    }
  }

  /** Corrects what was taken: `bytes` did not move after all; below zero: so many more did. */
  giveBack(flow: Flow, bytes: number): void {
    if (bytes === 0) return
    for (const bucket of this.#bucketsOf(flow)) bucket.use(-bytes)
    if (bytes > 0) this.#pump()
  }

  #bucketsOf({ peerId, share }: Flow): Bucket[] {
    if (this.#buckets.size === 0) return []
    const keys = [ALL, keyOfPeer(peerId), ...(share === undefined ? [] : [share])]
    return keys.flatMap((key) => this.#buckets.get(key) ?? [])
  }

  /** Lets go on whoever may, in turns, and comes back when the next one may. */
  #pump(): void {
    this.#timer?.abort()
    this.#timer = undefined
    const now = this.#clock.now()
    for (const bucket of this.#buckets.values()) bucket.fill(now, this.#burstMs)
    while (this.#waiting.length > 0) {
      const next = this.#next()
      if (next === undefined) break
      this.#waiting = this.#waiting.filter((each) => each !== next)
      for (const bucket of this.#bucketsOf(next.flow)) bucket.use(next.bytes)
      this.#turns.count(next)
      next.grant()
    }
    if (this.#waiting.length === 0) return
    const waits = this.#waiting.map(({ flow }) => Math.max(...this.#bucketsOf(flow).map(({ wait }) => wait)))
    const timer = new AbortController()
    this.#timer = timer
    const sleepMs = Math.max(1, Math.ceil(Math.min(...waits, MOST_SLEEP_MS)))
    this.#clock.sleep(sleepMs, timer.signal).then(
      () => this.#pump(),
      () => {}, // another timer took its place
    )
  }

  /** Of those who may go on, the one whose turn it is. */
  #next(): Waiting | undefined {
    let best: Waiting | undefined
    for (const waiting of this.#waiting) {
      if (this.#bucketsOf(waiting.flow).some(({ wait }) => wait > 0)) continue
      if (best === undefined || this.#turns.goesBefore(waiting.flow, best.flow)) best = waiting
    }
    return best
  }
}

/** The share of the jobs of a subscription. */
export function shareOf(subscription: number | undefined): string {
  return `subscription ${subscription ?? 'none'}`
}

/** What one job takes for what it receives; its share may change while it runs. */
export class JobPace {
  readonly #pace: Pace
  readonly #flow: Flow

  constructor(pace: Pace, peerId: string, subscription: number | undefined) {
    this.#pace = pace
    this.#flow = { peerId, share: shareOf(subscription) }
  }

  /** The subscription whose jobs share a rate. */
  set subscription(id: number | undefined) {
    if (this.#flow.share === shareOf(id)) return
    this.#flow.share = shareOf(id)
    this.#pace.changed()
  }

  /** Most bytes of leaves to ask for in one request: whole leaves, few where a rate holds. */
  get requestBytes(): number {
    const rate = this.#pace.rateOf(this.#flow)
    return rate === undefined ? Infinity : Math.max(LEAF_BYTES, rate / PIECES_PER_SECOND)
  }

  /** Streams that are of use, of `most`: at a low rate each would stand still for too long between two requests. */
  streams(most: number): number {
    const rate = this.#pace.rateOf(this.#flow)
    return rate === undefined ? most : Math.max(1, Math.min(most, Math.floor(rate / LEAF_BYTES)))
  }

  async take(bytes: number, signal: AbortSignal): Promise<void> {
    await this.#pace.take(this.#flow, bytes, signal)
  }

  giveBack(bytes: number): void {
    this.#pace.giveBack(this.#flow, bytes)
  }
}
