import type { BuiltInType } from '../image/manifest.ts'
import type { Database } from './database.ts'

/** A kind of image that this server's operator defined. */
export interface ImageType {
  name: string
  baseType: BuiltInType
}

/** This server's own image types; a peer's never enter it. */
export class ImageTypes {
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
  }

  list(): ImageType[] {
    return this.#db
      .all('SELECT name, base_type FROM image_type ORDER BY name')
      .map((row) => ({ name: row['name'] as string, baseType: row['base_type'] as BuiltInType }))
  }

  get(name: string): ImageType | undefined {
    return this.list().find((type) => type.name === name)
  }

  add(type: ImageType, createdAt: number): void {
    this.#db.run('INSERT INTO image_type VALUES (?, ?, ?)', type.name, type.baseType, createdAt)
  }

  delete(name: string): void {
    this.#db.run('DELETE FROM image_type WHERE name = ?', name)
  }
}
