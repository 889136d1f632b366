import type { Tasks } from '../core/tasks.ts'
import { decideUnmet, type DecideComponents } from './decide.ts'

/**
 * Where a bound says how much a peer may take here: gives room that has come to what of the peer did not fit, page by page in the
 * background.
 */
export class Refill {
  readonly #components: DecideComponents
  readonly #tasks: Tasks
  readonly #onFilled: (peerId: string) => void
  /** Peers whose images are decided about anew; `again`: there may be more room since. */
  readonly #underWay = new Map<string, { again: boolean }>()
  #stopped = false

  /** `onFilled`: told of a peer of which jobs may have been queued. */
  constructor(components: DecideComponents, tasks: Tasks, onFilled: (peerId: string) => void) {
    this.#components = components
    this.#tasks = tasks
    this.#onFilled = onFilled
  }

  stop(): void {
    this.#stopped = true
  }

  /**
   * Begins it for one peer. What is among the first that the peer announces is decided when this returns. False, and nothing is done,
   * without a bound.
   */
  begin(peerId: string): boolean {
    const { state } = this.#components
    if (!state.subscriptions.list(peerId).some(({ maxBytes }) => maxBytes !== undefined)) return false
    const underWay = this.#underWay.get(peerId)
    if (underWay !== undefined) {
      underWay.again = true
      return true
    }
    const steps = decideUnmet(this.#components, peerId)
    if (steps.next().done === true) return true
    this.#tasks.run(`room for what did not fit of ${peerId}`, async () => await this.#goOn(peerId, steps))
    return true
  }

  async #goOn(peerId: string, begun: Generator<void>): Promise<void> {
    const filling = { again: false }
    this.#underWay.set(peerId, filling)
    let steps = begun
    try {
      for (;;) {
        await new Promise((resolve) => setImmediate(resolve))
        if (this.#stopped) return
        // What is older goes first.
        if (filling.again) steps = decideUnmet(this.#components, peerId)
        filling.again = false
        if (steps.next().done === true) break
      }
    } finally {
      this.#underWay.delete(peerId)
    }
    this.#onFilled(peerId)
  }
}
