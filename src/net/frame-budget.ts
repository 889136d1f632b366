/** Bytes that a frame should carry: one that does costs nothing but the bytes. As many that we send earn the answer to them. */
const FULL_BYTES = 16 * 1024
const SECOND_MS = 1000

/**
 * The frames of the muxer that one peer may still send, over all its connections. Each costs work whatever its size, so small ones
 * are counted: so many a second, what was not used of one second is kept. Time is measured in milliseconds.
 */
export class FrameBudget {
  readonly #perSecond: number
  readonly #now: () => number
  #left: number
  #filledAt: number

  constructor(perSecond: number, now: () => number = () => performance.now()) {
    this.#perSecond = perSecond
    this.#now = now
    this.#left = perSecond
    this.#filledAt = now()
  }

  /** Takes what a frame costs, as many small frames; `bytes`: of its payload. False when there is not as much left. */
  take(cost: number, bytes: number): boolean {
    const price = cost * Math.max(0, 1 - bytes / FULL_BYTES)
    if (price > this.#left) this.#fill()
    if (price > this.#left) return false
    this.#left -= price
    return true
  }

  /** Bytes that are sent are answered, with updates of windows. */
  earn(bytes: number): void {
    this.#left = Math.min(this.#perSecond, this.#left + bytes / FULL_BYTES)
  }

  #fill(): void {
    const now = this.#now()
    this.#left = Math.min(
      this.#perSecond,
      this.#left + ((now - this.#filledAt) * this.#perSecond) / SECOND_MS,
    )
    this.#filledAt = now
  }
}

/** The budgets of peers; they outlive connections, so that a new one is no new budget. Only registered peers get as far. */
export class FrameBudgets {
  readonly #perSecond: number
  readonly #budgets = new Map<string, FrameBudget>()

  constructor(perSecond: number) {
    this.#perSecond = perSecond
  }

  of(peerId: string): FrameBudget {
    const budget = this.#budgets.get(peerId) ?? new FrameBudget(this.#perSecond)
    this.#budgets.set(peerId, budget)
    return budget
  }
}
