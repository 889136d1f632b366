import { rm } from 'node:fs/promises'
import { IngotError } from '../core/errors.ts'
import { Tasks } from '../core/tasks.ts'
import type { Digest } from '../image/digest.ts'
import type { Job } from '../state/jobs.ts'
import { JobRun, cancelled, type JobComponents } from './job.ts'

/**
 * Runs jobs: in the order in which they were queued, so many at a time in all and per peer, only while there is a link to the
 * peer. A job that waits for a peer runs as soon as the link is back and never stands in the way of others.
 */
export class JobQueue {
  readonly #components: JobComponents
  readonly #tasks: Tasks
  readonly #running = new Map<number, { job: Job; stop: AbortController; ended: Promise<void> }>()
  #timer: NodeJS.Timeout | undefined
  #stopped = true

  constructor(components: JobComponents) {
    this.#components = components
    this.#tasks = new Tasks(components.logger)
  }

  /** Jobs that an earlier process left running are queued again. */
  start(): void {
    const { state, links } = this.#components
    for (const job of state.jobs.list({ live: true })) {
      if (['PLANNING', 'FETCHING', 'ENABLING'].includes(job.state))
        state.jobs.update({ ...job, state: 'QUEUED' })
    }
    this.#stopped = false
    links.onUp((link) => {
      for (const job of state.jobs.liveOfPeer(link.peerId)) {
        if (job.state === 'WAITING' && job.reason === 'peer-unreachable') {
          state.jobs.update({ ...job, retryAt: this.#components.clock.now() })
        }
      }
      this.kick()
    })
    this.kick()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    clearTimeout(this.#timer)
    for (const { stop } of this.#running.values())
      stop.abort(new IngotError('aborted', 'this server is stopping'))
    await this.#tasks.settled()
  }

  /** Starts what may run now, and sets the timer for what may run later. */
  kick(): void {
    if (this.#stopped) return
    const { state, clock } = this.#components
    clearTimeout(this.#timer)
    let next = Infinity
    for (const job of state.jobs.list({ live: true })) {
      if (this.#running.has(job.id)) continue
      if (job.state === 'WAITING') {
        if (job.retryAt === undefined) continue
        if (job.retryAt > clock.now()) {
          next = Math.min(next, job.retryAt)
          continue
        }
      } else if (job.state !== 'QUEUED') continue
      if (this.#mayRun(job)) this.#run(job)
    }
    if (next !== Infinity) this.#timer = setTimeout(() => this.kick(), Math.max(10, next - clock.now()))
  }

  #mayRun(job: Job): boolean {
    const { links, limits } = this.#components
    if (links.get(job.peer) === undefined || this.#running.size >= limits.jobsRunning) return false
    const ofPeer = [...this.#running.values()].filter((running) => running.job.peer === job.peer)
    // Two images of one name: the first takes it, the second then sees the conflict.
    if (ofPeer.some((running) => running.job.name === job.name)) return false
    return ofPeer.length < limits.jobsRunningPeer
  }

  #run(job: Job): void {
    const stop = new AbortController()
    const { promise: ended, resolve } = Promise.withResolvers<void>()
    this.#running.set(job.id, { job, stop, ended })
    this.#tasks.run(`job ${job.id}`, async () => {
      try {
        await new JobRun(this.#components, job, stop.signal).run()
      } finally {
        this.#running.delete(job.id)
        resolve()
        setImmediate(() => this.kick())
      }
    })
  }

  /** After entries of a peer were taken in: jobs for images that are gone end, new ones may run. */
  onJournal(peerId: string, gone: readonly Digest[]): void {
    const { state } = this.#components
    for (const image of gone) {
      const job = state.jobs.liveOf(peerId, image)
      if (job !== undefined)
        this.#tasks.run(`cancel job ${job.id}`, async () => await this.cancel(job, 'withdrawn'))
    }
    this.kick()
    this.#components.onReceipt(peerId)
  }

  /** Ends a job that is not wanted any more (`reason` as in CANCELLED (reason)); resolves when its partial data is gone. */
  async cancel(job: Job, reason: string): Promise<void> {
    const { state, clock, layout, events } = this.#components
    const running = this.#running.get(job.id)
    if (running !== undefined) {
      running.stop.abort(cancelled(reason))
      await running.ended
      return
    }
    await rm(layout.staging(`job-${job.id}`), { recursive: true, force: true })
    state.jobs.update({ ...job, state: 'CANCELLED', reason, finishedAt: clock.now() })
    state.receipts.note(job.peer, { image: job.image, state: 'refused', reason, time: clock.now() })
    this.#components.onReceipt(job.peer)
    events.emit({ type: 'job', job: job.id, state: 'CANCELLED', reason })
  }
}
