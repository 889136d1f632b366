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

/** Every operation that changed something, with its outcome. */
export class Audit {
  readonly #db: Database
  readonly #most: number

  /** `most`: records that are kept. */
  constructor(db: Database, most: number) {
    this.#db = db
    this.#most = most
  }

  /** Adds a record; the oldest goes when there are too many. */
  add(record: AuditRecord): void {
    const { id } = this.#db.run(
      'INSERT INTO audit (time, operation, subject, outcome) VALUES (?, ?, ?, ?)',
      record.time,
      record.operation,
      record.subject,
      record.outcome,
    )
    this.#db.run('DELETE FROM audit WHERE id <= ?', id - this.#most)
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
}
