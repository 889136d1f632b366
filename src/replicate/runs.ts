import type { Run } from '../wire/content.ts'

/** Leaves of one segment that are to be fetched together, with the digests that they must have (32 bytes each). */
export interface LeafRun extends Run {
  segment: number
  digests: Uint8Array
}

/** Runs between the one that finds what is missing and the streams that fetch it; bounded. */
export class RunQueue {
  readonly #most: number
  readonly #runs: LeafRun[] = []
  #closed = false
  #failure: Error | undefined
  readonly #waiting = new Set<() => void>()

  constructor(most: number) {
    this.#most = most
  }

  #change(): void {
    for (const wake of this.#waiting) wake()
    this.#waiting.clear()
  }

  async #changed(): Promise<void> {
    await new Promise<void>((resolve) => this.#waiting.add(resolve))
  }

  /** Waits while the queue is full. */
  async put(run: LeafRun): Promise<void> {
    while (this.#runs.length >= this.#most && this.#failure === undefined) await this.#changed()
    this.#throwFailure()
    this.#runs.push(run)
    this.#change()
  }

  /** For runs that came back wrong: they go first, and never wait. */
  putBack(run: LeafRun): void {
    this.#runs.unshift(run)
    this.#change()
  }

  /** Nothing more will be put. */
  close(): void {
    this.#closed = true
    this.#change()
  }

  /** Ends every put and take with this error. */
  fail(error: Error): void {
    this.#failure ??= error
    this.#change()
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure
  }

  /** The next run if there is one now. */
  poll(): LeafRun | undefined {
    this.#throwFailure()
    const run = this.#runs.shift()
    if (run !== undefined) this.#change()
    return run
  }

  /** The next run; undefined when the queue is closed and empty. */
  async take(): Promise<LeafRun | undefined> {
    for (;;) {
      const run = this.poll()
      if (run !== undefined || this.#closed) return run
      await this.#changed()
    }
  }
}
