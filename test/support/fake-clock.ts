import type { Clock } from '../../src/core/clock.ts'

interface Sleeper {
  due: number
  wake: () => void
}

/** A clock that stands still until the test turns it. */
export class FakeClock implements Clock {
  #now: number
  readonly #sleepers = new Set<Sleeper>()

  constructor(now = Date.UTC(2026, 0, 1)) {
    this.#now = now
  }

  now(): number {
    return this.#now
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted()
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const sleeper: Sleeper = { due: this.#now + ms, wake: resolve }
    const onAbort = () => reject(signal?.reason as Error)
    this.#sleepers.add(sleeper)
    signal?.addEventListener('abort', onAbort, { once: true })
    try {
      await promise
    } finally {
      this.#sleepers.delete(sleeper)
      signal?.removeEventListener('abort', onAbort)
    }
  }

  /** Milliseconds until each sleeper wakes, the next one first. */
  get sleeping(): number[] {
    return [...this.#sleepers].map((sleeper) => sleeper.due - this.#now).sort((a, b) => a - b)
  }

  /** Turns the clock on, waking sleepers in the order of their times; each goes on before the next one wakes. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms
    for (;;) {
      const next = [...this.#sleepers].sort((a, b) => a.due - b.due)[0]
      if (next === undefined || next.due > end) break
      this.#now = Math.max(this.#now, next.due)
      this.#sleepers.delete(next)
      next.wake()
      await new Promise((resolve) => setImmediate(resolve))
    }
    this.#now = end
  }
}
