import type { Database } from './database.ts'

/** One operation that changed something, or tried to. */
export interface AuditRecord {
  /** Milliseconds since 1970. */
  time: number
  /** Verb and noun, as on the command line. */
  operation: string
  subject: string
  /** `done`, or what went wrong. */
  outcome: string
}

/** Which records are asked for. Times are milliseconds since 1970; `to` is not included. */
export interface AuditFilter {
  from: number | undefined
  to: number | undefined
  /** Verb and noun, or the verb alone. */
  operation: string | undefined
  /** A part of the subject. */
  subject: string | undefined
  failed: boolean
  limit: number
}

/** The log is held to its bound with the first record, and then once in so many. */
const TRIM_EVERY = 1_000

/** Every operation that changed something, with its outcome. */
export class Audit {
  readonly #db: Database
  readonly #most: number
  #added = 0

  /** `most`: records that are kept; the oldest go. */
  constructor(db: Database, most: number) {
    this.#db = db
    this.#most = most
  }

  add(record: AuditRecord): void {
    this.#db.run(
      'INSERT INTO audit (time, operation, subject, outcome) VALUES (?, ?, ?, ?)',
      record.time,
      record.operation,
      record.subject,
      record.outcome,
    )
    if (this.#added++ % TRIM_EVERY === 0) this.trim()
  }

  /** The newest that fit, oldest first. */
  list(filter: AuditFilter): AuditRecord[] {
    const { from = 0, to = Number.MAX_SAFE_INTEGER, operation = '', subject = '', failed, limit } = filter
    const rows = this.#db.all(
      `SELECT time, operation, subject, outcome FROM audit
       WHERE time >= ? AND time < ? AND (? = '' OR operation = ? OR substr(operation, 1, length(?) + 1) = ? || ' ')
         AND (? = '' OR instr(subject, ?) > 0) AND (? = 0 OR outcome <> 'done')
       ORDER BY id DESC LIMIT ?`,
      from,
      to,
      operation,
      operation,
      operation,
      operation,
      subject,
      subject,
      failed ? 1 : 0,
      limit,
    )
    return rows.reverse() as unknown as AuditRecord[]
  }

  /** Forgets the oldest, so that at most `most` are left. */
  trim(most = this.#most): void {
    this.#db.run('DELETE FROM audit WHERE id <= (SELECT max(id) FROM audit) - ?', most)
  }
}
