import { chmodSync, closeSync, constants, fstatSync, openSync } from 'node:fs'
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import { IngotError, describeError } from '../core/errors.ts'
import { version } from '../core/version.ts'
import { migrations } from './migrations.ts'
import { databaseError, isDiskError } from './sqlite-error.ts'

/** A row as SQLite gives it; each repository turns it into a domain type. */
export type Row = Record<string, SQLInputValue>

/**
 * The one connection to the state database: WAL, one writer, statements prepared once. All repositories share it, so
 * that what belongs together is one transaction.
 */
export class Database {
  readonly #db: DatabaseSync
  readonly #statements = new Map<string, StatementSync>()
  #depth = 0
  #undone = 0
  /** The disk refused something: what the system could not write it may have dropped, and the next sync would not tell. */
  #mayHaveLost = false

  /**
   * Opens and migrates the database at `path` (`:memory:` for none). Throws `conflict` for one of a newer version, `failed` for what
   * is none or cannot be migrated; both are left as they were. `steps`: the migrations, for tests.
   */
  constructor(path: string, steps: readonly string[] = migrations) {
    this.#db = openFile(path, steps.length)
    try {
      this.#db.exec('PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL')
      this.#db.exec('PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON')
      this.#migrate(path, steps)
    } catch (error) {
      this.close()
      throw unusable(path, error)
    }
  }

  /** Schema changes that this database has seen. */
  get schema(): number {
    return this.get('PRAGMA user_version')?.['user_version'] as number
  }

