import type { FileIdentity, Privileged, StoredContent } from '../image/content.ts'
import { fromDigest, type Digest } from '../image/digest.ts'
import type { OpenManifest, SealedManifest } from '../image/manifest.ts'
import type { ImageState } from '../image/states.ts'
import type { Database, Row } from './database.ts'

/** An image that is whole and enabled here: own or replica. */
export interface ImageRecord {
  /** Its name here: that of the manifest, or what the operator called it to end a conflict. */
  name: string
  sealed: SealedManifest
  state: ImageState
  private: boolean
  /** Milliseconds since 1970. */
  enabledAt: number
}

/** True for an image that its origin tells its peers of. */
export function isAnnounced({ state, private: isPrivate }: ImageRecord): boolean {
  return state === 'PUBLISHED' && !isPrivate
}

/** Images and the contents they stand on. */
export class Images {
  readonly #db: Database
  readonly #open: OpenManifest

  constructor(db: Database, open: OpenManifest) {
    this.#db = db
    this.#open = open
  }

  #toImage(row: Row): ImageRecord {
    return {
      name: row['name'] as string,
      sealed: this.#open(row['manifest'] as Uint8Array, row['signature'] as Uint8Array),
      state: row['state'] as ImageState,
      private: row['private'] === 1,
      enabledAt: row['enabled_at'] as number,
    }
  }

  list(): ImageRecord[] {
    return this.#db.all('SELECT * FROM image ORDER BY origin, name').map((row) => this.#toImage(row))
  }

  byId(id: Digest): ImageRecord | undefined {
    const row = this.#db.get('SELECT * FROM image WHERE id = ?', id)
    return row && this.#toImage(row)
  }

  /** A name is unique on its origin. */
  byName(origin: string, name: string): ImageRecord | undefined {
    const row = this.#db.get('SELECT * FROM image WHERE origin = ? AND name = ?', origin, name)
    return row && this.#toImage(row)
  }

  /** All images of that name, of whatever origin. */
  named(name: string): ImageRecord[] {
    return this.#db.all('SELECT * FROM image WHERE name = ?', name).map((row) => this.#toImage(row))
  }

  /** How many replicas of that origin are here. */
  countOf(origin: string): number {
    return this.#db.get('SELECT count(*) AS n FROM image WHERE origin = ?', origin)?.['n'] as number
  }

  /** How many images are here in all. */
  count(): number {
    return this.#db.get('SELECT count(*) AS n FROM image')?.['n'] as number
  }

  /** `pure`: a replica that took no byte from an image of another origin. */
  insert(record: ImageRecord, { pure = false }: { pure?: boolean } = {}): void {
    const { manifest, id, bytes, signature } = record.sealed
    this.#db.run(
      `INSERT INTO image (id, origin, name, type, content, manifest, signature, state, private, enabled_at, pure)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      id,
      manifest.origin,
      record.name,
      manifest.type,
      manifest.content,
      bytes,
      signature,
      record.state,
      record.private ? 1 : 0,
      record.enabledAt,
      pure ? 1 : 0,
    )
  }

  /** True for a replica all of whose bytes came from its origin. */
  isPure(id: Digest): boolean {
    return this.#db.get('SELECT pure FROM image WHERE id = ?', id)?.['pure'] === 1
  }

  /** True when the images on a content are all of that origin, and all of their bytes came from it. */
  isPureContent(digest: Digest, origin: string): boolean {
    const row = this.#db.get(
      'SELECT count(*) AS n, min(pure AND origin = ?) AS pure FROM image WHERE content = ?',
      origin,
      digest,
    )
    return row?.['n'] !== 0 && row?.['pure'] === 1
  }

  delete(id: Digest): void {
    this.#db.run('DELETE FROM image WHERE id = ?', id)
  }

  setState(id: Digest, state: ImageState): void {
    this.#db.run('UPDATE image SET state = ? WHERE id = ?', state, id)
  }

  /** Images here that list this one as an ancestor. */
  descendants(image: Digest): ImageRecord[] {
    return this.#db
      .all('SELECT * FROM image WHERE instr(manifest, ?) > 0 ORDER BY enabled_at', fromDigest(image))
      .map((row) => this.#toImage(row))
      .filter(({ sealed }) => sealed.manifest.ancestors.includes(image))
  }

  /** Images of that origin, oldest first. */
  ofOrigin(origin: string): ImageRecord[] {
    return this.#db
      .all('SELECT * FROM image WHERE origin = ? ORDER BY enabled_at, id', origin)
      .map((row) => this.#toImage(row))
  }

  /** Images of that origin that it announces and no subscription wants any more, oldest first. */
  unwanted(origin: string): ImageRecord[] {
    return this.#db
      .all(
        // CROSS: from the images that are here to what is announced.
        `SELECT image.* FROM image CROSS JOIN announced ON peer = origin AND image = id
         WHERE origin = ? AND status = 'announced' AND decision = 'not-wanted' ORDER BY enabled_at, id`,
        origin,
      )
      .map((row) => this.#toImage(row))
  }

  /** The newest images of a type, of whatever origin. */
  newestOfType(type: string, most: number): ImageRecord[] {
    return this.#db
      .all('SELECT * FROM image WHERE type = ? ORDER BY enabled_at DESC, id LIMIT ?', type, most)
      .map((row) => this.#toImage(row))
  }

  /** The newest images, of whatever type and origin. */
  newest(most: number): ImageRecord[] {
    return this.#db
      .all('SELECT * FROM image ORDER BY enabled_at DESC, id LIMIT ?', most)
      .map((row) => this.#toImage(row))
  }

  /** Bytes of all images of that origin; equal contents count as often as they are there. */
  bytesOf(origin: string): number {
    return this.#db.get(
      'SELECT total(content.size) AS n FROM image JOIN content ON digest = content WHERE origin = ?',
      origin,
    )?.['n'] as number
  }

  /** How many images of that origin have the type. */
  countOfType(origin: string, type: string): number {
    return this.#db.get('SELECT count(*) AS n FROM image WHERE origin = ? AND type = ?', origin, type)?.[
      'n'
    ] as number
  }

  /** How many images stand on a content. */
  usesOf(content: Digest): number {
    return this.#db.get('SELECT count(*) AS n FROM image WHERE content = ?', content)?.['n'] as number
  }

  /** Remembers the name of an own image that is deleted. */
  bury(image: { id: Digest; name: string; deletedAt: number }): void {
    this.#db.run(
      'INSERT INTO deleted_image VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
      image.id,
      image.name,
      image.deletedAt,
    )
  }

  /** The name of an own image that was deleted. */
  buried(id: Digest): string | undefined {
    return this.#db.get('SELECT name FROM deleted_image WHERE id = ?', id)?.['name'] as string | undefined
  }

  content(digest: Digest): StoredContent | undefined {
    const row = this.#db.get('SELECT * FROM content WHERE digest = ?', digest)
    return row && toContent(row)
  }

  /** True when every image on this content is private: then nobody else's image is made from it. */
  isPrivate(digest: Digest): boolean {
    const row = this.#db.get(
      'SELECT count(*) AS n, min(private) AS private FROM image WHERE content = ?',
      digest,
    )
    return row?.['n'] !== 0 && row?.['private'] === 1
  }

  /** Notes the flat digest of a file that is here. */
  /** How the file of a content in place stands now that it was read; does nothing for other contents. */
  setIdentity(content: Digest, identity: FileIdentity): void {
    this.#db.run(
      'UPDATE content SET in_place_stat = ? WHERE digest = ? AND in_place_path IS NOT NULL',
      JSON.stringify(identity),
      content,
    )
  }

  setSha256(content: Digest, sha256: Digest): void {
    this.#db.run('UPDATE content SET sha256 = ? WHERE digest = ?', sha256, content)
  }

  /** The images that stand on a content. */
  onContent(content: Digest): ImageRecord[] {
    return this.#db.all('SELECT * FROM image WHERE content = ?', content).map((row) => this.#toImage(row))
  }

  deleteContent(digest: Digest): void {
    this.#db.run('DELETE FROM content WHERE digest = ?', digest)
  }

  contents(): StoredContent[] {
    return this.#db.all('SELECT * FROM content').map(toContent)
  }

  /** Inserts, or replaces where the bytes lie and how they stand. */
  putContent(content: StoredContent): void {
    this.#db.run(
      `INSERT INTO content (digest, kind, size, sha256, in_place_path, in_place_stat, privileged, created_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (digest) DO UPDATE SET in_place_path = excluded.in_place_path, in_place_stat = excluded.in_place_stat,
         privileged = excluded.privileged, sha256 = CASE sha256 WHEN '' THEN excluded.sha256 ELSE sha256 END`,
      content.digest,
      content.kind,
      content.size,
      content.sha256 ?? '',
      content.inPlace?.path ?? null,
      content.inPlace === undefined ? null : JSON.stringify(content.inPlace.stat),
      content.privileged,
      content.createdAt,
    )
  }
}

function toContent(row: Row): StoredContent {
  const path = row['in_place_path'] as string | null
  return {
    digest: row['digest'] as Digest,
    kind: row['kind'] as 'file' | 'tree',
    size: row['size'] as number,
    sha256: row['sha256'] === '' ? undefined : (row['sha256'] as Digest),
    inPlace:
      path === null ? undefined : { path, stat: JSON.parse(row['in_place_stat'] as string) as FileIdentity },
    privileged: row['privileged'] as Privileged,
    createdAt: row['created_at'] as number,
  }
}
