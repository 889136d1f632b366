import type { Clock } from '../../src/core/clock.ts'

/** A clock that goes as the real one does, from a time that the test chooses; the test turns it on and back. */
export class TurnedClock implements Clock {
  #shift: number
  readonly #turned = new Set<() => void>()

  /** `now`: milliseconds since 1970. */
  constructor(now: number) {
    this.#shift = now - Date.now()
  }

  now(): number {
    return Date.now() + this.#shift
  }

  /** Sets the clock to another time. Who sleeps until before that wakes, if `wakes`: as when the time had passed; a step of the system's clock wakes nobody. */
  turn(to: number, wakes: 'wakes' | 'steps' = 'wakes'): void {
    this.#shift = to - Date.now()
    if (wakes === 'wakes') for (const check of this.#turned) check()
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted()
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const due = this.now() + ms
    const timer = setTimeout(resolve, ms)
    const check = () => {
      if (this.now() >= due) resolve()
    }
    const onAbort = () => reject(signal?.reason as Error)
    this.#turned.add(check)
    signal?.addEventListener('abort', onAbort, { once: true })
    try {
      await promise
    } finally {
      clearTimeout(timer)
      this.#turned.delete(check)
      signal?.removeEventListener('abort', onAbort)
    }
  }
}
