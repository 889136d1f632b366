import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { describeError } from '../core/errors.ts'
import type { EventBus } from '../core/events.ts'
import type { Limits } from '../core/limits.ts'
import type { Logger } from '../core/logger.ts'
import { Tasks } from '../core/tasks.ts'
import type { StoredContent } from '../image/content.ts'
import { isDigest, type Digest } from '../image/digest.ts'
import type { Manifest } from '../image/manifest.ts'
import { isAnnounced } from '../state/images.ts'
import type { State } from '../state/state.ts'
import type { ContentCollector } from '../store/collect.ts'
import type { Layout } from '../store/layout.ts'
import type { PatchCache } from '../store/patch-cache.ts'
import type { PatchFile, PatchName } from '../store/patch-file.ts'
import type { PatchOrder, PatchOutcome } from './patch-thread.ts'

export interface PatchMakerComponents {
  selfId: string
  state: State
  layout: Layout
  cache: PatchCache
  collector: ContentCollector
  events: EventBus
  limits: Limits
  logger: Logger
}

/** A patch that is to be made for an image. */
interface Wish {
  image: Digest
  name: PatchName
}

/** Wishes that are remembered as of no use, or failed. */
const REFUSED = 1_000

const keyOf = ({ content, base }: PatchName) => `${content} ${base ?? ''}`

/**
 * Makes patches of own images, one at a time, on a thread behind everything else: when an image is announced one against its nearest
 * ancestor and one from nothing, and what peers ask for.
 */
export class PatchMaker {
  readonly #components: PatchMakerComponents
  readonly #tasks: Tasks
  readonly #waiting: Wish[] = []
  readonly #refused = new Set<string>()
  #running: { wish: Wish; thread: Worker } | undefined
  #isWorking = false
  #stopped = true
  #unfollow = () => {}

  constructor(components: PatchMakerComponents) {
    this.#components = components
    this.#tasks = new Tasks(components.logger)
  }

