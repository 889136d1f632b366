import { IngotError } from '../core/errors.ts'
import type { Digest } from '../image/digest.ts'
import type { Database } from './database.ts'
import { toJob, type Job, type JobOptions, type JobState } from './job.ts'

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

  /** Peers that have jobs which are not final. */
  livePeers(): string[] {
    return this.#db.all(`SELECT DISTINCT peer FROM job WHERE ${live}`).map((row) => row['peer'] as string)
  }

  /** Jobs of a peer that are not final. */
  liveOfPeer(peer: string): Job[] {
    return this.#db.all(`SELECT * FROM job WHERE peer = ? AND ${live} ORDER BY id`, peer).map(toJob)
  }

  /** Jobs of a peer that may run at `now`, in the order in which they should: priority, then journal order. */
  runnable(peer: string, now: number, page: { offset: number; limit: number }): Job[] {
    return this.#db
      .all(
        `SELECT * FROM job WHERE peer = ? AND state IN ('QUEUED', 'WAITING') AND (state = 'QUEUED' OR retry_at <= ?)
         ORDER BY priority DESC, ordinal, id LIMIT ? OFFSET ?`,
        peer,
        now,
        page.limit,
        page.offset,
      )
      .map(toJob)
  }

  /** When the next job that waits runs again; undefined when none does by itself. */
  nextRetry(after: number): number | undefined {
    const row = this.#db.get(
      "SELECT min(retry_at) AS next FROM job WHERE state = 'WAITING' AND retry_at > ?",
      after,
    )
    return (row?.['next'] as number | null | undefined) ?? undefined
  }

  /** Lets run now what waits beyond `latest`, for any reason but `except`: nothing waits so long, the clock was set back. */
  wakeBeyond({ now, latest, except }: { now: number; latest: number; except: string }): void {
    const late = "state = 'WAITING' AND retry_at > ? AND reason IS NOT ?"
    // Looked at often, and hardly ever so: nothing is written where nothing is to change.
    if (this.#db.get(`SELECT 1 FROM job WHERE ${late} LIMIT 1`, latest, except) === undefined) return
    this.#db.run(`UPDATE job SET retry_at = ? WHERE ${late}`, now, latest, except)
  }

  /** Jobs that are not final and have brought something, newest first. */
  begun(most: number): Job[] {
    return this.#db
      .all(`SELECT * FROM job WHERE bytes_done > 0 AND ${live} ORDER BY id DESC LIMIT ?`, most)
      .map(toJob)
  }

  /** The job of any peer for an image that is queued or runs. */
  underWay(image: Digest): Job | undefined {
    const row = this.#db.get(
      "SELECT * FROM job WHERE image = ? AND state IN ('QUEUED', 'PLANNING', 'FETCHING', 'ENABLING') LIMIT 1",
      image,
    )
    return row && toJob(row)
  }

  /** Jobs of a peer that are not final and whose image is not wanted (any more). */
  unwanted(peer: string): Job[] {
    return this.#db
      .all(
        // CROSS: from the jobs, which are few, to what is announced.
        `SELECT job.* FROM job CROSS JOIN announced USING (peer, image)
         WHERE job.peer = ? AND decision <> 'wanted' AND job.${live} ORDER BY job.id`,
        peer,
      )
      .map(toJob)
  }

  /** The images of a peer that are wanted and under way, with their bytes and when they were announced. */
  claims(peer: string): { image: Digest; ordinal: number; bytes: number }[] {
    return this.#db.all(
      `SELECT image, announced.ordinal, bytes_total AS bytes FROM job CROSS JOIN announced USING (peer, image)
       WHERE job.peer = ? AND decision = 'wanted' AND job.${live}`,
      peer,
    ) as unknown as { image: Digest; ordinal: number; bytes: number }[]
  }

  /** Jobs that wait for one reason, in the order in which they should run. */
  waitingFor(reason: string): Job[] {
    return this.#db
      .all(
        `SELECT * FROM job WHERE state = 'WAITING' AND reason = ? ORDER BY priority DESC, ordinal, id`,
        reason,
      )
      .map(toJob)
  }

  /** How many jobs wait for one reason. */
  countWaitingFor(reason: string): number {
    return this.#db.get(`SELECT count(*) AS n FROM job WHERE state = 'WAITING' AND reason = ?`, reason)?.[
      'n'
    ] as number
  }

  /** Subscriptions of jobs that wait for one reason. */
  subscriptionsWaiting(reason: string): (number | undefined)[] {
    return this.#db
      .all(`SELECT DISTINCT subscription FROM job WHERE state = 'WAITING' AND reason = ?`, reason)
      .map((row) => (row['subscription'] as number | null) ?? undefined)
  }

  /** Lets the jobs of a subscription that would run now wait until a time, and those that wait for the same reason too. */
  hold(subscription: number, held: { reason: string; now: number; until: number }): Job[] {
    return this.#db
      .all(
        `UPDATE job SET state = 'WAITING', reason = ?1, retry_at = ?2
         WHERE subscription = ?3 AND (state = 'QUEUED' OR state = 'WAITING' AND (
           reason = ?1 AND retry_at IS NOT ?2 OR reason <> ?1 AND retry_at <= ?4)) RETURNING *`,
        held.reason,
        held.until,
        subscription,
        held.now,
      )
      .map(toJob)
  }

  /** Queues the jobs of a subscription that wait for one reason. */
  release(subscription: number | undefined, reason: string): Job[] {
    return this.#db
      .all(
        `UPDATE job SET state = 'QUEUED', reason = NULL, retry_at = NULL
         WHERE subscription IS ? AND state = 'WAITING' AND reason = ? RETURNING *`,
        subscription ?? null,
        reason,
      )
      .map(toJob)
  }

  /** How many jobs are in each state that is not final. */
  counts(): Partial<Record<JobState, number>> {
    const rows = this.#db.all(`SELECT state, count(*) AS n FROM job WHERE ${live} GROUP BY state`)
    return Object.fromEntries(rows.map((row) => [row['state'] as string, row['n'] as number]))
  }

  /** What an earlier process left running is queued again. */
  requeueRunning(): void {
    this.#db.run("UPDATE job SET state = 'QUEUED' WHERE state IN ('PLANNING', 'FETCHING', 'ENABLING')")
  }

  /** The peer is back: what waited for it may run now. */
  wakeUnreachable(peer: string, now: number): void {
    this.#db.run(
      "UPDATE job SET retry_at = ? WHERE peer = ? AND state = 'WAITING' AND reason = 'peer-unreachable'",
      now,
      peer,
    )
  }

  /** What its subscription says now of a job that is under way. */
  setOptions(id: number, options: JobOptions): void {
    this.#db.run(
      'UPDATE job SET priority = ?, land_as = ?, trust_privileged = ?, subscription = ? WHERE id = ?',
      options.priority,
      options.landAs,
      options.trustPrivileged ? 1 : 0,
      options.subscription ?? null,
      id,
    )
  }

  /** Forgets the oldest jobs that are final, so that at most `most` are left. */
  trim(most: number): void {
    this.#db.run(
      `DELETE FROM job WHERE state IN ('DONE', 'FAILED', 'CANCELLED') AND id <= (
         SELECT id FROM job WHERE state IN ('DONE', 'FAILED', 'CANCELLED') ORDER BY id DESC LIMIT 1 OFFSET ?)`,
      most,
    )
  }

  /** A job that failed for good keeps no new one away: its image was asked for again. */
  forgetFailure(peer: string, image: Digest): void {
    this.#db.run(
      "UPDATE job SET state = 'CANCELLED' WHERE peer = ? AND image = ? AND state = 'FAILED'",
      peer,
      image,
    )
  }

  /** Queues a job; does nothing when one for that image is under way. */
  enqueue(
    job: JobOptions & {
      peer: string
      image: Digest
      name: string
      bytesTotal: number
      ordinal: number
      createdAt: number
    },
  ): void {
    this.#db.run(
      `INSERT INTO job (peer, image, name, state, bytes_total, ordinal, priority, land_as, trust_privileged, subscription,
         created_at, foreign_bytes)
       VALUES (?, ?, ?, 'QUEUED', ?, ?, ?, ?, ?, ?, ?, 0)
       ON CONFLICT DO NOTHING`,
      job.peer,
      job.image,
      job.name,
      job.bytesTotal,
      job.ordinal,
      job.priority,
      job.landAs,
      job.trustPrivileged ? 1 : 0,
      job.subscription ?? null,
      job.createdAt,
    )
  }

  /** True when it may have taken bytes from an image of another server than its peer, or from a file of the operator. */
  hasForeignBytes(id: number): boolean {
    return this.#db.get('SELECT foreign_bytes FROM job WHERE id = ?', id)?.['foreign_bytes'] !== 0
  }

  setForeignBytes(id: number, foreign: boolean): void {
    this.#db.run('UPDATE job SET foreign_bytes = ? WHERE id = ?', foreign ? 1 : 0, id)
  }

  /** Writes everything of a job that changes while it runs. */
  update(job: Job): void {
    this.#db.run(
      `UPDATE job SET name = ?, replaces = ?, state = ?, reason = ?, error = ?, bytes_done = ?, bytes_local = ?,
         bytes_wire = ?, attempts = ?, retry_at = ?, started_at = ?, finished_at = ? WHERE id = ?`,
      job.name,
      job.replaces ? 1 : 0,
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
