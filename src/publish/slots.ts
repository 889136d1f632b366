/** Lets so many pieces of work run at the same time; who starts one waits for a free place, not for its end. */
export class Slots {
  readonly #most: number
  readonly #running = new Set<Promise<unknown>>()

  constructor(most: number) {
    this.#most = most
  }

  /** Waits for a free place and starts `work`; resolves to its promise, in an object so that it is not awaited. */
  async start<T>(work: () => Promise<T>): Promise<{ ended: Promise<T> }> {
    while (this.#running.size >= this.#most) await Promise.race(this.#running)
    const ended = work()
    const place = ended.catch(() => {}).finally(() => this.#running.delete(place))
    this.#running.add(place)
    return { ended }
  }

  /** Resolves when nothing runs any more. */
  async settled(): Promise<void> {
    await Promise.all(this.#running)
  }
}
