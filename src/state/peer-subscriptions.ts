import type { Database } from './database.ts'

/** What peers told of their selectors on our images. */
export class PeerSubscriptions {
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
  }

  list(peer: string): string[] {
    return this.#db
      .all('SELECT selector FROM peer_subscription WHERE peer = ? ORDER BY selector', peer)
      .map((row) => row['selector'] as string)
  }

  /** Takes the place of what the peer told before. */
  replace(peer: string, selectors: readonly string[]): void {
    this.#db.transaction(() => {
      this.#db.run('DELETE FROM peer_subscription WHERE peer = ?', peer)
      for (const selector of selectors)
        this.#db.run('INSERT INTO peer_subscription VALUES (?, ?) ON CONFLICT DO NOTHING', peer, selector)
    })
  }
}
