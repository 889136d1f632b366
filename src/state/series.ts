import type { Digest } from '../image/digest.ts'
import type { Database } from './database.ts'

/** An own image in one of this server's series. */
export interface SeriesMember {
  image: Digest
  /** Its place among what is announced of the series; undefined while it is not announced. */
  announcedOrder: number | undefined
}

/** This server's own series and their order. */
export class SeriesRows {
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
  }

  names(): string[] {
    return this.#db.all('SELECT name FROM series ORDER BY name').map((row) => row['name'] as string)
  }

  has(name: string): boolean {
    return this.#db.get('SELECT 1 FROM series WHERE name = ?', name) !== undefined
  }

  add(name: string, createdAt: number): void {
    this.#db.run('INSERT INTO series VALUES (?, ?)', name, createdAt)
  }

  /** Deletes the series and its order, not the images. */
  delete(name: string): void {
    this.#db.run('DELETE FROM series_member WHERE series = ?', name)
    this.#db.run('DELETE FROM series WHERE name = ?', name)
  }

  /** In their order. */
  members(series: string): SeriesMember[] {
    return this.#db
      .all('SELECT image, announced_order FROM series_member WHERE series = ? ORDER BY position', series)
      .map((row) => ({
        image: row['image'] as Digest,
        announcedOrder: (row['announced_order'] as number | null) ?? undefined,
      }))
  }

  /** The series in which an image is. */
  of(image: Digest): string[] {
    return this.#db
      .all('SELECT series FROM series_member WHERE image = ? ORDER BY series', image)
      .map((row) => row['series'] as string)
  }

  /** Writes who is in the series, in this order. */
  setMembers(series: string, images: readonly Digest[]): void {
    const announced = new Map(this.members(series).map((each) => [each.image, each.announcedOrder]))
    this.#db.run('DELETE FROM series_member WHERE series = ?', series)
    for (const [position, image] of images.entries()) {
      this.#db.run(
        'INSERT INTO series_member VALUES (?, ?, ?, ?)',
        series,
        image,
        position,
        announced.get(image) ?? null,
      )
    }
  }

  setAnnouncedOrder(series: string, image: Digest, order: number | undefined): void {
    this.#db.run(
      'UPDATE series_member SET announced_order = ? WHERE series = ? AND image = ?',
      order ?? null,
      series,
      image,
    )
  }
}
