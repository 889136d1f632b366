import type { EventBus } from '../core/events.ts'
import type { State } from '../state/state.ts'
import type { Needs, SpaceLedger } from '../store/space.ts'

/** The reason of a job that waits for space on the disk. */
export const NO_SPACE = 'no-space'

/** Looks whether what waits for space fits by now. */
export class SpaceWatch {
  readonly #state: State
  readonly #space: SpaceLedger
  readonly #events: EventBus
  /** What jobs that wait for space need, at most; of others, as after a restart, it is found out by running them. */
  readonly #needs = new Map<number, Needs>()

  constructor({ state, space, events }: { state: State; space: SpaceLedger; events: EventBus }) {
    this.#state = state
    this.#space = space
    this.#events = events
  }

  /** A job stopped for want of so much space. */
  note(job: number, needs: Needs | undefined): void {
    if (needs !== undefined) this.#needs.set(job, needs)
  }

  /** Queues the jobs that fit, first those that go first, so that all of them fit together; true when there are some. */
  async wake(): Promise<boolean> {
    const { jobs } = this.#state
    const waiting = jobs.waitingFor(NO_SPACE)
    const ids = new Set(waiting.map(({ id }) => id))
    for (const id of this.#needs.keys()) if (!ids.has(id)) this.#needs.delete(id)
    if (waiting.length === 0) return false
    const room = await this.#space.room()
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
      this.#events.emit({ type: 'job', job: id, state: 'QUEUED', reason: null })
      woken = true
    }
    return woken
  }
}
