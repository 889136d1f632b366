import type { Digest } from '../image/digest.ts'
import type { Database } from './database.ts'

/** A peer's image in one of that peer's series. */
export interface AnnouncedMember {
  series: string
  image: Digest
  /** When it was inserted; see {@link AnnouncedImage.ordinal}. */
  ordinal: number
}

/** Series of one peer whose last images are held: those that were asked for last. */
const HELD = 256

/** The mirror of each peer's series. */
export class AnnouncedSeries {
  readonly #db: Database
  /** What {@link newest} found, by peer and by series and number, until something of it changes. */
  readonly #newest = new Map<string, Map<string, { images: Digest[]; undone: number }>>()

  constructor(db: Database) {
    this.#db = db
  }

  names(peer: string): string[] {
    return this.#db
      .all('SELECT series FROM announced_series WHERE peer = ? ORDER BY series', peer)
      .map((row) => row['series'] as string)
  }

  has(peer: string, series: string): boolean {
    return (
      this.#db.get('SELECT 1 FROM announced_series WHERE peer = ? AND series = ?', peer, series) !== undefined
    )
  }

  /** How many series are held of one peer. */
  count(peer: string): number {
    return this.#db.get('SELECT count(*) AS n FROM announced_series WHERE peer = ?', peer)?.['n'] as number
  }

  /** True when an image is in a series. */
  holds(peer: string, series: string, image: Digest): boolean {
    return (
      this.#db.get(
        'SELECT 1 FROM announced_member WHERE peer = ? AND series = ? AND image = ?',
        peer,
        series,
        image,
      ) !== undefined
    )
  }

  /** How many memberships are held of one peer. */
  countMembers(peer: string): number {
    return this.#db.get('SELECT count(*) AS n FROM announced_member WHERE peer = ?', peer)?.['n'] as number
  }

  create(peer: string, series: string): void {
    this.#db.run(
      `INSERT INTO announced_series (peer, series) VALUES (?, ?) ON CONFLICT (peer, series) DO UPDATE SET stale = 0`,
      peer,
      series,
    )
  }

  /** The last of a series, at most so many, in its order. */
  newest(peer: string, series: string, most: number): Digest[] {
    const held = this.#newest.get(peer) ?? new Map<string, { images: Digest[]; undone: number }>()
    this.#newest.set(peer, held)
    const key = `${series} ${most}`
    const found = held.get(key)
    if (found !== undefined && found.undone === this.#db.undone) return found.images
    const rows = this.#db.all(
      'SELECT image FROM announced_member WHERE peer = ? AND series = ? ORDER BY place DESC, image DESC LIMIT ?',
      peer,
      series,
      most,
    )
    const images = rows.map((row) => row['image'] as Digest).toReversed()
    held.delete(key)
    held.set(key, { images, undone: this.#db.undone })
    const [oldest] = held.keys()
    if (held.size > HELD && oldest !== undefined) held.delete(oldest)
    return images
  }

  /** A series changed, or may have. */
  #changed(peer: string, series: string): void {
    const held = this.#newest.get(peer)
    for (const key of held?.keys() ?? []) if (key.startsWith(`${series} `)) held?.delete(key)
  }

  delete(peer: string, series: string): void {
    this.#changed(peer, series)
    this.#db.run('DELETE FROM announced_member WHERE peer = ? AND series = ?', peer, series)
    this.#db.run('DELETE FROM announced_series WHERE peer = ? AND series = ?', peer, series)
  }

  /** Inserts an image at a place; one that is there is moved, and was inserted when it was. */
  insert(peer: string, member: AnnouncedMember & { place: number }): void {
    this.#db.run(
      `INSERT INTO announced_member (peer, series, image, place, ordinal) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (peer, series, image) DO UPDATE SET place = excluded.place, stale = 0`,
      peer,
      member.series,
      member.image,
      member.place,
      member.ordinal,
    )
    this.#changed(peer, member.series)
  }

  remove(peer: string, series: string, image: Digest): void {
    this.#changed(peer, series)
    this.#db.run(
      'DELETE FROM announced_member WHERE peer = ? AND series = ? AND image = ?',
      peer,
      series,
      image,
    )
  }

  /** For an image that is withdrawn or deleted. */
  removeImage(peer: string, image: Digest): void {
    this.#db.run('DELETE FROM announced_member WHERE peer = ? AND image = ?', peer, image)
    // What was not among the last of a series leaves them as they are.
    const held = this.#newest.get(peer)
    for (const [key, { images }] of held ?? []) if (images.includes(image)) held?.delete(key)
  }

  /** Of one series, in its order. */
  members(peer: string, series: string): AnnouncedMember[] {
    return this.#db.all(
      'SELECT series, image, ordinal FROM announced_member WHERE peer = ? AND series = ? ORDER BY place, image',
      peer,
      series,
    ) as unknown as AnnouncedMember[]
  }

  /** The series in which an image is, and since when. */
  of(peer: string, image: Digest): AnnouncedMember[] {
    return this.#db.all(
      'SELECT series, image, ordinal FROM announced_member WHERE peer = ? AND image = ? ORDER BY series',
      peer,
      image,
    ) as unknown as AnnouncedMember[]
  }

  /**
   * Like {@link of}, of those series alone that a subscription names: the others, of which a peer may have thousands, decide about
   * nothing.
   */
  subscribedOf(peer: string, image: Digest): AnnouncedMember[] {
    return this.#db.all(
      // CROSS: from the subscriptions, which are few.
      `SELECT series, image, member.ordinal FROM subscription CROSS JOIN announced_member AS member
       WHERE subscription.peer = ?1 AND selector LIKE 'series %' AND member.peer = ?1
         AND series = substr(selector, 8) AND image = ?2 ORDER BY series`,
      peer,
      image,
    ) as unknown as AnnouncedMember[]
  }

  /** Everything of this peer counts from here on only if its next journal announces it too. */
  markStale(peer: string): void {
    this.#db.run('UPDATE announced_series SET stale = 1 WHERE peer = ?', peer)
    this.#db.run('UPDATE announced_member SET stale = 1 WHERE peer = ?', peer)
  }

  /** Forgets what is still stale. True when an image left a series by it. */
  sweep(peer: string): boolean {
    this.#newest.delete(peer)
    const left = this.#db.run(
      `DELETE FROM announced_member WHERE peer = ?1 AND (stale = 1 OR series IN (
         SELECT series FROM announced_series WHERE peer = ?1 AND stale = 1))`,
      peer,
    ).changes
    this.#db.run('DELETE FROM announced_series WHERE peer = ? AND stale = 1', peer)
    return left > 0
  }
}
