import { fromDigest, type Digest } from '../image/digest.ts'
import type { OpenManifest, SealedManifest } from '../image/manifest.ts'
import type { Database } from './database.ts'

/** Images of a line that are held beyond those that were asked for: after so many were taken back it is read anew. */
const SPARE = 64

/** Lines that are held of one peer: those that were asked for last. */
const LINES = 256

/** Images that are read together. */
const PAGE = 64

/** An image that a peer announces with its descendants, the newest of them. */
interface Line {
  /** Oldest first. */
  images: { id: Digest; ordinal: number }[]
  /** There are no others. */
  whole: boolean
  /** {@link Database.undone} when it was read. */
  undone: number
}

/**
 * The newest images of lines that peers announce. To find a line is to search every manifest of its peer: what was found is held, and
 * follows what is announced and taken back.
 */
export class Lines {
  readonly #db: Database
  readonly #open: OpenManifest
  /** By peer, and by the image with which the line begins. */
  readonly #lines = new Map<string, Map<Digest, Line>>()

  constructor(db: Database, open: OpenManifest) {
    this.#db = db
    this.#open = open
  }

  /** At most so many of the newest images that the peer announces and that are this one or list it as an ancestor; oldest first. */
  newest(peer: string, image: Digest, most: number): Digest[] {
    const lines = this.#lines.get(peer) ?? new Map<Digest, Line>()
    this.#lines.set(peer, lines)
    let line = lines.get(image)
    if (line?.undone !== this.#db.undone || (!line.whole && line.images.length < most)) {
      line = this.#read(peer, image, most + SPARE)
      lines.delete(image)
      lines.set(image, line)
      const [oldest] = lines.keys()
      if (lines.size > LINES && oldest !== undefined) lines.delete(oldest)
    }
    const { images } = line
    if (images.length > 2 * (most + SPARE)) {
      images.splice(0, images.length - most - SPARE)
      line.whole = false
    }
    return images.slice(-most).map(({ id }) => id)
  }

  /** An image is announced. */
  add(peer: string, { id, manifest }: SealedManifest, ordinal: number): void {
    for (const [image, line] of this.#lines.get(peer) ?? []) {
      if (id !== image && !manifest.ancestors.includes(image)) continue
      const oldest = line.images[0]?.ordinal
      const others = line.images.filter((each) => each.id !== id)
      // Older than all that are held, and not all are: nobody knows whether it is the next one.
      const isHeld = line.whole || (oldest !== undefined && ordinal >= oldest)
      const at = others.findLastIndex((each) => each.ordinal < ordinal) + 1
      line.images = isHeld ? others.toSpliced(at, 0, { id, ordinal }) : others
    }
  }

  /** An image is not announced any more. */
  remove(peer: string, image: Digest): void {
    for (const line of this.#lines.get(peer)?.values() ?? [])
      if (line.images.some(({ id }) => id === image))
        line.images = line.images.filter(({ id }) => id !== image)
  }

  #read(peer: string, image: Digest, most: number): Line {
    const images: Line['images'] = []
    let whole = false
    for (let before = Number.MAX_SAFE_INTEGER; !whole && images.length < most;) {
      const rows = this.#db.all(
        `SELECT image, ordinal, manifest, signature FROM announced
         WHERE peer = ?1 AND status = 'announced' AND ordinal < ?2 AND (image = ?3 OR instr(manifest, ?4) > 0)
         ORDER BY ordinal DESC LIMIT ${PAGE}`,
        peer,
        before,
        image,
        fromDigest(image),
      )
      for (const row of rows) {
        const id = row['image'] as Digest
        // It may have those bytes somewhere else.
        const isOne = () =>
          this.#open(
            row['manifest'] as Uint8Array,
            row['signature'] as Uint8Array,
          ).manifest.ancestors.includes(image)
        if (id === image || isOne()) images.unshift({ id, ordinal: row['ordinal'] as number })
      }
      whole = rows.length < PAGE
      before = rows.at(-1)?.['ordinal'] as number
    }
    return { images, whole, undone: this.#db.undone }
  }
}
