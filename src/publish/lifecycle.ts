import { rm } from 'node:fs/promises'
import type { Clock } from '../core/clock.ts'
import { IngotError } from '../core/errors.ts'
import type { EventBus } from '../core/events.ts'
import type { Logger } from '../core/logger.ts'
import type { ImageState } from '../image/states.ts'
import { isAnnounced, type ImageRecord } from '../state/images.ts'
import type { State } from '../state/state.ts'
import type { ContentCollector } from '../store/collect.ts'
import type { Layout } from '../store/layout.ts'
import { announce, withdraw } from './announce.ts'
import type { Journal } from './journal.ts'

export interface LifecycleComponents {
  state: State
  layout: Layout
  collector: ContentCollector
  journal: Journal
  events: EventBus
  clock: Clock
  logger: Logger
}

/** What becomes of an own image after it was made. */
export class Lifecycle {
  readonly #components: LifecycleComponents

  constructor(components: LifecycleComponents) {
    this.#components = components
  }

  /** Moves an own image to another state: to PUBLISHED announces it with its series, from there withdraws it. */
  promote(image: ImageRecord, state: ImageState): void {
    const { state: repositories, journal, events, logger } = this.#components
    if (image.state === state) return
    const next = { ...image, state }
    journal.publish((append) => {
      repositories.images.setState(image.sealed.id, state)
      if (isAnnounced(next)) announce(repositories, append, next)
      else if (isAnnounced(image)) withdraw(repositories, append, image)
    })
    logger.info({ image: image.sealed.id, name: image.name, state }, 'image promoted')
    events.emit({
      type: 'image',
      image: image.sealed.id,
      ref: `./${image.name}`,
      status: state.toLowerCase(),
    })
  }

  /**
   * Deletes an own image; copies that peers have stay theirs. Throws `conflict` while it is in a series. Running transfers of
   * it end with their next request.
   */
  async delete(image: ImageRecord): Promise<void> {
    const { state, layout, collector, journal, events, clock, logger } = this.#components
    const { id, manifest } = image.sealed
    const series = state.series.of(id)
    if (series.length > 0) {
      throw new IngotError('conflict', `./${image.name} is in the series ${series.join(', ')}`, {
        hint: `"ingot deleteimage series --series ${series[0]} --image ${image.name}" takes it out`,
      })
    }
    journal.publish((append) => {
      if (state.journal.names(id)) append({ type: 'image-deleted', image: id })
      state.journal.takeBack(id)
      state.receipts.forget(id)
      state.images.delete(id)
      state.images.bury({ id, name: image.name, deletedAt: clock.now() })
    })
    await rm(layout.link(undefined, image.name), { force: true })
    await collector.collect(manifest.content)
    logger.info({ image: id, name: image.name }, 'image deleted')
    events.emit({ type: 'image', image: id, ref: `./${image.name}`, status: 'deleted' })
  }
}
