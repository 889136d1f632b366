import type { Limits } from '../core/limits.ts'

/** A place for one answer: its bytes count until it is given back. */
export interface Place {
  /** It is read, and has so many bytes: it need not be counted among those that are prepared any more. */
  prepared(bytes: number): void
  /** It was sent, or never will be. */
  release(): void
}

interface Waiting {
  peerId: string
  bytes: number
  grant: (place: Place) => void
}

/**
 * Bounds what the answers to all peers together hold in memory, and how many are read at a time. Who holds least goes first. A
 * peer that holds nothing may have all that is free; one that holds something no more than half as much as is left besides: so
 * receivers that read slowly, however many streams they have, leave room for the others.
 */
export class AnswerPlaces {
  readonly #limits: Pick<Limits, 'answersBytes' | 'answersPrepared'>
  readonly #held = new Map<string, number>()
  #waiting: Waiting[] = []
  #free: number
  #preparing = 0

  constructor(limits: Pick<Limits, 'answersBytes' | 'answersPrepared'>) {
    this.#limits = limits
    this.#free = limits.answersBytes
  }

  /** Resolves when an answer of at most `bytes` may be read for a peer. */
  async take(peerId: string, bytes: number): Promise<Place> {
    const { promise, resolve } = Promise.withResolvers<Place>()
    this.#waiting.push({ peerId, bytes: Math.min(bytes, this.#limits.answersBytes), grant: resolve })
    this.#grant()
    return await promise
  }

  #of(peerId: string): number {
    return this.#held.get(peerId) ?? 0
  }

  #grant(): void {
    while (this.#preparing < this.#limits.answersPrepared) {
      const next = this.#next()
      if (next === undefined) return
      this.#waiting = this.#waiting.filter((each) => each !== next)
      next.grant(this.#place(next))
    }
  }

  /** In the order in which they came where they hold the same. */
  #next(): Waiting | undefined {
    const order = this.#waiting.toSorted((one, other) => this.#of(one.peerId) - this.#of(other.peerId))
    for (const waiting of order) {
      const held = this.#of(waiting.peerId)
      const fits = waiting.bytes <= this.#free
      if (fits && (held === 0 || held + waiting.bytes <= (this.#free - waiting.bytes) / 2)) return waiting
      // What gets free is kept for a large answer to a peer that has nothing yet.
      if (held === 0) return undefined
    }
    return undefined
  }

  #hold(peerId: string, bytes: number): void {
    this.#free -= bytes
    const held = this.#of(peerId) + bytes
    if (held === 0) this.#held.delete(peerId)
    else this.#held.set(peerId, held)
  }

  #place({ peerId, bytes }: Waiting): Place {
    let counted = bytes
    let preparing = true
    this.#preparing++
    this.#hold(peerId, counted)
    const end = (left: number) => {
      if (preparing) this.#preparing--
      preparing = false
      this.#hold(peerId, left - counted)
      counted = left
      this.#grant()
    }
    return {
      prepared: (actual) => end(Math.min(actual, counted)),
      release: () => end(0),
    }
  }
}
