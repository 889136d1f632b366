import type { Database } from './database.ts'

/** A standing selector on one peer's images. */
export interface Subscription {
  id: number
  peer: string
  /** The selector's text; see filter/selector. */
  selector: string
  /** What the operator called the image, for image selectors; else empty. */
  name: string
  /** Number of the newest entry of the peer's journal when it was made. */
  headSeq: number
  createdAt: number
}

export class Subscriptions {
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
  }

  /** Of one peer, or of all; in the order in which they were made. */
  list(peer?: string): Subscription[] {
    const rows =
      peer === undefined
        ? this.#db.all('SELECT * FROM subscription ORDER BY id')
        : this.#db.all('SELECT * FROM subscription WHERE peer = ? ORDER BY id', peer)
    return rows.map((row) => ({
      id: row['id'] as number,
      peer: row['peer'] as string,
      selector: row['selector'] as string,
      name: row['name'] as string,
      headSeq: row['head_seq'] as number,
      createdAt: row['created_at'] as number,
    }))
  }

  /** A selector that is there already stays as it was. */
  add(subscription: Omit<Subscription, 'id'>): void {
    const { peer, selector, name, headSeq, createdAt } = subscription
    this.#db.run(
      'INSERT INTO subscription (peer, selector, name, head_seq, created_at) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
      peer,
      selector,
      name,
      headSeq,
      createdAt,
    )
  }

  /** True when there was one. */
  remove(peer: string, selector: string): boolean {
    return (
      this.#db.run('DELETE FROM subscription WHERE peer = ? AND selector = ?', peer, selector).changes > 0
    )
  }

  clear(peer: string): void {
    this.#db.run('DELETE FROM subscription WHERE peer = ?', peer)
  }
}
