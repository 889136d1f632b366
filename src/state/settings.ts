import type { Database } from './database.ts'

/**
 * `journal-since`: heads of other journals of ours up to that time were given up with the last renewal. `journal-heard`: the
 * latest time of a head of ours that a peer holds and that is not here. Milliseconds since 1970. `rate-in`, `rate-out`: bytes
 * per second that are received from and sent to all peers together. `written-by`: version of the ingot that ran on this state
 * last; an older one that finds a newer schema names it. `scrub-position`: content and first leaf of it that the
 * scrub has not read yet. `images-marked`: the images directory has the mark of this server.
 */
type Key =
  | 'server-name'
  | 'journal-id'
  | 'journal-fault'
  | 'journal-since'
  | 'journal-heard'
  | 'rate-in'
  | 'rate-out'
  | 'written-by'
  | 'scrub-position'
  | 'images-marked'

/** Single facts about this server. */
export class Settings {
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
  }

  get(key: Key): string | undefined {
    return this.#db.get('SELECT value FROM setting WHERE key = ?', key)?.['value'] as string | undefined
  }

  set(key: Key, value: string): void {
    this.#db.run(
      'INSERT INTO setting VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
      key,
      value,
    )
  }

  remove(key: Key): void {
    this.#db.run('DELETE FROM setting WHERE key = ?', key)
  }
}
