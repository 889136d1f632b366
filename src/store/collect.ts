import { randomUUID } from 'node:crypto'
import { renameSync } from 'node:fs'
import { systemCode } from '../core/errors.ts'
import type { Digest } from '../image/digest.ts'
import type { Layout } from './layout.ts'
import { removeTree } from './remove-tree.ts'

export interface ContentCollectorComponents {
  layout: Layout
  /** True while an image stands on the content. */
  isUsed: (digest: Digest) => boolean
  /** Forgets the record of a content. */
  forget: (digest: Digest) => void
}

/**
 * Removes contents on which no image stands any more. Whoever is about to record an image on a content holds it meanwhile, so that
 * the deletion of another image on it does not take it away.
 */
export class ContentCollector {
  readonly #components: ContentCollectorComponents
  readonly #holds = new Map<Digest, number>()
  /** Contents that were to be removed while they were held. */
  readonly #due = new Set<Digest>()

  constructor(components: ContentCollectorComponents) {
    this.#components = components
  }

  /** Keeps a content until the returned function is called. */
  hold(digest: Digest): () => Promise<void> {
    this.#holds.set(digest, (this.#holds.get(digest) ?? 0) + 1)
    return async () => {
      const left = (this.#holds.get(digest) ?? 1) - 1
      if (left > 0) {
        this.#holds.set(digest, left)
        return
      }
      this.#holds.delete(digest)
      if (this.#due.delete(digest)) await this.collect(digest)
    }
  }

  /** Removes the content unless an image stands on it; later, when somebody holds it. A file in place is never touched. */
  async collect(digest: Digest): Promise<void> {
    const { layout, isUsed, forget } = this.#components
    if (isUsed(digest)) return
    if (this.#holds.has(digest)) {
      this.#due.add(digest)
      return
    }
    const gone = layout.staging(`removed-${randomUUID()}`)
    forget(digest)
    try {
      renameSync(layout.content(digest), gone) // at once: nobody finds it half removed
    } catch (error) {
      if (systemCode(error) !== 'ENOENT') throw error
    }
    await removeTree(gone)
    await removeTree(layout.repair(digest))
  }
}
