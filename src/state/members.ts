import type { Database } from './database.ts'

/** A client or target of this server's own domain. */
export interface Member {
  name: string
  kind: 'client' | 'target'
  /** Milliseconds since 1970. */
  createdAt: number
}

/** Names of clients and targets. */
export class Members {
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
  }

  list(kind: Member['kind']): Member[] {
    return this.#db.all(
      'SELECT name, kind, created_at AS createdAt FROM member WHERE kind = ? ORDER BY name',
      kind,
    ) as unknown as Member[]
  }

  get(name: string): Member | undefined {
    return this.#db.get('SELECT name, kind, created_at AS createdAt FROM member WHERE name = ?', name) as
      | Member
      | undefined
  }

  add(member: Member): void {
    this.#db.run('INSERT INTO member VALUES (?, ?, ?)', member.name, member.kind, member.createdAt)
  }

  delete(name: string): void {
    this.#db.run('DELETE FROM member WHERE name = ?', name)
  }
}
