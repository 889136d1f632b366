import { IngotError } from '../core/errors.ts'
import { finalJobStates } from '../state/job.ts'
import type { JobDocument } from '../control/documents.ts'
import { given } from './given.ts'
import type { Invocation } from './grammar.ts'
import { jobTable } from './job-table.ts'
import type { Output } from './output.ts'
import { Progress } from './progress.ts'

/** Milliseconds between two looks at the jobs. */
const POLL_MS = 500

/**
 * Stays until `job`, or every job that is live while we look, has ended or is in CONFLICT. Throws `failed` when one ended
 * otherwise than DONE, else `conflict` when one is in CONFLICT, `not-found` when there is no such job.
 */
export async function followJobs(invocation: Invocation, job: number | undefined): Promise<void> {
  const { client, output } = invocation
  const signal = invocation.interruptible()
  const followed = new Map<number, JobDocument>()
  const progress = await Progress.open(output, job === undefined ? 'jobs' : `job ${job}`)
  try {
    for (;;) {
      const { jobs } = await client.jobs(given({ job }))
      for (const now of jobs) {
        const before = followed.get(now.id)
        if (before === undefined && job === undefined && isFinal(now.state)) continue
        followed.set(now.id, now)
        if (!progress.visible) report(output, before, now)
      }
      const present = new Set(jobs.map(({ id }) => id))
      const seen = [...followed.values()]
      // A job whose peer was unregistered may be gone from the list: nothing more will come of it.
      if (output.closed || seen.every((each) => isSettled(each) || !present.has(each.id))) break
      progress.update(sum(seen, 'bytesDone'), sum(seen, 'bytesTotal'), noteOf(seen))
      await invocation.io.clock.sleep(POLL_MS, signal)
    }
  } finally {
    progress.stop()
  }
  const ended = [...followed.values()]
  if (!output.json && progress.visible && ended.length > 0) jobTable(output, ended)
  if (ended.length === 0) output.note('no live jobs')
  if (!output.closed) judge(ended)
}

/** With `--json` every change, for people every change of state. */
function report(output: Output, before: JobDocument | undefined, now: JobDocument): void {
  if (output.json) {
    if (JSON.stringify(before) !== JSON.stringify(now)) output.jsonLine(now)
    return
  }
  if (before?.state === now.state && before.reason === now.reason) return
  output.line(`job ${now.id} ${now.image}: ${stateText(now)}`)
}

function judge(jobs: readonly JobDocument[]): void {
  const bad = jobs.filter(({ state }) => state !== 'DONE' && state !== 'CONFLICT')
  const conflicts = jobs.filter(({ state }) => state === 'CONFLICT')
  const [first] = bad.length > 0 ? bad : conflicts
  if (first === undefined) return
  const message = `job ${first.id} (${first.image}) ${isSettled(first) ? `is ${stateText(first)}` : 'is gone'}`
  const more = (bad.length > 0 ? bad : conflicts).length - 1
  throw new IngotError(
    bad.length > 0 ? 'failed' : 'conflict',
    more === 0 ? message : `${message}, and ${more} more`,
    {
      hint: `"ingot query job --job ${first.id}" says more`,
    },
  )
}

function isSettled({ state }: JobDocument): boolean {
  return isFinal(state) || state === 'CONFLICT'
}

function stateText({ state, reason, error }: JobDocument): string {
  const why = [reason, error].filter((each) => each !== null)
  return why.length === 0 ? state : `${state} (${why.join(': ')})`
}

function noteOf(jobs: readonly JobDocument[]): string {
  const waiting = jobs.filter(({ state }) => state === 'WAITING')
  const done = jobs.filter(isSettled).length
  const [first] = waiting
  const counts = jobs.length === 1 ? (jobs[0]?.state ?? '') : `${done} of ${jobs.length} jobs`
  return first === undefined ? counts : `${counts}, waiting: ${first.reason ?? 'to run again'}`
}

function sum(jobs: readonly JobDocument[], key: 'bytesDone' | 'bytesTotal'): number {
  return jobs.reduce((total, job) => total + job[key], 0)
}

function isFinal(state: string): boolean {
  return finalJobStates.some((final) => final === state)
}
