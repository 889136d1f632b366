import type { Clock } from '../core/clock.ts'
import { IngotError } from '../core/errors.ts'
import type { EventBus } from '../core/events.ts'
import type { DeclinedWhy } from '../state/declined.ts'
import { finalJobStates, type Job } from '../state/job.ts'
import type { State } from '../state/state.ts'
import { decide } from './decide.ts'
import type { JobQueue } from './queue.ts'
import { JobWindows } from './windows.ts'

export interface JobChangeComponents {
  state: State
  queue: JobQueue
  events: EventBus
  clock: Clock
}

/** What an operator does to a job: each change is refused, with what to do instead, where the state of the job does not allow it. */
export class JobChanges {
  readonly #components: JobChangeComponents
  readonly #windows: JobWindows

  constructor(components: JobChangeComponents) {
    this.#components = components
    this.#windows = new JobWindows(components)
  }

  /** Ends a job: its image is not taken again by itself. Throws `conflict` when it has ended. */
  async cancel(id: number): Promise<void> {
    this.#decline(this.#requireLive(id), 'cancelled')
    await this.#components.queue.cancel(id, 'by the operator')
  }

  /** Lets a job stand still; what is here of its image stays. */
  async pause(id: number): Promise<void> {
    const job = this.#requireLive(id)
    if (job.state === 'PAUSED' || job.state === 'CONFLICT')
      throw new IngotError('conflict', `job ${id} is ${job.state}; it does not run`, {
        hint:
          job.state === 'PAUSED'
            ? '"ingot resume job" lets it go on'
            : '"ingot resolve job" ends the conflict; "ingot cancel job" ends the job',
      })
    await this.#components.queue.pause(job)
  }

  /** Lets a paused job go on. */
  resume(id: number): void {
    const { state, queue } = this.#components
    const job = state.jobs.require(id)
    if (job.state !== 'PAUSED') {
      throw new IngotError('conflict', `job ${id} is ${job.state}, not PAUSED`, {
        hint: 'a job that failed or was cancelled runs again with "ingot retry job"',
      })
    }
    queue.requeue(job)
  }

  /**
   * Runs a job now (within its window): one that waits, failed, or was cancelled while its image is still announced. Returns the
   * id of the job that runs: a new one in the place of one that was cancelled.
   */
  retry(id: number): number {
    const { state, queue, clock } = this.#components
    const job = state.jobs.require(id)
    if (!['WAITING', 'FAILED', 'CANCELLED'].includes(job.state)) {
      throw new IngotError('conflict', `job ${id} is ${job.state}; there is nothing to try again`, {
        hint: 'a job runs again by hand when it is WAITING, FAILED or CANCELLED; "ingot query job" shows its state',
      })
    }
    const announced = state.announced.get(job.peer, job.image)
    if (announced?.status !== 'announced' || state.peers.byId(job.peer)?.status === 'unregistered') {
      throw new IngotError('conflict', `the image of job ${id} is not announced any more`, {
        hint: 'it is taken by itself when its origin publishes it again and a subscription wants it',
      })
    }
    const live = state.jobs.liveOf(job.peer, job.image)
    if (live !== undefined && live.id !== job.id) {
      throw new IngotError('conflict', `another job for the image of job ${id} is under way`, {
        hint: '"ingot query job" shows it',
      })
    }
    if (state.images.byId(job.image) !== undefined)
      throw new IngotError('conflict', 'the image is here already', {
        hint: '"ingot verify image" checks what is here',
      })
    state.db.durably(() => {
      state.declined.remove(job.peer, job.image)
      decide(this.#components, announced)
      if (state.announced.get(job.peer, job.image)?.decision !== 'wanted') {
        throw new IngotError('conflict', `no subscription wants the image of job ${id} any more`, {
          hint: '"ingot explain image" says why; "ingot instantiate image" makes a subscription',
        })
      }
      const { subscription } = state.jobs.liveOf(job.peer, job.image) ?? job
      const closed = this.#windows.closed(subscription, clock.now())
      if (closed !== undefined)
        throw new IngotError('conflict', `job ${id} may not run now: ${closed.why}`, {
          hint: '"ingot modify subscription" with --window changes it, --window none takes it away',
        })
    })
    const next = state.jobs.liveOf(job.peer, job.image) ?? job
    queue.requeue(next)
    return next.id
  }

  /** `keep` ends a conflict with what is here, `replace` with the new image in its place, `rename` with both. */
  async resolve(
    id: number,
    resolution: { resolution: 'keep' | 'replace' } | { resolution: 'rename'; name: string },
  ): Promise<void> {
    const { state, queue } = this.#components
    const job = state.jobs.require(id)
    if (job.state !== 'CONFLICT') {
      throw new IngotError('conflict', `job ${id} is ${job.state}, not CONFLICT`, {
        hint: '"ingot query job" lists the jobs and their states',
      })
    }
    switch (resolution.resolution) {
      case 'keep':
        this.#decline(job, 'kept')
        await queue.cancel(id, 'the image that is here was kept')
        return
      case 'replace':
        queue.requeue({ ...job, replaces: true })
        return
      case 'rename': {
        const { name } = resolution
        if (state.images.byName(job.peer, name) !== undefined || state.announced.byName(job.peer, name)) {
          throw new IngotError('conflict', `there is an image ${name} of this peer already`, {
            hint: 'choose a name that neither this server nor the peer uses',
          })
        }
        queue.requeue({ ...job, name })
      }
    }
  }

  #requireLive(id: number): Job {
    const job = this.#components.state.jobs.require(id)
    if (!finalJobStates.includes(job.state)) return job
    throw new IngotError('conflict', `job ${id} is ${job.state}; it has ended`, {
      hint: '"ingot retry job" runs a job again that failed or was cancelled',
    })
  }

  #decline({ peer, image }: Job, why: DeclinedWhy): void {
    const { state, clock } = this.#components
    state.db.durably(() => {
      state.declined.put(peer, image, { why, time: clock.now() })
      const announced = state.announced.get(peer, image)
      if (announced?.status === 'announced') decide(this.#components, announced)
    })
  }
}
