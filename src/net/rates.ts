import type { Clock } from '../core/clock.ts'

const SECOND_MS = 1000

/** Holds back peers that send more messages than they may: what is too much is read in the next second. */
export class Rates {
  readonly #clock: Clock
  readonly #perSecond: number
  readonly #counts = new Map<string, number>()
  #second = 0

  constructor(clock: Clock, perSecond: number) {
    this.#clock = clock
    this.#perSecond = perSecond
  }

  /** Resolves when the peer's next message may be read. */
  async take(peerId: string, signal: AbortSignal): Promise<void> {
    for (;;) {
      const now = this.#clock.now()
      const second = Math.floor(now / SECOND_MS)
      if (second !== this.#second) {
        this.#second = second
        this.#counts.clear()
      }
      const count = this.#counts.get(peerId) ?? 0
      if (count < this.#perSecond) {
        this.#counts.set(peerId, count + 1)
        return
      }
      await this.#clock.sleep(SECOND_MS - (now % SECOND_MS), signal)
    }
  }
}
