import type { Clock } from '../core/clock.ts'
import { IngotError } from '../core/errors.ts'
import type { Limits } from '../core/limits.ts'
import { checkName } from '../core/names.ts'
import type { Digest } from '../image/digest.ts'
import { isAnnounced, type ImageRecord } from '../state/images.ts'
import type { State } from '../state/state.ts'
import { announceMember } from './announce.ts'
import type { Journal } from './journal.ts'

export interface SeriesComponents {
  selfId: string
  state: State
  journal: Journal
  clock: Clock
  limits: Limits
}

/** This server's own series: ordered lists of own images. Edits never touch the images. */
export class SeriesEditor {
  readonly #components: SeriesComponents

  constructor(components: SeriesComponents) {
    this.#components = components
  }

  /** Throws `conflict` when there is one of that name. */
  add(name: string): void {
    const { state, journal, clock, limits } = this.#components
    checkName(name, 'series name')
    if (state.series.has(name)) {
      throw new IngotError('conflict', `there is a series ${name} already`, {
        hint: '"ingot query series" lists the series; choose another name, or insert images into this one',
      })
    }
    if (state.series.names().length >= limits.series) {
      throw new IngotError('conflict', `there are ${limits.series} series; no more are taken`, {
        hint: 'delete those that nobody needs, or raise limits.series in ingot.toml',
      })
    }
    journal.publish((append) => {
      state.series.add(name, clock.now())
      append({ type: 'series-created', series: name })
    })
  }

  /** Throws `not-found` when there is no own series of that name. */
  require(name: string): void {
    if (this.#components.state.series.has(name)) return
    throw new IngotError('not-found', `there is no series ${JSON.stringify(name)} here`, {
      hint: '"ingot query series" lists the series; "ingot add series" makes one',
    })
  }

  /** Throws `conflict` when the series has images, unless forced; the images stay. */
  delete(name: string, force: boolean): void {
    const { state, journal } = this.#components
    this.require(name)
    const count = state.series.members(name).length
    if (count > 0 && !force) {
      throw new IngotError('conflict', `the series ${name} has ${count} images`, {
        hint: 'take them out with "ingot deleteimage series", or delete it with --force: the images stay',
      })
    }
    journal.publish((append) => {
      state.series.delete(name)
      append({ type: 'series-deleted', series: name })
    })
  }

  /** Puts an own image at the end of a series, or before another; one that is in it is moved. */
  insert(name: string, image: ImageRecord, before: Digest | undefined): void {
    const { state, journal } = this.#components
    this.requireInsertable(name, image)
    const id = image.sealed.id
    const held = state.series.members(name).map((member) => member.image)
    if (before !== undefined && !held.includes(before)) {
      throw new IngotError('not-found', `the image to insert before is not in the series ${name}`, {
        hint: `"ingot query series --series ${name}" lists its images`,
      })
    }
    if (before === id)
      throw new IngotError('usage', 'an image cannot be inserted before itself', {
        hint: 'name another image of the series with --before',
      })
    const others = held.filter((member) => member !== id)
    const at = before === undefined ? others.length : others.indexOf(before)
    const next = others.toSpliced(at, 0, id)
    if (next.every((member, i) => member === held[i])) return
    const announced = () =>
      state.series.members(name).flatMap((each) => (each.announcedOrder === undefined ? [] : [each.image]))
    journal.publish((append) => {
      const before = announced()
      state.series.setMembers(name, next)
      // A place among members that are not announced is nobody's business.
      const isSame = before.includes(id) && announced().join() === before.join()
      if (isAnnounced(image) && !isSame) announceMember(state, append, name, id)
    })
  }

  /** Throws unless the series is there, has room or the image in it already, and the image was created here. */
  requireInsertable(name: string, image: ImageRecord | undefined): void {
    const { selfId, state, limits } = this.#components
    this.require(name)
    const id = image?.sealed.id
    if (image !== undefined && image.sealed.manifest.origin !== selfId) {
      throw new IngotError('conflict', `${image.name} was created on another server`, {
        hint: 'a series has images of its own server only; "ingot adopt image" makes it an image of this one',
      })
    }
    const members = state.series.members(name)
    if (members.length >= limits.seriesMembers && !members.some((member) => member.image === id)) {
      throw new IngotError(
        'conflict',
        `the series ${name} has ${limits.seriesMembers} images; no more are taken`,
        { hint: 'take some out with "ingot deleteimage series", or begin another series' },
      )
    }
  }

  /** Takes an image out of a series. Throws `not-found` when it is not in it. */
  remove(name: string, image: ImageRecord): void {
    const { state, journal } = this.#components
    this.require(name)
    const id = image.sealed.id
    const held = state.series.members(name).map((member) => member.image)
    if (!held.includes(id)) {
      throw new IngotError('not-found', `./${image.name} is not in the series ${name}`, {
        hint: `"ingot query series --series ${name}" lists its images`,
      })
    }
    journal.publish((append) => {
      state.series.setMembers(
        name,
        held.filter((member) => member !== id),
      )
      if (isAnnounced(image)) append({ type: 'series-removed', series: name, image: id })
    })
  }
}
