import type { Clock } from '../core/clock.ts'
import type { EventBus } from '../core/events.ts'
import type { ReceiptState } from '../image/receipt.ts'
import type { Job, JobState } from '../state/job.ts'
import type { State } from '../state/state.ts'

export interface JobRecordComponents {
  state: State
  events: EventBus
  clock: Clock
  /** Told when there is a receipt to send. */
  onReceipt: (peerId: string) => void
}

/** What the origin is told of a job. */
export interface Told {
  state: ReceiptState
  reason: string
}

/** Milliseconds between two records of how far a running job is. */
const RECORD_MS = 250

/** A job while an attempt is under way: its row, the events of its changes, the receipts for its origin. */
export class JobRecord {
  readonly #components: JobRecordComponents
  #job: Job
  #recorded = 0

  constructor(components: JobRecordComponents, job: Job) {
    this.#components = components
    this.#job = job
  }

  /** The job as it is now. */
  get job(): Job {
    return this.#job
  }

  /** Takes changes; the next record brings them to the database. */
  change(changes: Partial<Job>): void {
    this.#job = { ...this.#job, ...changes }
  }

  /** Records another state, or another reason for it. */
  enter(state: JobState, reason?: string): void {
    if (state === this.#job.state && reason === this.#job.reason) return
    this.change({ state, reason })
    this.#components.state.jobs.update(this.#job)
    this.emit()
  }

  /** Notes how far it is; recorded now and then. */
  progress(bytesDone: number, bytesWire: number): void {
    this.change({ bytesDone, bytesWire })
    const now = performance.now()
    if (now - this.#recorded < RECORD_MS) return
    this.#recorded = now
    this.#components.state.jobs.update(this.#job)
  }

  /** Records that the image is enabled; inside the transaction that records the image. */
  finish(bytesDone: number): void {
    this.change({ state: 'DONE', finishedAt: this.#components.clock.now(), bytesDone })
    this.#components.state.jobs.update(this.#job)
    this.#note({ state: 'enabled', reason: '' })
  }

  /** Records how the attempt ended, and what there is to tell. */
  settle(changes: Partial<Job> & { state: JobState }, told: Told | undefined): void {
    const { db, jobs } = this.#components.state
    this.change(changes)
    const record = () => {
      jobs.update(this.#job)
      if (told !== undefined) this.#note(told)
    }
    // A job whose waiting is lost runs once more, and waits again.
    if (changes.state === 'WAITING') record()
    else db.durably(record)
    this.emit()
    if (told !== undefined) this.#components.onReceipt(this.#job.peer)
  }

  /** Tells the origin. */
  tell(told: Told): void {
    this.#note(told)
    this.#components.onReceipt(this.#job.peer)
  }

  /** Tells whoever follows events. */
  emit(): void {
    const { id, state, reason } = this.#job
    this.#components.events.emit({ type: 'job', job: id, state, reason: reason ?? null })
  }

  #note(told: Told): void {
    const { state, clock } = this.#components
    state.receipts.note(this.#job.peer, { ...told, image: this.#job.image, time: clock.now() })
  }
}