  /** All steps that are missing in one transaction: the first one that fails takes back those before it. */
  #migrate(path: string, steps: readonly string[]): void {
    const from = this.schema
    if (from === steps.length) return
    try {
      this.durably(() => {
        for (const step of steps.slice(from)) this.#db.exec(step)
        this.#db.exec(`PRAGMA user_version = ${steps.length}`)
      })
    } catch (cause) {
      const what = `cannot bring the database ${path} from version ${from} to ${steps.length}`
      throw new IngotError('failed', `${what}: ${describeError(cause)}. It is as it was`, {
        cause,
        hint: 'go on with the ingot that ran before, and report this with both versions; is the disk full?',
      })
    }
  }

  /** Another number after each change of a row: what was read at a number holds as long as it stays. */
  get version(): number {
    return this.get('SELECT total_changes() AS n')?.['n'] as number
  }

  /** Another number after each transaction that was taken back: what was read in one may not hold any more. */
  get undone(): number {
    return this.#undone
  }

  #prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql)
    if (statement === undefined) {
      statement = this.#db.prepare(sql)
      this.#statements.set(sql, statement)
    }
    return statement
  }

  /** Runs a statement; returns the number of changed rows and the last row id. */
  run(sql: string, ...values: SQLInputValue[]): { changes: number; id: number } {
    const result = this.#translated(() => this.#prepare(sql).run(...values))
    return { changes: Number(result.changes), id: Number(result.lastInsertRowid) }
  }

  get(sql: string, ...values: SQLInputValue[]): Row | undefined {
    return this.#translated(() => this.#prepare(sql).get(...values))
  }

  all(sql: string, ...values: SQLInputValue[]): Row[] {
    return this.#translated(() => this.#prepare(sql).all(...values))
  }

  /** Does what SQLite does; its errors tell an operator what to do. */
  #translated<T>(work: () => T): T {
    try {
      return work()
    } catch (error) {
      if (isDiskError(error)) this.#mayHaveLost = true
      throw databaseError(error, this.#db.isOpen ? this.#db.location() : null)
    }
  }

  #exec(sql: string): void {
    this.#translated(() => this.#db.exec(sql))
  }

  /** Runs `work` in one transaction (a nested call joins the outer one). */
  transaction<T>(work: () => T): T {
    if (this.#depth > 0) return work()
    this.#exec('BEGIN IMMEDIATE')
    this.#depth++
    try {
      const result = work()
      this.#exec('COMMIT')
      return result
    } catch (error) {
      this.#undone++
      // A full disk may have rolled it back already.
      if (this.#db.isTransaction) this.#exec('ROLLBACK')
      throw error
    } finally {
      this.#depth--
    }
  }

  /** Runs `work` in a transaction and takes back all that it wrote: what would it come to? */
  rehearse<T>(work: () => T): T {
    if (this.#depth > 0) throw new Error('rehearse() inside a transaction would take that back too')
    const undone = new Error('taken back')
    let result: T | undefined
    try {
      this.transaction(() => {
        result = work()
        throw undone
      })
    } catch (error) {
      if (error !== undone) throw error
    }
    return result as T
  }

  /** Like {@link transaction}, and on disk when it returns: for what others are told afterwards. */
  durably<T>(work: () => T): T {
    if (this.#depth > 0) throw new Error('durably() inside a transaction could not keep its promise')
    if (this.#mayHaveLost) this.#writeAgain()
    this.#exec('PRAGMA synchronous = FULL')
    try {
      return this.transaction(work)
    } finally {
      this.#exec('PRAGMA synchronous = NORMAL')
    }
  }

  /** Brings everything that was committed to the file of the database, which is synced, and empties the log. */
  #writeAgain(): void {
    const busy = this.get('PRAGMA wal_checkpoint(TRUNCATE)')?.['busy']
    if (busy !== 0) throw new IngotError('busy', 'the log of the database cannot be emptied while it is read')
    this.#mayHaveLost = false
  }

  /** What SQLite finds wrong with the file; undefined when nothing. */
  check(): string | undefined {
    const answer = this.get('PRAGMA quick_check(1)')?.['quick_check'] as string
    return answer === 'ok' ? undefined : answer
  }

  close(): void {
    if (this.#db.isOpen) this.#db.close()
  }
}

/** Opens the file for this user alone, as are those that SQLite makes beside it; never what a link leads to. */
function openFile(path: string, known: number): DatabaseSync {
  const { O_RDWR, O_CREAT, O_NOFOLLOW } = constants
  try {
    if (path !== ':memory:') {
      const file = openSync(path, O_RDWR | O_CREAT | O_NOFOLLOW, 0o600)
      const { size } = fstatSync(file)
      closeSync(file)
      if (size > 0) requireKnown(path, known)
      chmodSync(path, 0o600)
    }
    return new DatabaseSync(path)
  } catch (error) {
    throw unusable(path, error)
  }
}

/** Throws `conflict` for a database of a newer version. It is only read: setting the journal mode would write to it. */
function requireKnown(path: string, known: number): void {
  const db = new DatabaseSync(path, { readOnly: true })
  try {
    const found = db.prepare('PRAGMA user_version').get()?.['user_version'] as number
    if (found <= known) return
    const newer = writer(db)
    throw new IngotError(
      'conflict',
      `the database ${path} has version ${found}; this ingot (${version}) knows versions up to ${known}. Nothing was changed`,
      {
        hint: `run ${newer === undefined || newer === version ? 'the newer ingot that wrote it' : `ingot ${newer} or newer`}, or restore a backup from before the upgrade`,
      },
    )
  } finally {
    db.close()
  }
}

/** Version of the ingot that ran on this database last; undefined when it does not say so. */
function writer(db: DatabaseSync): string | undefined {
  try {
    const row = db.prepare("SELECT value FROM setting WHERE key = 'written-by'").get()
    return row?.['value'] as string | undefined
  } catch {
    return undefined // a later version may keep it elsewhere
  }
}

function unusable(path: string, error: unknown): IngotError {
  if (error instanceof IngotError) return error
  return new IngotError('failed', `cannot open the database ${path}: ${describeError(error)}`, {
    cause: error,
    hint: 'restore it from a backup; docs/operations.md says what that means for the peers',
  })
}
