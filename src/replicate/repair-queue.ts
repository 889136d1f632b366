import { MOST_PAUSE_MS, backoff, type Clock } from '../core/clock.ts'
import { IngotError, describeError, isIngotError } from '../core/errors.ts'
import type { Limits } from '../core/limits.ts'
import type { Logger } from '../core/logger.ts'
import { Tasks } from '../core/tasks.ts'
import type { Digest } from '../image/digest.ts'
import type { Links } from '../net/links.ts'
import type { State } from '../state/state.ts'
import type { Repair } from './repair.ts'

export interface RepairQueueComponents {
  state: State
  links: Links
  clock: Clock
  random: () => number
  limits: Limits
  logger: Logger
}

/** A damaged content that waits to be repaired. */
interface Waiting {
  /** Milliseconds since 1970. */
  due: number
  failures: number
  /** From when on it may be tried again when a link comes up. */
  notBefore: number
}

/**
 * Repairs damaged contents by itself, one at a time: when they are found, when a link comes up, and after pauses that grow. A
 * content registered in place is left to the operator.
 */
export class RepairQueue {
  readonly #components: RepairQueueComponents
  readonly #repair: Repair
  readonly #tasks: Tasks
  readonly #waiting = new Map<Digest, Waiting>()
  readonly #stopping = new AbortController()
  #pause = new AbortController()

  constructor(components: RepairQueueComponents, repair: Repair) {
    this.#components = components
    this.#repair = repair
    this.#tasks = new Tasks(components.logger)
  }

  start(): void {
    const { state, links } = this.#components
    for (const { content } of state.integrity.damaged()) this.add(content)
    links.onUp(() => this.#hurry())
    this.#tasks.run('repairs', async () => await this.#work())
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new IngotError('aborted', 'this server is stopping'))
    this.#pause.abort()
    await this.#tasks.settled()
  }

  /** A content was found to be damaged. */
  add(content: Digest): void {
    const { state, clock } = this.#components
    if (state.images.content(content)?.inPlace !== undefined || this.#waiting.has(content)) return
    this.#waiting.set(content, { due: clock.now(), failures: 0, notBefore: 0 })
    this.#pause.abort()
  }

  /** Whatever stood in the way may not any more: but no more often than the first pause allows. */
  #hurry(): void {
    const { clock, limits } = this.#components
    const now = clock.now()
    for (const waiting of this.#waiting.values())
      waiting.due = Math.min(
        waiting.due,
        Math.max(now, Math.min(waiting.notBefore, now + limits.repairRetryMinMs)),
      )
    this.#pause.abort()
  }

  async #work(): Promise<void> {
    const { clock, limits } = this.#components
    while (!this.#stopping.signal.aborted) {
      const [next] = [...this.#waiting].toSorted(([, one], [, other]) => one.due - other.due)
      const wait = next === undefined ? MOST_PAUSE_MS : next[1].due - clock.now()
      // No pause is longer than twice its bound: the clock was set back.
      if (next !== undefined && (wait <= 0 || wait > 2 * limits.repairRetryMaxMs)) await this.#try(...next)
      else await this.#sleep(Math.min(wait, MOST_PAUSE_MS))
    }
  }

  /** Until something is added, or hurries. */
  async #sleep(ms: number): Promise<void> {
    this.#pause = new AbortController()
    const signal = AbortSignal.any([this.#pause.signal, this.#stopping.signal])
    await this.#components.clock.sleep(ms, signal).catch(() => {}) // woken
  }

  async #try(content: Digest, waiting: Waiting): Promise<void> {
    const { state, clock, limits, random, logger } = this.#components
    try {
      await this.#repair.run(content, { path: undefined, signal: this.#stopping.signal })
      this.#waiting.delete(content)
    } catch (error) {
      if (this.#stopping.signal.aborted) return
      if (!state.integrity.isDamaged(content)) {
        this.#waiting.delete(content)
        return
      }
      const pause = backoff(waiting.failures++, limits.repairRetryMinMs, limits.repairRetryMaxMs, random)
      waiting.due = clock.now() + pause
      // What only waited for a link has cost nothing.
      waiting.notBefore = isIngotError(error, 'peer-unreachable') ? 0 : clock.now() + limits.repairRetryMinMs
      logger.warn({ content, error: describeError(error), pause }, 'a damaged content is not repaired yet')
    }
  }
}
