import { fromDigest, type Digest } from '../image/digest.ts'
import type { OpenManifest, SealedManifest } from '../image/manifest.ts'
import type { Database, Row } from './database.ts'
import { Lines } from './lines.ts'

export type AnnouncedStatus = 'announced' | 'withdrawn' | 'deleted'
export type Decision = 'wanted' | 'not-wanted' | 'refused'

/** What is known here of one image that a peer announced, and what was decided about it. */
export interface AnnouncedImage {
  peer: string
  sealed: SealedManifest
  /** Number of the journal entry that published it. */
  seq: number
  /** When it was published, in the order in which entries of this peer were taken in, over all its journals. */
  ordinal: number
  status: AnnouncedStatus
  decision: Decision
  /** The selector that wants it, or why not. */
  rule: string
  /** Milliseconds since 1970. */
  decidedAt: number
}

/** Those of a page of images that wait for something. */
export interface Unmet {
  images: AnnouncedImage[]
  /** The ordinal after which to go on; undefined when there are no more. */
  last: number | undefined
}

/** Images that are read together. */
const PAGE = 256

/** The mirror of each peer's announced view. */
export class Announced {
  readonly #db: Database
  readonly #open: OpenManifest
  readonly #lines: Lines

  constructor(db: Database, open: OpenManifest) {
    this.#db = db
    this.#open = open
    this.#lines = new Lines(db, open)
  }

