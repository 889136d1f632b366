import type { ImageState } from '../image/states.ts'
import type { Database, Row } from './database.ts'

/** What an operator may change of a subscription. */
export interface SubscriptionOptions {
  /** Local state in which images arrive. */
  landAs: ImageState
  /** How many of the newest of a line or series stay here; undefined: all. */
  keep: number | undefined
  /** Bytes that images of this peer may take here; undefined: no bound. */
  maxBytes: number | undefined
  /** Jobs of a higher number go first. */
  priority: number
  /** Set-id bits and security attributes of trees are applied. */
  trustPrivileged: boolean
  /** File or directory whose bytes need not be fetched, as an absolute path; undefined: none. */
  preseed: string | undefined
  /** Bytes per second that its jobs may receive together; undefined: no bound. */
  rate: number | undefined
  /** When its jobs may run, as core/window writes it; undefined: always. */
  window: string | undefined
}

/** A standing selector on one peer's images. */
export interface Subscription extends SubscriptionOptions {
  id: number
  peer: string
  /** The selector's text; see filter/selector. */
  selector: string
  /** What the operator called the image, for image selectors; else empty. */
  name: string
  /** Number of the newest entry of the peer's journal when it was made. */
  headSeq: number
  /** How many entries had been taken of the peer when it was made. */
  ordinal: number
  /** Takes only what is published or inserted after it was made. */
  newOnly: boolean
  createdAt: number
}

function toSubscription(row: Row): Subscription {
  return {
    id: row['id'] as number,
    peer: row['peer'] as string,
    selector: row['selector'] as string,
    name: row['name'] as string,
    headSeq: row['head_seq'] as number,
    ordinal: row['ordinal'] as number,
    newOnly: row['new_only'] === 1,
    landAs: row['land_as'] as ImageState,
    keep: (row['keep'] as number | null) ?? undefined,
    maxBytes: (row['max_bytes'] as number | null) ?? undefined,
    priority: row['priority'] as number,
    trustPrivileged: row['trust_privileged'] === 1,
    preseed: (row['preseed'] as string | null) ?? undefined,
    rate: (row['rate'] as number | null) ?? undefined,
    window: (row['time_window'] as string | null) ?? undefined,
    createdAt: row['created_at'] as number,
  }
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
    return rows.map(toSubscription)
  }

  byId(id: number): Subscription | undefined {
    const row = this.#db.get('SELECT * FROM subscription WHERE id = ?', id)
    return row && toSubscription(row)
  }

  /** Those whose jobs do not run at any time. */
  withWindow(): Subscription[] {
    return this.#db.all('SELECT * FROM subscription WHERE time_window IS NOT NULL').map(toSubscription)
  }

  get(peer: string, selector: string): Subscription | undefined {
    const row = this.#db.get('SELECT * FROM subscription WHERE peer = ? AND selector = ?', peer, selector)
    return row && toSubscription(row)
  }

  /** Adds a selector, or changes the options of one that is there: it stays as old as it was. */
  put(subscription: Omit<Subscription, 'id'>): void {
    this.#db.run(
      `INSERT INTO subscription (peer, selector, name, head_seq, ordinal, new_only, land_as, keep, max_bytes, priority,
         trust_privileged, preseed, rate, time_window, created_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (peer, selector) DO UPDATE SET new_only = excluded.new_only, land_as = excluded.land_as,
         keep = excluded.keep, max_bytes = excluded.max_bytes, priority = excluded.priority,
         trust_privileged = excluded.trust_privileged, preseed = excluded.preseed, rate = excluded.rate,
         time_window = excluded.time_window`,
      subscription.peer,
      subscription.selector,
      subscription.name,
      subscription.headSeq,
      subscription.ordinal,
      subscription.newOnly ? 1 : 0,
      subscription.landAs,
      subscription.keep ?? null,
      subscription.maxBytes ?? null,
      subscription.priority,
      subscription.trustPrivileged ? 1 : 0,
      subscription.preseed ?? null,
      subscription.rate ?? null,
      subscription.window ?? null,
      subscription.createdAt,
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
