import type { Database } from './database.ts'

/** `former-journals`: a JSON list of the journal ids that were given up. */
type Key = 'server-name' | 'journal-id' | 'journal-fault' | 'former-journals'

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
