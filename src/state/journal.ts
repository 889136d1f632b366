import type { Digest } from '../image/digest.ts'
import type { JournalEntry } from '../image/journal.ts'
import type { Database, Row } from './database.ts'

function toEntry(row: Row): JournalEntry & { hash: Digest } {
  return {
    seq: row['seq'] as number,
    time: row['time'] as number,
    previous: row['previous'] as Digest,
    bodyDigest: row['body_digest'] as Digest,
    hash: row['hash'] as Digest,
    body: (row['body'] as Uint8Array | null) ?? undefined,
    signature: row['signature'] as Uint8Array,
  }
}

/** This server's own journal as rows. Only publish/ writes it. */
export class JournalRows {
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
  }

  last(): (JournalEntry & { hash: Digest }) | undefined {
    const row = this.#db.get('SELECT * FROM journal ORDER BY seq DESC LIMIT 1')
    return row && toEntry(row)
  }

  at(seq: number): (JournalEntry & { hash: Digest }) | undefined {
    const row = this.#db.get('SELECT * FROM journal WHERE seq = ?', seq)
    return row && toEntry(row)
  }

  /** At most `limit` entries after `seq`. */
  after(seq: number, limit: number): JournalEntry[] {
    return this.#db.all('SELECT * FROM journal WHERE seq > ? ORDER BY seq LIMIT ?', seq, limit).map(toEntry)
  }

  /** True when an entry ever named this image. */
  names(image: Digest): boolean {
    return this.#db.get('SELECT 1 FROM journal WHERE image = ? LIMIT 1', image) !== undefined
  }

  /** Bodies that tell of this image are no longer sent, only their digests. */
  takeBack(image: Digest): void {
    this.#db.run('UPDATE journal SET body = NULL WHERE image = ?', image)
  }

  /** For a journal that is given up. */
  clear(): void {
    this.#db.run('DELETE FROM journal')
  }

  /** `image`: the id that the entry publishes or puts somewhere, so that its body can be taken back later. */
  append(entry: JournalEntry & { hash: Digest; image: Digest | undefined }): void {
    this.#db.run(
      'INSERT INTO journal (seq, time, previous, body_digest, hash, body, signature, image) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
      entry.seq,
      entry.time,
      entry.previous,
      entry.bodyDigest,
      entry.hash,
      entry.body ?? null,
      entry.signature,
      entry.image ?? null,
    )
  }
}