  #toAnnounced(row: Row): AnnouncedImage {
    return {
      peer: row['peer'] as string,
      sealed: this.#open(row['manifest'] as Uint8Array, row['signature'] as Uint8Array),
      seq: row['seq'] as number,
      ordinal: row['ordinal'] as number,
      status: row['status'] as AnnouncedStatus,
      decision: row['decision'] as Decision,
      rule: row['rule'] as string,
      decidedAt: row['decided_at'] as number,
    }
  }

  get(peer: string, image: Digest): AnnouncedImage | undefined {
    const row = this.#db.get('SELECT * FROM announced WHERE peer = ? AND image = ?', peer, image)
    return row && this.#toAnnounced(row)
  }

  /** Images that the peer announces now, in the order in which they were published. */
  list(peer: string): AnnouncedImage[] {
    return this.#db
      .all("SELECT * FROM announced WHERE peer = ? AND status = 'announced' ORDER BY ordinal", peer)
      .map((row) => this.#toAnnounced(row))
  }

  /** Like {@link list}, but never more than a page of them in memory; what the caller decides about one does not disturb. */
  *each(peer: string): Generator<AnnouncedImage> {
    for (let after = -1; ;) {
      const rows = this.#db.all(
        `SELECT * FROM announced WHERE peer = ? AND status = 'announced' AND ordinal > ? ORDER BY ordinal LIMIT ${PAGE}`,
        peer,
        after,
      )
      for (const row of rows) yield this.#toAnnounced(row)
      if (rows.length < PAGE) return
      after = rows.at(-1)?.['ordinal'] as number
    }
  }

  /**
   * Of the next images that a peer announces, after one, those that wait for something: they are refused, or wanted and neither here nor
   * under way.
   */
  unmet(peer: string, after: number): Unmet {
    const rows = this.#db.all(
      `SELECT image, ordinal, decision = 'refused' OR (decision = 'wanted'
         AND NOT EXISTS (SELECT 1 FROM image WHERE id = announced.image)
         AND NOT EXISTS (SELECT 1 FROM job WHERE job.peer = announced.peer AND job.image = announced.image
           AND state NOT IN ('DONE', 'FAILED', 'CANCELLED'))) AS unmet
       FROM announced WHERE peer = ? AND status = 'announced' AND ordinal > ? ORDER BY ordinal LIMIT ${PAGE}`,
      peer,
      after,
    )
    const images = rows
      .filter((row) => row['unmet'] === 1)
      .map((row) => this.get(peer, row['image'] as Digest) as AnnouncedImage)
    return { images, last: rows.length < PAGE ? undefined : (rows.at(-1)?.['ordinal'] as number) }
  }

  /** Whatever is known of images that list this one as an ancestor. */
  descendants(image: Digest): AnnouncedImage[] {
    return this.#db
      .all('SELECT * FROM announced WHERE instr(manifest, ?) > 0 ORDER BY ordinal', fromDigest(image))
      .map((row) => this.#toAnnounced(row))
      .filter(({ sealed }) => sealed.manifest.ancestors.includes(image))
  }

  /** At most so many of the newest images that the peer announces and that are this one or list it as an ancestor; oldest first. */
  newestOfLine(peer: string, image: Digest, most: number): Digest[] {
    return this.#lines.newest(peer, image, most)
  }

  /** The newest that is known of an image of that id, announced now or not. */
  known(image: Digest): AnnouncedImage | undefined {
    const row = this.#db.get('SELECT * FROM announced WHERE image = ?', image)
    return row && this.#toAnnounced(row)
  }

  /** The image that the peer announces under that name now. */
  byName(peer: string, name: string): AnnouncedImage | undefined {
    // By its own choice SQLite would walk all that the peer announces, newest first.
    const row = this.#db.get(
      `SELECT * FROM announced INDEXED BY announced_name WHERE peer = ? AND name = ? AND status = 'announced'
       ORDER BY ordinal DESC LIMIT 1`,
      peer,
      name,
    )
    return row && this.#toAnnounced(row)
  }

  /** The newest image that the peer announced under that name, now or once. */
  lastByName(peer: string, name: string): AnnouncedImage | undefined {
    const row = this.#db.get(
      'SELECT * FROM announced WHERE peer = ? AND name = ? ORDER BY ordinal DESC LIMIT 1',
      peer,
      name,
    )
    return row && this.#toAnnounced(row)
  }

  /** Images of that name that any peer announces now. */
  named(name: string): AnnouncedImage[] {
    return this.#db
      .all("SELECT * FROM announced WHERE name = ? AND status = 'announced' ORDER BY ordinal", name)
      .map((row) => this.#toAnnounced(row))
  }

  /** The announced image of that id; ids belong to one origin. */
  byId(image: Digest): AnnouncedImage | undefined {
    const row = this.#db.get("SELECT * FROM announced WHERE image = ? AND status = 'announced'", image)
    return row && this.#toAnnounced(row)
  }

  put(image: AnnouncedImage): void {
    this.#db.run(
      `INSERT INTO announced (peer, image, seq, ordinal, name, manifest, signature, status, decision, rule, decided_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (peer, image) DO UPDATE SET seq = excluded.seq, ordinal = excluded.ordinal, stale = 0,
         status = excluded.status, decision = excluded.decision, rule = excluded.rule, decided_at = excluded.decided_at`,
      image.peer,
      image.sealed.id,
      image.seq,
      image.ordinal,
      image.sealed.manifest.name,
      image.sealed.bytes,
      image.sealed.signature,
      image.status,
      image.decision,
      image.rule,
      image.decidedAt,
    )
    if (image.status === 'announced') this.#lines.add(image.peer, image.sealed, image.ordinal)
    else this.#lines.remove(image.peer, image.sealed.id)
  }

  /** Takes back an image. */
  setStatus(peer: string, image: Digest, status: Exclude<AnnouncedStatus, 'announced'>): void {
    this.#db.run('UPDATE announced SET status = ? WHERE peer = ? AND image = ?', status, peer, image)
    this.#lines.remove(peer, image)
  }

  /** Writes what was decided. */
  setDecision(image: Pick<AnnouncedImage, 'peer' | 'sealed' | 'decision' | 'rule' | 'decidedAt'>): void {
    this.#db.run(
      'UPDATE announced SET decision = ?, rule = ?, decided_at = ? WHERE peer = ? AND image = ?',
      image.decision,
      image.rule,
      image.decidedAt,
      image.peer,
      image.sealed.id,
    )
  }

  /** Everything of this peer counts from here on only if its next journal announces it too. */
  markStale(peer: string): void {
    this.#db.run('UPDATE announced SET stale = 1 WHERE peer = ?', peer)
  }

  /** True when it was announced by a journal that was given up, and not anew. */
  isStale(peer: string, image: Digest): boolean {
    return (
      this.#db.get('SELECT 1 FROM announced WHERE peer = ? AND image = ? AND stale = 1', peer, image) !==
      undefined
    )
  }

  /** Withdraws what is still stale; returns the ids of what was announced. */
  sweep(peer: string): Digest[] {
    const rows = this.#db.all(
      "UPDATE announced SET status = 'withdrawn' WHERE peer = ? AND stale = 1 AND status = 'announced' RETURNING image",
      peer,
    )
    this.#db.run('UPDATE announced SET stale = 0 WHERE peer = ? AND stale = 1', peer)
    const images = rows.map((row) => row['image'] as Digest)
    for (const image of images) this.#lines.remove(peer, image)
    return images
  }

  /** Entries and bytes of manifests held of one peer. */
  usage(peer: string): { entries: number; bytes: number } {
    const row = this.#db.get(
      'SELECT count(*) AS entries, coalesce(sum(length(manifest)), 0) AS bytes FROM announced WHERE peer = ?',
      peer,
    )
    return { entries: row?.['entries'] as number, bytes: row?.['bytes'] as number }
  }
}
