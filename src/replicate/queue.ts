import { MOST_PAUSE_MS } from '../core/clock.ts'
import { IngotError, describeError } from '../core/errors.ts'
import { Tasks } from '../core/tasks.ts'
import type { Digest } from '../image/digest.ts'
import { removeTree } from '../store/remove-tree.ts'
import { finalJobStates, type Job } from '../state/job.ts'
import type { ReceiptState } from '../image/receipt.ts'
import { decide } from './decide.ts'
import { JobRun, belowFloor, cancelled, outsideWindow, paused, type JobComponents } from './job.ts'
import { prune } from './prune.ts'
import { Refill } from './refill.ts'
import { nextJob, type Running } from './schedule.ts'
import { SpaceWatch } from './space-watch.ts'
import { JobWindows, WINDOW } from './windows.ts'

/** The jobs that ended are held to their bound once in so many. */
const TRIM_EVERY = 1_000

/** An attempt that is under way. */
interface Attempt extends Running {
  run: JobRun
  stop: AbortController
  ended: Promise<void>
}

/**
 * Runs jobs: by priority and then in journal order, ancestors first, so many at a time in all and per peer, only while there is a
 * link to the peer. A job that waits for a peer runs as soon as the link is back and never stands in the way of others.
 */
export class JobQueue {
  readonly #components: JobComponents
  readonly #tasks: Tasks
  readonly #running = new Map<number, Attempt>()
  readonly #windows: JobWindows
  readonly #space: SpaceWatch
  /** Number of the last start of a job, by peer: peers take turns. */
  readonly #turns = new Map<string, number>()
  #starts = 0
  /** Jobs whose last failure is not in the database, and when they are tried again. */
  readonly #unrecorded = new Map<number, number>()
  readonly #refill: Refill
  /** Jobs that ended since the start. */
  #ended = 0
  #timer: AbortController | undefined
  readonly #stopping = new AbortController()
  #stopped = true

