import type { Digest } from '../image/digest.ts'
import type { Database } from './database.ts'

/** Why an image of a peer is not taken again by itself: its replica was deleted, its job cancelled, the other image of its name kept. */
export type DeclinedWhy = 'deleted' | 'cancelled' | 'kept'

export interface Declined {
  why: DeclinedWhy
  /** Milliseconds since 1970. */
  time: number
}

/** Images of peers that this server's operator does not want here until he asks for them by name. */
export class DeclinedImages {
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
  }

  get(peer: string, image: Digest): Declined | undefined {
    return this.#db.get('SELECT why, time FROM declined WHERE peer = ? AND image = ?', peer, image) as
      | Declined
      | undefined
  }

  put(peer: string, image: Digest, declined: Declined): void {
    this.#db.run(
      `INSERT INTO declined VALUES (?, ?, ?, ?)
       ON CONFLICT (peer, image) DO UPDATE SET why = excluded.why, time = excluded.time`,
      peer,
      image,
      declined.why,
      declined.time,
    )
  }

  remove(peer: string, image: Digest): void {
    this.#db.run('DELETE FROM declined WHERE peer = ? AND image = ?', peer, image)
  }
}
