import type { Run } from '../wire/content.ts'

/** Leaves in a row that are fetched with one request. */
export interface LeafRun extends Run {
  /** Of all its leaves. */
  bytes: number
}

/** Runs between the one that finds what is missing and the streams that fetch it; bounded. */
export class RunQueue<R extends LeafRun> {
  readonly #most: number
  readonly #runs: R[] = []
  #closed = false
  #failure: Error | undefined
  readonly #waiting = new Set<() => void>()
  readonly #split: (run: R) => [R, R] | undefined

  /** `split` says of a run that is about to be fetched what is to be fetched first, and the rest; undefined for all of it. */
  constructor(most: number, split: (run: R) => [R, R] | undefined = () => undefined) {
    this.#most = most
    this.#split = split
  }

  #change(): void {
    for (const wake of this.#waiting) wake()
    this.#waiting.clear()
  }

  async #changed(): Promise<void> {
    await new Promise<void>((resolve) => this.#waiting.add(resolve))
  }

  /** Waits while the queue is full. */
  async put(run: R): Promise<void> {
    while (this.#runs.length >= this.#most && this.#failure === undefined) await this.#changed()
    this.#throwFailure()
    this.#runs.push(run)
    this.#change()
  }

  /** For runs that came back wrong: they go first, and never wait. */
  putBack(run: R): void {
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
  poll(): R | undefined {
    this.#throwFailure()
    const run = this.#runs.shift()
    if (run === undefined) return undefined
    const parts = this.#split(run)
    if (parts !== undefined) this.#runs.unshift(parts[1])
    this.#change()
    return parts === undefined ? run : parts[0]
  }

  /** The next run; undefined when the queue is closed and empty. */
  async take(): Promise<R | undefined> {
    for (;;) {
      const run = this.poll()
      if (run !== undefined || this.#closed) return run
      await this.#changed()
    }
  }
}

/** Ascending numbers as runs of at most `most`. */
export function toRuns(numbers: readonly number[], most: number): Run[] {
  const runs: Run[] = []
  for (const number of numbers) {
    const last = runs.at(-1)
    if (last !== undefined && last.first + last.count === number && last.count < most) last.count++
    else runs.push({ first: number, count: 1 })
  }
  return runs
}
