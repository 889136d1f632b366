import { backoff, type Clock } from '../core/clock.ts'
import type { Limits } from '../core/limits.ts'

/** A peer that broke the protocol is kept out until then (milliseconds since 1970). */
export interface Penalty {
  until: number
  reason: string
}

/** Peers that broke the protocol, each kept out for a pause that grows with each time. */
export class Penalties {
  readonly #clock: Clock
  readonly #random: () => number
  readonly #limits: Limits
  readonly #penalties = new Map<string, Penalty & { count: number }>()

  constructor(components: { clock: Clock; random: () => number; limits: Limits }) {
    this.#clock = components.clock
    this.#random = components.random
    this.#limits = components.limits
  }

  add(peerId: string, reason: string): Penalty {
    const { redialMinMs, redialMaxMs } = this.#limits
    const count = (this.#penalties.get(peerId)?.count ?? 0) + 1
    const until = this.#clock.now() + backoff(count, redialMinMs, redialMaxMs, this.#random)
    const penalty = { until, reason, count }
    this.#penalties.set(peerId, penalty)
    return penalty
  }

  /** The penalty in force. */
  of(peerId: string): Penalty | undefined {
    const penalty = this.#penalties.get(peerId)
    if (penalty === undefined) return undefined
    const left = penalty.until - this.#clock.now()
    // No pause is so long: the clock was set back.
    return left > 0 && left <= 2 * this.#limits.redialMaxMs ? penalty : undefined
  }

  /** Forgets what a peer did. */
  clear(peerId: string): void {
    this.#penalties.delete(peerId)
  }
}
