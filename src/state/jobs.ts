import { IngotError } from '../core/errors.ts'
import type { Digest } from '../image/digest.ts'
import type { Database, Row } from './database.ts'

/**
 * QUEUED → PLANNING → FETCHING → ENABLING → DONE. WAITING runs again at its time or when the peer is back. CONFLICT waits for
 * the operator. DONE, FAILED and CANCELLED are final.
 */
export type JobState =
  | 'QUEUED'
  | 'PLANNING'
  | 'FETCHING'
  | 'ENABLING'
  | 'WAITING'
  | 'CONFLICT'
  | 'DONE'
  | 'FAILED'
  | 'CANCELLED'

export const finalJobStates: readonly JobState[] = ['DONE', 'FAILED', 'CANCELLED']

/** States in which an attempt is under way. */
export const runningJobStates: readonly JobState[] = ['PLANNING', 'FETCHING', 'ENABLING']

/** One replication of one image. Times are milliseconds since 1970, counts are bytes. */
export interface Job {
  id: number
  peer: string
  image: Digest
  /** Name of the image at its origin. */
  name: string
  state: JobState
  reason: string | undefined
  error: string | undefined
  bytesTotal: number
  bytesDone: number
  /** Taken from this disk. */
  bytesLocal: number
  /** Received, as sent. */
  bytesWire: number
  attempts: number
  retryAt: number | undefined
  createdAt: number
  startedAt: number | undefined
  finishedAt: number | undefined
}

function toJob(row: Row): Job {
  return {
    id: row['id'] as number,
    peer: row['peer'] as string,
    image: row['image'] as Digest,
    name: row['name'] as string,
    state: row['state'] as JobState,
    reason: (row['reason'] as string | null) ?? undefined,
    error: (row['error'] as string | null) ?? undefined,
    bytesTotal: row['bytes_total'] as number,
    bytesDone: row['bytes_done'] as number,
    bytesLocal: row['bytes_local'] as number,
    bytesWire: row['bytes_wire'] as number,
    attempts: row['attempts'] as number,
    retryAt: (row['retry_at'] as number | null) ?? undefined,
    createdAt: row['created_at'] as number,
    startedAt: (row['started_at'] as number | null) ?? undefined,
    finishedAt: (row['finished_at'] as number | null) ?? undefined,
  }
}

const live = "state NOT IN ('DONE', 'FAILED', 'CANCELLED')"

export class Jobs {
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
  }

  /** All jobs, or those that are not final; oldest first. */
  list(options: { live?: boolean } = {}): Job[] {
    return this.#db
      .all(`SELECT * FROM job ${options.live === true ? `WHERE ${live}` : ''} ORDER BY id`)
      .map(toJob)
  }

  byId(id: number): Job | undefined {
    const row = this.#db.get('SELECT * FROM job WHERE id = ?', id)
    return row && toJob(row)
  }

  /** Throws `not-found`. */
  require(id: number): Job {
    const job = this.byId(id)
    if (job !== undefined) return job
    throw new IngotError('not-found', `no job ${id}`, { hint: '"ingot query job" lists the jobs' })
  }

  /** The newest job for an image. */
  latest(peer: string, image: Digest): Job | undefined {
    const row = this.#db.get(
      'SELECT * FROM job WHERE peer = ? AND image = ? ORDER BY id DESC LIMIT 1',
      peer,
      image,
    )
    return row && toJob(row)
  }

  /** The job of that image that is not final. */
  liveOf(peer: string, image: Digest): Job | undefined {
    const row = this.#db.get(`SELECT * FROM job WHERE peer = ? AND image = ? AND ${live}`, peer, image)
    return row && toJob(row)
  }

  /** Jobs of a peer that are not final. */
  liveOfPeer(peer: string): Job[] {
    return this.#db.all(`SELECT * FROM job WHERE peer = ? AND ${live} ORDER BY id`, peer).map(toJob)
  }

  /** Queues a job; does nothing when one for that image is under way. */
  enqueue(job: { peer: string; image: Digest; name: string; bytesTotal: number; createdAt: number }): void {
    this.#db.run(
      `INSERT INTO job (peer, image, name, state, bytes_total, created_at) VALUES (?, ?, ?, 'QUEUED', ?, ?)
       ON CONFLICT DO NOTHING`,
      job.peer,
      job.image,
      job.name,
      job.bytesTotal,
      job.createdAt,
    )
  }

  /** Writes everything of a job that changes. */
  update(job: Job): void {
    this.#db.run(
      `UPDATE job SET state = ?, reason = ?, error = ?, bytes_done = ?, bytes_local = ?, bytes_wire = ?, attempts = ?,
         retry_at = ?, started_at = ?, finished_at = ? WHERE id = ?`,
      job.state,
      job.reason ?? null,
      job.error ?? null,
      job.bytesDone,
      job.bytesLocal,
      job.bytesWire,
      job.attempts,
      job.retryAt ?? null,
      job.startedAt ?? null,
      job.finishedAt ?? null,
      job.id,
    )
  }
}
