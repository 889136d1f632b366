import { join } from 'node:path'
import type { Digest } from '../image/digest.ts'

/**
 * Where things lie under the images directory:
 *
 *   content/<hex of the content root>/image    the plain file, 0444, or the directory tree
 *   content/<hex of the content root>/index    its content index; beside it `leaves`, `identities` of a tree
 *   staging/<job, import or repair>/…          not whole yet; never linked
 *   patches/<hex of a content>-<hex of its base> what makes a content from another, or from nothing; may be removed
 *   own/<name>, <peer>/<name>                  symlinks to the plain files
 */
export class Layout {
  readonly images: string

  constructor(images: string) {
    this.images = images
  }

  get contents(): string {
    return join(this.images, 'content')
  }

  get stagings(): string {
    return join(this.images, 'staging')
  }

  get patches(): string {
    return join(this.images, 'patches')
  }

  /** Directory of one content. */
  content(digest: Digest): string {
    return join(this.contents, digest.slice('sha256:'.length))
  }

  /** The plain file or tree of one content that was copied or fetched. */
  file(digest: Digest): string {
    return join(this.content(digest), 'image')
  }

  index(digest: Digest): string {
    return join(this.content(digest), 'index')
  }

  staging(name: string): string {
    return join(this.stagings, name)
  }

  /** What is made anew of a content while it is repaired. */
  repair(digest: Digest): string {
    return this.staging(`repair-${digest.slice('sha256:'.length)}`)
  }

  /** The content index of a file while it is repaired. */
  repairIndex(digest: Digest): string {
    return `${this.repair(digest)}-index`
  }

  /** The link of an image; `owner` is a peer's name, undefined for this server. */
  link(owner: string | undefined, name: string): string {
    return join(this.images, owner ?? 'own', name)
  }
}
