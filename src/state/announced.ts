import type { Digest } from '../image/digest.ts'
import type { OpenManifest, SealedManifest } from '../image/manifest.ts'
import type { Database, Row } from './database.ts'

export type AnnouncedStatus = 'announced' | 'withdrawn' | 'deleted'
export type Decision = 'wanted' | 'not-wanted' | 'refused'

/** What is known here of one image that a peer announced, and what was decided about it. */
export interface AnnouncedImage {
  peer: string
  sealed: SealedManifest
  /** Number of the journal entry that published it. */
  seq: number
  status: AnnouncedStatus
  decision: Decision
  /** The selector that wants it, or why not. */
  rule: string
  /** Milliseconds since 1970. */
  decidedAt: number
}

/** The mirror of each peer's announced view. */
export class Announced {
  readonly #db: Database
  readonly #open: OpenManifest

  constructor(db: Database, open: OpenManifest) {
    this.#db = db
    this.#open = open
  }

  #toAnnounced(row: Row): AnnouncedImage {
    return {
      peer: row['peer'] as string,
      sealed: this.#open(row['manifest'] as Uint8Array, row['signature'] as Uint8Array),
      seq: row['seq'] as number,
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

  /** Images that the peer announces now, in journal order. */
  list(peer: string): AnnouncedImage[] {
    return this.#db
      .all("SELECT * FROM announced WHERE peer = ? AND status = 'announced' ORDER BY seq", peer)
      .map((row) => this.#toAnnounced(row))
  }

  /** The image that the peer announces under that name now. */
  byName(peer: string, name: string): AnnouncedImage | undefined {
    const row = this.#db.get(
      "SELECT * FROM announced WHERE peer = ? AND name = ? AND status = 'announced' ORDER BY seq DESC LIMIT 1",
      peer,
      name,
    )
    return row && this.#toAnnounced(row)
  }

  /** Images of that name that any peer announces now. */
  named(name: string): AnnouncedImage[] {
    return this.#db
      .all("SELECT * FROM announced WHERE name = ? AND status = 'announced' ORDER BY seq", name)
      .map((row) => this.#toAnnounced(row))
  }

  /** The announced image of that id; ids belong to one origin. */
  byId(image: Digest): AnnouncedImage | undefined {
    const row = this.#db.get("SELECT * FROM announced WHERE image = ? AND status = 'announced'", image)
    return row && this.#toAnnounced(row)
  }

  put(image: AnnouncedImage): void {
    this.#db.run(
      `INSERT INTO announced (peer, image, seq, name, manifest, signature, status, decision, rule, decided_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (peer, image) DO UPDATE SET seq = excluded.seq, status = excluded.status,
         decision = excluded.decision, rule = excluded.rule, decided_at = excluded.decided_at`,
      image.peer,
      image.sealed.id,
      image.seq,
      image.sealed.manifest.name,
      image.sealed.bytes,
      image.sealed.signature,
      image.status,
      image.decision,
      image.rule,
      image.decidedAt,
    )
  }

  setStatus(peer: string, image: Digest, status: AnnouncedStatus): void {
    this.#db.run('UPDATE announced SET status = ? WHERE peer = ? AND image = ?', status, peer, image)
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
