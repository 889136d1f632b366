import type { Digest } from '../image/digest.ts'
import { RECEIPT_REASON_CHARACTERS, type Receipt, type ReceiptState } from '../image/receipt.ts'
import type { Database, Row } from './database.ts'

function toReceipt(row: Row): Receipt {
  return {
    image: row['image'] as Digest,
    state: row['state'] as ReceiptState,
    reason: row['reason'] as string,
    time: row['time'] as number,
  }
}

/** Receipts in both directions: ours to origins, and those of receivers about our own images. */
export class Receipts {
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
  }

  /** Notes what is to be told; only the newest per image counts. */
  note(peer: string, receipt: Receipt): void {
    this.#db.run(
      `INSERT INTO receipt_out (peer, image, state, reason, time) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (peer, image) DO UPDATE SET state = excluded.state, reason = excluded.reason, time = excluded.time,
         acknowledged = 0`,
      peer,
      receipt.image,
      receipt.state,
      receipt.reason.slice(0, RECEIPT_REASON_CHARACTERS),
      receipt.time,
    )
  }

  /** What the peer was last told of an image, or is to be told. */
  noted(peer: string, image: Digest): Receipt | undefined {
    const row = this.#db.get('SELECT * FROM receipt_out WHERE peer = ? AND image = ?', peer, image)
    return row && toReceipt(row)
  }

  /** At most `limit` that the peer has not acknowledged, oldest first. */
  pending(peer: string, limit: number): Receipt[] {
    return this.#db
      .all('SELECT * FROM receipt_out WHERE peer = ? AND acknowledged = 0 ORDER BY time LIMIT ?', peer, limit)
      .map(toReceipt)
  }

  /** Unless a newer one was noted meanwhile. */
  acknowledge(peer: string, receipt: Receipt): void {
    this.#db.run(
      'UPDATE receipt_out SET acknowledged = 1 WHERE peer = ? AND image = ? AND time = ? AND state = ? AND reason = ?',
      peer,
      receipt.image,
      receipt.time,
      receipt.state,
      receipt.reason,
    )
  }

  /** Records what a receiver told. */
  receive(peer: string, receipt: Receipt): void {
    this.#db.run(
      `INSERT INTO receipt_in VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (peer, image) DO UPDATE SET state = excluded.state, reason = excluded.reason, time = excluded.time`,
      peer,
      receipt.image,
      receipt.state,
      receipt.reason,
      receipt.time,
    )
  }

  /** What each receiver told of one of our own images. */
  holders(image: Digest): (Receipt & { peer: string })[] {
    return this.#db
      .all('SELECT * FROM receipt_in WHERE image = ?', image)
      .map((row) => ({ ...toReceipt(row), peer: row['peer'] as string }))
  }

  /** Forgets what receivers told of an own image that is gone. */
  forget(image: Digest): void {
    this.#db.run('DELETE FROM receipt_in WHERE image = ?', image)
  }

  /** Forgets the receipts of a relation that ended. */
  clear(peer: string): void {
    this.#db.run('DELETE FROM receipt_out WHERE peer = ?', peer)
    this.#db.run('DELETE FROM receipt_in WHERE peer = ?', peer)
  }
}
