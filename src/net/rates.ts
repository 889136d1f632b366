import { IngotError } from '../core/errors.ts'

/** Counts the messages of each peer per second. */
export class Rates {
  readonly #perSecond: number
  readonly #counts = new Map<string, number>()
  #second = 0

  constructor(perSecond: number) {
    this.#perSecond = perSecond
  }

  /** Throws `protocol` when the peer sends more than it may. */
  count(peerId: string): void {
    const second = Math.floor(performance.now() / 1000)
    if (second !== this.#second) {
      this.#second = second
      this.#counts.clear()
    }
    const count = (this.#counts.get(peerId) ?? 0) + 1
    this.#counts.set(peerId, count)
    if (count > this.#perSecond)
      throw new IngotError('protocol', `more than ${this.#perSecond} messages in one second`)
  }
}
