import type { Database } from './database.ts'

/** A journal event that this version does not know, as it came. */
export interface UnknownEvent {
  peer: string
  seq: number
  /** Encoded event. */
  body: Uint8Array
}

/** Events of peers that wait for a version that knows them. */
export class UnknownEvents {
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
  }

  list(): UnknownEvent[] {
    return this.#db.all(
      'SELECT peer, seq, body FROM unknown_event ORDER BY peer, seq',
    ) as unknown as UnknownEvent[]
  }

  count(peer: string): number {
    return this.#db.get('SELECT count(*) AS n FROM unknown_event WHERE peer = ?', peer)?.['n'] as number
  }

  put(peer: string, seq: number, body: Uint8Array): void {
    this.#db.run('INSERT INTO unknown_event VALUES (?, ?, ?) ON CONFLICT DO NOTHING', peer, seq, body)
  }

  remove(peer: string, seq: number): void {
    this.#db.run('DELETE FROM unknown_event WHERE peer = ? AND seq = ?', peer, seq)
  }
}