  constructor(components: JobComponents) {
    this.#components = components
    this.#tasks = new Tasks(components.logger)
    this.#windows = new JobWindows(components)
    this.#refill = new Refill(components, this.#tasks, (peerId) => {
      this.kick()
      components.onReceipt(peerId)
    })
    this.#space = new SpaceWatch(components, {
      isWriting: () => this.#running.size > 0,
      onRoom: () => this.kick(),
      onFull: () => this.#stopIntake(),
    })
  }

  /** Jobs that an earlier process left running are queued again. */
  start(): void {
    const { state, links, clock, limits } = this.#components
    state.jobs.requeueRunning()
    state.jobs.trim(limits.jobsKept)
    this.#stopped = false
    links.onUp((link) => {
      state.jobs.wakeUnreachable(link.peerId, clock.now())
      this.kick()
    })
    for (const peerId of state.jobs.livePeers())
      this.#tasks.run(`jobs of ${peerId}`, async () => await this.#tidy(peerId))
    // What an earlier process did not come to.
    this.#tasks.run('room for what did not fit', async () => {
      for (const peerId of new Set(state.subscriptions.list().map(({ peer }) => peer)))
        this.#refill.begin(peerId)
      await Promise.resolve()
    })
    this.#tasks.run('free space', async () => await this.#space.watch(this.#stopping.signal))
    this.kick()
  }

  /** Ends what an earlier process did not come to: jobs of a relation that ended, and jobs that nobody wants any more. */
  async #tidy(peerId: string): Promise<void> {
    const { peers, images } = this.#components.state
    if (peers.isRegistered(peerId)) {
      await this.cancelUnwanted(peerId)
      return
    }
    await this.cancelAll(peerId, 'the peer was unregistered')
    if (images.countOf(peerId) === 0) peers.delete(peerId)
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#refill.stop()
    this.#timer?.abort()
    this.#stopping.abort(new IngotError('aborted', 'this server is stopping'))
    for (const { stop } of this.#running.values())
      stop.abort(new IngotError('aborted', 'this server is stopping'))
    await this.#tasks.settled()
  }

  /** True while an attempt of a job is under way. */
  get isRunning(): boolean {
    return this.#running.size > 0
  }

  /** Holds what runs to its rate and window, starts what may run now, and sets the timer for what may run later. */
  kick(): void {
    if (this.#stopped) return
    const { clock, limits, logger } = this.#components
    this.#timer?.abort()
    const now = clock.now() // one for all: a job that falls due in between would neither run nor be waited for
    let next = now + limits.spaceCheckMs
    try {
      next = this.#kick(now)
    } catch (error) {
      // A full disk, say. Whoever called has nothing to do with it.
      logger.error({ error: describeError(error) }, 'could not look for jobs to run')
    }
    if (next === Infinity) return
    const timer = new AbortController()
    this.#timer = timer
    clock.sleep(Math.min(Math.max(10, next - now), MOST_PAUSE_MS), timer.signal).then(
      () => this.kick(),
      () => {}, // another timer took its place
    )
  }

  /** Returns when to look again, milliseconds since 1970; Infinity for not by itself. */
  #kick(now: number): number {
    const { state, limits } = this.#components
    this.#requeueUnrecorded(now)
    this.#windows.apply(now)
    // The longest pause is half as long again as its bound.
    state.jobs.wakeBeyond({ now, latest: now + 2 * limits.jobRetryMaxMs, except: WINDOW })
    for (const attempt of this.#running.values()) this.#hold(attempt, now)
    const running: Running[] = [...this.#running.values()]
    for (;;) {
      const situation = { now, running, turns: this.#turns, resting: this.#unrecorded }
      const job = nextJob(this.#components, situation)
      if (job === undefined) break
      this.#turns.set(job.peer, ++this.#starts)
      running.push({ job })
      this.#run(job)
    }
    const check = this.#windows.matter ? now + limits.windowCheckMs : Infinity
    return Math.min(state.jobs.nextRetry(now) ?? Infinity, check, ...this.#unrecorded.values())
  }

  /** Holds a job that runs to what its subscription says now. Outside its window it stops, unless all its bytes are here. */
  #hold({ job, run, stop }: Attempt, now: number): void {
    const { state, rates } = this.#components
    const current = state.jobs.byId(job.id)
    const id = current?.subscription
    run.pace.subscription = id
    if (id !== undefined) rates.setSubscription(id, state.subscriptions.byId(id)?.rate)
    const closed = current?.state === 'ENABLING' ? undefined : this.#windows.closed(id, now)
    if (closed !== undefined) stop.abort(outsideWindow(closed.until - now))
  }

  /** Less space is left than shall stay free: what is still to be written waits. */
  #stopIntake(): void {
    for (const { job, stop } of this.#running.values())
      if (this.#components.state.jobs.byId(job.id)?.state === 'FETCHING') stop.abort(belowFloor())
  }

  /** Jobs whose row still says that they run, because not even their failure could be written. */
  #requeueUnrecorded(now: number): void {
    const { state, limits } = this.#components
    for (const [id, due] of this.#unrecorded) {
      if (due > now && due <= now + limits.spaceCheckMs) continue // later than that: the clock was set back
      const job = state.jobs.byId(id)
      if (job !== undefined && !finalJobStates.includes(job.state))
        state.jobs.update({ ...job, state: 'QUEUED' })
      this.#unrecorded.delete(id)
    }
  }

  #run(job: Job): void {
    const { state, clock, limits } = this.#components
    const stop = new AbortController()
    const { promise: ended, resolve } = Promise.withResolvers<void>()
    const run = new JobRun(this.#components, job, stop.signal)
    const attempt = { job, run, stop, ended }
    this.#running.set(job.id, attempt)
    this.#hold(attempt, clock.now())
    this.#tasks.run(`job ${job.id}`, async () => {
      try {
        await run.run()
        this.#space.note(job.id, run.needs)
        this.#afterEnd(job)
        await this.prune(job.peer)
      } catch (error) {
        // Not even the failure could be recorded (a full disk, say): its row still says that it runs.
        this.#unrecorded.set(job.id, clock.now() + limits.spaceCheckMs)
        throw error
      } finally {
        this.#running.delete(job.id)
        resolve()
        setImmediate(() => this.kick())
      }
      if (++this.#ended % TRIM_EVERY === 0) state.jobs.trim(limits.jobsKept)
    })
  }

  /** Lets old replicas of a peer go where its subscriptions say so. */
  async prune(peerId: string): Promise<void> {
    const { onReceipt } = this.#components
    const gone = await prune(this.#components, peerId)
    if (gone.length > 0) {
      // There may be room now for what did not fit, and a name for what was in conflict.
      this.#refill.begin(peerId)
      for (const name of gone) this.unblock(peerId, name)
      this.kick()
    }
    onReceipt(peerId)
  }

  /** After entries of a peer were taken in: jobs for images that are gone or not wanted any more end, new ones may run. */
  onJournal(peerId: string, gone: readonly Digest[]): void {
    const { state } = this.#components
    for (const image of gone) {
      const job = state.jobs.liveOf(peerId, image)
      if (job === undefined || state.announced.get(peerId, image)?.status === 'announced') continue
      this.#tasks.run(`cancel job ${job.id}`, async () => await this.cancel(job.id, 'withdrawn'))
    }
    this.#tasks.run(`what is not wanted of ${peerId}`, async () => {
      await this.cancelUnwanted(peerId)
      await this.prune(peerId)
    })
    this.kick()
    this.#components.onReceipt(peerId)
  }

  /** Cancels the jobs of a peer whose image no selector wants any more; resolves to how many. */
  async cancelUnwanted(peerId: string): Promise<number> {
    const jobs = this.#components.state.jobs.unwanted(peerId)
    for (const job of jobs) await this.cancel(job.id, 'not wanted any more')
    return jobs.length
  }

  /** Ends every job of a peer. */
  async cancelAll(peerId: string, reason: string): Promise<void> {
    for (const job of this.#components.state.jobs.liveOfPeer(peerId)) await this.cancel(job.id, reason)
  }

  /** Ends a job (`reason` as in CANCELLED (reason)); resolves when its partial data is gone. */
  async cancel(id: number, reason: string): Promise<void> {
    const { state, clock, layout } = this.#components
    const running = this.#running.get(id)
    if (running !== undefined) {
      running.stop.abort(cancelled(reason))
      await running.ended // it may have been stopped for another reason before: as a pause
    }
    const job = state.jobs.byId(id)
    if (job === undefined || finalJobStates.includes(job.state)) return
    const ended = { ...job, error: undefined, retryAt: undefined, finishedAt: clock.now() }
    this.#settle(ended, { state: 'CANCELLED', told: 'refused', reason })
    await removeTree(layout.staging(`job-${id}`))
    this.#afterEnd(job)
  }

  /** Lets a job that is not final stand still; what is here of its image stays. */
  async pause(job: Job): Promise<void> {
    const running = this.#running.get(job.id)
    if (running === undefined) this.#settle(job, { state: 'PAUSED', told: 'wanted', reason: 'paused' })
    else {
      running.stop.abort(paused())
      await running.ended
    }
  }

  /** Lets a job that stands still, or has ended, begin anew. */
  requeue(job: Job): void {
    const queued = { ...job, attempts: 0, retryAt: undefined, finishedAt: undefined, error: undefined }
    this.#settle(queued, { state: 'QUEUED', told: 'wanted', reason: '' })
    this.kick()
  }

  /** A conflict that is none any more: nothing here has that name. */
  unblock(peerId: string, name: string): void {
    for (const job of this.#components.state.jobs.liveOfPeer(peerId)) {
      if (job.state === 'CONFLICT' && job.name === name) this.requeue(job)
    }
  }

  /** Writes the state of a job that does not run, and tells. */
  #settle(
    job: Job,
    { state: next, told, reason }: { state: Job['state']; told: ReceiptState; reason: string },
  ): void {
    const { state, clock, events, onReceipt } = this.#components
    state.db.durably(() => {
      state.jobs.update({ ...job, state: next, reason: reason === '' ? undefined : reason })
      state.receipts.note(job.peer, { image: job.image, state: told, reason, time: clock.now() })
    })
    events.emit({ type: 'job', job: job.id, state: next, reason: reason === '' ? null : reason })
    onReceipt(job.peer)
  }

  /**
   * After a job that brought nothing: its image gets a new one where it became wanted again while the job was still being
   * cancelled, and what had no room beside it may have room now.
   */
  #afterEnd({ id, peer, image }: Job): void {
    const { state } = this.#components
    const ended = state.jobs.byId(id)?.state
    if (ended !== 'CANCELLED' && ended !== 'FAILED') return
    if (!this.#refill.begin(peer)) {
      const announced = state.announced.get(peer, image)
      if (announced?.status !== 'announced' || announced.decision !== 'wanted') return
      state.db.transaction(() => decide(this.#components, announced))
    }
    this.kick()
  }
}
