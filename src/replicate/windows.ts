import type { EventBus } from '../core/events.ts'
import { Window } from '../core/window.ts'
import type { State } from '../state/state.ts'

/** The reason of a job that waits for its window to open. */
export const WINDOW = 'window'

/** A window that is not open. */
interface Closed {
  /** Milliseconds since 1970. */
  until: number
  why: string
}

/** Holds jobs to the windows of their subscriptions. What it writes is what everybody sees: a job that may not run now is WAITING. */
export class JobWindows {
  readonly #state: State
  readonly #events: EventBus
  /** By their text; there are as many as subscriptions have. */
  readonly #parsed = new Map<string, Window>()

  constructor({ state, events }: { state: State; events: EventBus }) {
    this.#state = state
    this.#events = events
  }

  /** True while some subscription has a window: time alone may change what runs. */
  get matter(): boolean {
    return this.#state.subscriptions.withWindow().length > 0
  }

  /** When the jobs of a subscription that may not run at `now` may do so again, and why not now; undefined when they may. */
  closed(subscription: number | undefined, now: number): Closed | undefined {
    const text = subscription === undefined ? undefined : this.#state.subscriptions.byId(subscription)?.window
    if (text === undefined) return undefined
    const window = this.#parsed.get(text) ?? Window.parse(text)
    this.#parsed.set(text, window)
    if (window.isOpen(now)) return undefined
    const until = window.nextChange(now) ?? now
    return { until, why: `its window (${text}) opens at ${new Date(until).toISOString()}` }
  }

  /** What would run and may not waits for its window; what waited for one that is open now, or gone, is queued. */
  apply(now: number): void {
    const { subscriptions, jobs, db } = this.#state
    const held = subscriptions.withWindow().flatMap(({ id }) => {
      const closed = this.closed(id, now)
      return closed === undefined ? [] : [{ id, until: closed.until }]
    })
    const freed = jobs.subscriptionsWaiting(WINDOW).filter((id) => this.closed(id, now) === undefined)
    if (held.length + freed.length === 0) return
    const changed = db.transaction(() => [
      ...held.flatMap(({ id, until }) => jobs.hold(id, { reason: WINDOW, now, until })),
      ...freed.flatMap((id) => jobs.release(id, WINDOW)),
    ])
    for (const { id, state, reason } of changed)
      this.#events.emit({ type: 'job', job: id, state, reason: reason ?? null })
  }
}
