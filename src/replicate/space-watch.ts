import type { Clock } from '../core/clock.ts'
import { describeError } from '../core/errors.ts'
import type { EventBus } from '../core/events.ts'
import type { Limits } from '../core/limits.ts'
import type { Logger } from '../core/logger.ts'
import type { State } from '../state/state.ts'
import type { Needs, SpaceLedger } from '../store/space.ts'

/** The reason of a job that waits for space on the disk. */
export const NO_SPACE = 'no-space'

export interface SpaceWatchComponents {
  state: State
  space: SpaceLedger
  events: EventBus
  clock: Clock
  limits: Limits
  logger: Logger
}

/** What there is to look for, and who is told what was found. */
export interface SpaceListener {
  /** True while something may take space. */
  isWriting: () => boolean
  /** Jobs were queued that fit now. */
  onRoom: () => void
  /** Less is free than shall stay free. */
  onFull: () => void
}

/** Looks whether what waits for space fits by now, and whether what runs takes what shall stay free. */
export class SpaceWatch {
  readonly #components: SpaceWatchComponents
  readonly #listener: SpaceListener
  /** What jobs that wait for space need, at most; of others, as after a restart, it is found out by running them. */
  readonly #needs = new Map<number, Needs>()

  constructor(components: SpaceWatchComponents, listener: SpaceListener) {
    this.#components = components
    this.#listener = listener
  }

  /** Looks again and again until `signal` is aborted. */
  async watch(signal: AbortSignal): Promise<void> {
    const { clock, limits, logger } = this.#components
    while (!signal.aborted) {
      try {
        await clock.sleep(limits.spaceCheckMs, signal)
        await this.look()
      } catch (error) {
        // The next look may do better: a disk that is away may come back.
        if (!signal.aborted) logger.error({ error: describeError(error) }, 'could not look at the free space')
      }
    }
  }

  /** Looks once. */
  async look(): Promise<void> {
    const { isWriting, onFull, onRoom } = this.#listener
    if (isWriting() && (await this.#components.space.isBelowFloor())) onFull()
    if (await this.#wake()) onRoom()
  }

  /** A job stopped for want of so much space. */
  note(job: number, needs: Needs | undefined): void {
    if (needs !== undefined) this.#needs.set(job, needs)
  }

  /** Queues the jobs that fit, first those that go first, so that all of them fit together; true when there are some. */
  async #wake(): Promise<boolean> {
    const { state, space, events } = this.#components
    const { jobs } = state
    const waiting = jobs.waitingFor(NO_SPACE)
    const ids = new Set(waiting.map(({ id }) => id))
    for (const id of this.#needs.keys()) if (!ids.has(id)) this.#needs.delete(id)
    if (waiting.length === 0) return false
    const room = await space.room()
    let woken = false
    for (const { id } of waiting) {
      const needs = this.#needs.get(id) ?? { bytes: 1, inodes: 0 }
      if (needs.bytes > room.bytes || needs.inodes > room.inodes) continue
      // It may have been cancelled while the disk was asked.
      const job = jobs.byId(id)
      if (job?.state !== 'WAITING' || job.reason !== NO_SPACE) continue
      room.bytes -= needs.bytes
      room.inodes -= needs.inodes
      this.#needs.delete(id)
      jobs.update({ ...job, state: 'QUEUED', reason: undefined, error: undefined })
      events.emit({ type: 'job', job: id, state: 'QUEUED', reason: null })
      woken = true
    }
    return woken
  }
}