  async start(): Promise<void> {
    const { cache, events, state } = this.#components
    await cache.start((digest) => state.images.content(digest) !== undefined)
    this.#stopped = false
    this.#unfollow = events.follow((event) => {
      if (event.type === 'image' && isDigest(event.image)) this.#onImage(event.image)
    })
  }

  async stop(): Promise<void> {
    this.#unfollow()
    this.#stopped = true
    this.#waiting.length = 0
    await this.#running?.thread.terminate()
    await this.#tasks.settled()
  }

  /**
   * The patch that makes an announced image from a base, whose user closes it. Undefined when it is not there: then it is made, if
   * the base is the content of an ancestor that was announced and is here.
   */
  async find(image: Digest, base: Digest | undefined): Promise<PatchFile | undefined> {
    const record = this.#components.state.images.byId(image)
    if (record === undefined) return undefined
    const { manifest } = record.sealed
    if (base !== undefined && !this.#bases(manifest).some(({ digest }) => digest === base)) return undefined
    const name = { content: manifest.content, base }
    const patch = await this.#components.cache.open(name)
    if (patch === undefined) this.#wish({ image, name })
    return patch
  }

  /** Removes a patch that is not as it was written. */
  async discard(image: Digest, base: Digest | undefined): Promise<void> {
    const record = this.#components.state.images.byId(image)
    if (record !== undefined)
      await this.#components.cache.discard({ content: record.sealed.manifest.content, base })
  }

  /** Removes the patches of a content that is gone. */
  forget(content: Digest): void {
    const { cache } = this.#components
    this.#tasks.run('removal of patches', async () => await cache.drop(content))
  }

  #onImage(image: Digest): void {
    const { selfId, state } = this.#components
    const record = state.images.byId(image)
    if (record !== undefined && record.sealed.manifest.origin !== selfId) return
    if (record !== undefined && state.integrity.isDamaged(record.sealed.manifest.content)) return
    if (record !== undefined && isAnnounced(record)) {
      const { manifest } = record.sealed
      const content = manifest.content
      const [nearest] = this.#bases(manifest)
      if (nearest !== undefined) this.#wish({ image, name: { content, base: nearest.digest } })
      this.#wish({ image, name: { content, base: undefined } })
      return
    }
    // Withdrawn or deleted: nothing is made for it any more.
    for (const wish of this.#waiting.splice(0)) if (wish.image !== image) this.#waiting.push(wish)
    const { wish, thread } = this.#running ?? {}
    if (wish?.image === image) this.#tasks.run('end of a patch', async () => void (await thread?.terminate()))
  }

  /** Contents of ancestors that are here and were announced, nearest first; none that only private images stand on. */
  #bases(manifest: Manifest): StoredContent[] {
    const { selfId, state } = this.#components
    const contents = manifest.ancestors.flatMap((id) => {
      const ancestor = state.images.byId(id)
      if (ancestor === undefined) return []
      const isOwn = ancestor.sealed.manifest.origin === selfId
      if (isOwn ? !isAnnounced(ancestor) && !state.journal.names(id) : ancestor.private) return []
      const content = state.images.content(ancestor.sealed.manifest.content)
      if (content === undefined || state.integrity.isDamaged(content.digest)) return []
      return content.digest === manifest.content ? [] : [content]
    })
    return contents
  }

  #wish(wish: Wish): void {
    const { state, cache, limits } = this.#components
    const key = keyOf(wish.name)
    const content = state.images.content(wish.name.content)
    const isKnown =
      this.#refused.has(key) ||
      cache.has(wish.name) ||
      [...this.#waiting, this.#running?.wish].some(
        (other) => other !== undefined && keyOf(other.name) === key,
      )
    const isWorth = content !== undefined && content.size >= limits.patchLeastBytes
    if (this.#stopped || isKnown || !isWorth || this.#waiting.length >= limits.patchesWaiting) return
    this.#waiting.push(wish)
    if (!this.#isWorking) this.#tasks.run('patches', async () => await this.#work())
  }

  async #work(): Promise<void> {
    this.#isWorking = true
    try {
      for (
        let wish = this.#waiting.shift();
        wish !== undefined && !this.#stopped;
        wish = this.#waiting.shift()
      )
        await this.#make(wish)
    } finally {
      this.#isWorking = false
    }
  }

  async #make(wish: Wish): Promise<void> {
    const { state, cache, layout, collector, limits, logger } = this.#components
    const { content, base } = wish.name
    const child = state.images.content(content)
    const from = base === undefined ? undefined : state.images.content(base)
    if (child === undefined || (base !== undefined && from === undefined)) return
    if (state.integrity.isDamaged(content)) return // made when it is asked for, once the content is whole
    const releases = [content, ...(base === undefined ? [] : [base])].map((digest) => collector.hold(digest))
    const { path, most } = await cache.begin()
    const begun = performance.now()
    try {
      const order: PatchOrder = {
        images: layout.images,
        child,
        base: from,
        path,
        most: Math.min(most, child.size * limits.patchWorth),
        limits,
      }
      const outcome = await this.#onThread(wish, order)
      if (outcome === 'made') await cache.add(wish.name, path)
      else if (outcome === 'useless') this.#refuse(wish)
      const ms = Math.round(performance.now() - begun)
      logger.info({ image: wish.image, base: base ?? null, outcome: outcome ?? 'ended', ms }, 'patch')
    } catch (error) {
      this.#refuse(wish)
      logger.warn({ image: wish.image, error: describeError(error) }, 'could not make a patch')
    } finally {
      await cache.abandon(path)
      for (const release of releases) await release()
    }
  }

  /** Undefined when it was ended. */
  async #onThread(wish: Wish, order: PatchOrder): Promise<PatchOutcome | undefined> {
    if (this.#stopped) return undefined
    const thread = new Worker(new URL('./patch-thread.ts', import.meta.url), { workerData: order })
    this.#running = { wish, thread }
    let outcome: PatchOutcome | undefined
    thread.on('message', (message: PatchOutcome) => (outcome = message))
    try {
      await once(thread, 'exit') // an error of the thread rejects this
      return outcome
    } finally {
      this.#running = undefined
    }
  }

  #refuse({ name }: Wish): void {
    if (this.#refused.size >= REFUSED) this.#refused.clear()
    this.#refused.add(keyOf(name))
  }
}
