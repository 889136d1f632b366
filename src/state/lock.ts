import { DatabaseSync } from 'node:sqlite'

/**
 * Holds a home directory for one process: an exclusive SQLite transaction on a file of its own, which the system ends with
 * the process however that ends.
 */
export class HomeLock {
  readonly #path: string
  #db: DatabaseSync | undefined

  constructor(path: string) {
    this.#path = path
  }

  /** True when it is held now; false when another process holds it. */
  acquire(): boolean {
    const db = new DatabaseSync(this.#path)
    try {
      db.exec('PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE')
    } catch (error) {
      db.close()
      if (error instanceof Error && 'errcode' in error && error.errcode === 5) return false // SQLITE_BUSY
      throw error
    }
    this.#db = db
    return true
  }

  release(): void {
    this.#db?.close()
    this.#db = undefined
  }
}
