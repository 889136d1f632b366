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

export class Audit {
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
  }

  add(record: AuditRecord): void {
    this.#db.run(
      'INSERT INTO audit (time, operation, subject, outcome) VALUES (?, ?, ?, ?)',
      record.time,
      record.operation,
      record.subject,
      record.outcome,
    )
  }

  list(): AuditRecord[] {
    return this.#db.all(
      'SELECT time, operation, subject, outcome FROM audit ORDER BY id',
    ) as unknown as AuditRecord[]
  }
}
