/** Everything that happens in a server and that someone may follow. Times are milliseconds since 1970. */
export type IngotEvent =
  | { type: 'peer'; peer: string; link: string; reason: string | null }
  | { type: 'image'; image: string; ref: string; status: string }
  | { type: 'job'; job: number; state: string; reason: string | null }
  | { type: 'subscription'; peer: string; change: 'added' | 'modified' | 'removed' }
  | { type: 'audit'; operation: string; subject: string; outcome: string }

type Listener = (event: IngotEvent) => void

/** One bus per server. Listeners run at once, in order of subscription, and must not throw. */
export class EventBus {
  readonly #listeners = new Set<Listener>()

  /** Calls `listener` for each event until the returned function is called. */
  follow(listener: Listener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  emit(event: IngotEvent): void {
    for (const listener of this.#listeners) listener(event)
  }
}
