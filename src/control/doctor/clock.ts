import type { Clock } from '../../core/clock.ts'
import type { RouteContext } from '../context.ts'
import { failure, fine, warning, type Finding } from './finding.ts'

/** No clock that is right shows a time before this one: this version was not made yet. */
const MADE_AT = Date.UTC(2026, 10, 1)
/** Milliseconds by which clocks of two servers may differ before anybody is told. */
const TOLERANCE_MS = 5 * 60_000
/** Milliseconds by which the clock may have been set since the start. */
const JUMP_MS = 30_000

const advice = 'check the date and the time service (NTP) of this machine'

/** Looks at the clock, which is compared with the time that passes since the watch was made. */
export class ClockWatch {
  readonly #clock: Clock
  readonly #startedAt: number
  readonly #started = performance.now()

  constructor(clock: Clock) {
    this.#clock = clock
    this.#startedAt = clock.now()
  }

  /** Milliseconds by which the clock went another way than time. */
  get #jump(): number {
    return this.#clock.now() - this.#startedAt - (performance.now() - this.#started)
  }

  check({ state, journal, links }: RouteContext): Finding {
    const now = this.#clock.now()
    if (now < MADE_AT) return failure(`the clock shows ${timeText(now)}: this ingot is newer`, advice)
    const published = journal.head().time
    if (published > now + TOLERANCE_MS)
      return warning(`the newest entry of the journal is of ${timeText(published)}: that is to come`, advice)
    for (const { id, name } of state.peers.list()) {
      const heard = Math.max(state.peers.cursor(id)?.time ?? 0, links.get(id)?.hello.ownHead.time ?? 0)
      if (heard > now + TOLERANCE_MS)
        return warning(
          `the newest entry of ${name} is of ${timeText(heard)}: its clock is ahead, or this one behind`,
          `${advice}, and of that one`,
        )
    }
    const jump = Math.round(this.#jump / 1000)
    if (Math.abs(this.#jump) > JUMP_MS)
      return warning(
        `the clock was set ${jump > 0 ? 'forward' : 'back'} by ${Math.abs(jump)} s since the start, or the machine slept`,
        `${advice}: windows and the times of the audit log follow it`,
      )
    return fine(timeText(now))
  }
}

function timeText(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')}Z`
}
