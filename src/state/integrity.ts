import type { Damage, FoundBy, LeafRange } from '../image/damage.ts'
import type { Digest } from '../image/digest.ts'
import type { Database, Row } from './database.ts'

/** A content that is known to be damaged. */
export interface DamageRecord extends Damage {
  content: Digest
  /** Milliseconds since 1970. */
  since: number
  foundBy: FoundBy
  /** Why it is not repaired yet; undefined before the first attempt. */
  reason: string | undefined
}

/** A content that is to be read again, and since when, milliseconds since 1970, nobody has. */
export interface Unread {
  content: Digest
  since: number
}

function toRecord(row: Row): DamageRecord {
  return {
    content: row['content'] as Digest,
    since: row['since'] as number,
    foundBy: row['found_by'] as FoundBy,
    leaves: row['leaves'] as number,
    ranges: JSON.parse(row['ranges'] as string) as LeafRange[],
    index: row['wrong_index'] === 1,
    other: JSON.parse(row['other'] as string) as string[],
    reason: (row['reason'] as string | null) ?? undefined,
  }
}

/** Which contents are damaged, and when each was last found whole. */
export class Integrity {
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
  }

  isDamaged(content: Digest): boolean {
    return this.#db.get('SELECT 1 FROM damage WHERE content = ?', content) !== undefined
  }

  damage(content: Digest): DamageRecord | undefined {
    const row = this.#db.get('SELECT * FROM damage WHERE content = ?', content)
    return row && toRecord(row)
  }

  /** All that are damaged, those that are known the longest first. */
  damaged(): DamageRecord[] {
    return this.#db.all('SELECT * FROM damage ORDER BY since, content').map(toRecord)
  }

  countDamaged(): number {
    return this.#db.get('SELECT count(*) AS n FROM damage')?.['n'] as number
  }

  /** Marks a content as damaged; one that is marked keeps since when and by whom. Does nothing for one that is gone. */
  mark(content: Digest, damage: Damage, found: { by: FoundBy; at: number }): void {
    this.#db.run(
      `INSERT INTO damage (content, since, found_by, leaves, ranges, wrong_index, other)
       SELECT digest, ?, ?, ?, ?, ?, ? FROM content WHERE digest = ?
       ON CONFLICT (content) DO UPDATE SET leaves = excluded.leaves, ranges = excluded.ranges,
         wrong_index = excluded.wrong_index, other = excluded.other`,
      found.at,
      found.by,
      damage.leaves,
      JSON.stringify(damage.ranges),
      damage.index ? 1 : 0,
      JSON.stringify(damage.other),
      content,
    )
  }

  /** Says why a damaged content is not repaired. */
  setReason(content: Digest, reason: string): void {
    this.#db.run('UPDATE damage SET reason = ? WHERE content = ?', reason, content)
  }

  /** All of a content was read, or came, and is whole. Returns whether it was marked as damaged until now. */
  whole(content: Digest, at: number): boolean {
    this.#db.run('UPDATE content SET verified_at = ? WHERE digest = ?', at, content)
    return this.mended(content)
  }

  /** The damage that was known of a content is mended; the rest of it was not read. Returns whether it was marked. */
  mended(content: Digest): boolean {
    return this.#db.run('DELETE FROM damage WHERE content = ?', content).changes > 0
  }

  /** When all of a content was last read and found whole, milliseconds since 1970. */
  verifiedAt(content: Digest): number | undefined {
    const row = this.#db.get('SELECT verified_at FROM content WHERE digest = ?', content)
    return (row?.['verified_at'] as number | null | undefined) ?? undefined
  }

  /**
   * The content that nobody has read for the longest, of those that an image stands on, that are not known to be damaged and not passed over. One that was
   * read later than `latest` (milliseconds since 1970), as it seems since the clock was set back, comes first.
   */
  longestUnread(
    latest: number = Number.MAX_SAFE_INTEGER,
    passedOver: readonly Digest[] = [],
  ): Unread | undefined {
    const from = (after: number) =>
      this.#db.get(
        `SELECT digest, coalesce(verified_at, created_at) AS since FROM content
         WHERE coalesce(verified_at, created_at) > ?
           AND EXISTS (SELECT 1 FROM image WHERE image.content = digest)
           AND NOT EXISTS (SELECT 1 FROM damage WHERE damage.content = digest)
           AND digest NOT IN (SELECT value FROM json_each(?))
         ORDER BY coalesce(verified_at, created_at) LIMIT 1`,
        after,
        JSON.stringify(passedOver),
      )
    const future = from(latest)
    if (future !== undefined) return { content: future['digest'] as Digest, since: 0 }
    const row = from(-1)
    return row && { content: row['digest'] as Digest, since: row['since'] as number }
  }
}
