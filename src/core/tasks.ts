import type { Logger } from './logger.ts'
import { describeError } from './errors.ts'

/** Owner of background work: keeps every promise, logs what fails once, and is awaited at the stop. */
export class Tasks {
  readonly #running = new Set<Promise<void>>()
  readonly #logger: Logger

  constructor(logger: Logger) {
    this.#logger = logger
  }

  /** Runs `work` in the background. `what` names it in the log if it fails. */
  run(what: string, work: () => Promise<void>): void {
    const task = work()
      .catch((error: unknown) =>
        this.#logger.error({ task: what, error: describeError(error) }, 'background task failed'),
      )
      .finally(() => this.#running.delete(task))
    this.#running.add(task)
  }

  /** Resolves when all that was started has ended. */
  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running)
  }
}
