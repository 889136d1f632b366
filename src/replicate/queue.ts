import { rm } from 'node:fs/promises'
import { IngotError } from '../core/errors.ts'
import { Tasks } from '../core/tasks.ts'
import type { Digest } from '../image/digest.ts'
import { finalJobStates, runningJobStates, type Job } from '../state/jobs.ts'
import { decide } from './decide.ts'
import { JobRun, cancelled, type JobComponents } from './job.ts'

/**
 * Runs jobs: in the order in which they were queued, so many at a time in all and per peer, only while there is a link to the
 * peer. A job that waits for a peer runs as soon as the link is back and never stands in the way of others.
 */
export class JobQueue {
  readonly #components: JobComponents
  readonly #tasks: Tasks
  readonly #running = new Map<number, { job: Job; stop: AbortController; ended: Promise<void> }>()
  /** Jobs whose last failure is not in the database, and when they are tried again. */
  readonly #unrecorded = new Map<number, number>()
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
      if (runningJobStates.includes(job.state)) state.jobs.update({ ...job, state: 'QUEUED' })
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
      const due = this.#due(job)
      if (due > clock.now()) {
        next = Math.min(next, due)
        continue
      }
      if (this.#mayRun(job)) this.#run(job)
    }
    if (next !== Infinity) this.#timer = setTimeout(() => this.kick(), Math.max(10, next - clock.now()))
  }

  /** When a job that does not run may run next, milliseconds since 1970; Infinity for one that something else has to wake. */
  #due(job: Job): number {
    if (job.state === 'QUEUED') return 0
    if (job.state === 'WAITING') return job.retryAt ?? Infinity
    return this.#unrecorded.get(job.id) ?? Infinity
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
        this.#wantedAgain(job)
      } catch (error) {
        // Not even the failure could be recorded (a full disk, say): its row still says that it runs.
        const { clock, limits } = this.#components
        this.#unrecorded.set(job.id, clock.now() + limits.jobRetryMaxMs)
        throw error
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
      if (job === undefined || state.announced.get(peerId, image)?.status === 'announced') continue
      this.#tasks.run(`cancel job ${job.id}`, async () => await this.cancel(job.id, 'withdrawn'))
    }
    this.kick()
    this.#components.onReceipt(peerId)
  }

  /** Ends a job that is not wanted any more (`reason` as in CANCELLED (reason)); resolves when its partial data is gone. */
  async cancel(id: number, reason: string): Promise<void> {
    const { state, clock, layout, events, onReceipt } = this.#components
    const running = this.#running.get(id)
    if (running !== undefined) {
      running.stop.abort(cancelled(reason))
      await running.ended
      return
    }
    const job = state.jobs.byId(id)
    if (job === undefined || finalJobStates.includes(job.state)) return
    const { peer, image } = job
    state.db.durably(() => {
      state.jobs.update({ ...job, state: 'CANCELLED', reason, finishedAt: clock.now() })
      state.receipts.note(peer, { image, state: 'refused', reason, time: clock.now() })
    })
    events.emit({ type: 'job', job: id, state: 'CANCELLED', reason })
    onReceipt(peer)
    await rm(layout.staging(`job-${id}`), { recursive: true, force: true })
    this.#wantedAgain(job)
  }

  /** An image that became wanted again while its job was still being cancelled gets a new one. */
  #wantedAgain({ id, peer, image }: Job): void {
    const { state } = this.#components
    if (state.jobs.byId(id)?.state !== 'CANCELLED') return
    const announced = state.announced.get(peer, image)
    if (announced?.status !== 'announced' || announced.decision !== 'wanted') return
    state.db.transaction(() => decide(this.#components, peer, announced.sealed, announced.seq))
    this.kick()
  }
}
