import type { JobDocument } from '../control/documents.ts'
import { followJobs } from './follow.ts'
import { given } from './given.ts'
import type { Grammar, Invocation } from './grammar.ts'
import { jobTable } from './job-table.ts'
import { parseJob } from './options.ts'
import { stateCell, type Cell } from './table.ts'
import { formatBytes, formatTime } from './text.ts'

/** `query job`. */
export function addJobCommands(grammar: Grammar): void {
  grammar
    .command('query job', {
      summary: 'show the jobs that replicate images to this server',
      example: 'ingot query job --follow',
    })
    .option('--job <ID>', 'only this job, in full', parseJob)
    .option('--follow', 'stay until the job (or every live job) has ended or is in CONFLICT')
    .action(grammar.action(queryJob))
}

async function queryJob(options: { job?: number; follow?: boolean }, invocation: Invocation): Promise<void> {
  if (options.follow === true) {
    await followJobs(invocation, options.job)
    return
  }
  const { client, output } = invocation
  const { jobs } = await client.jobs(given({ job: options.job }))
  output.data({ jobs }, () => {
    if (jobs.length === 0) output.note('no jobs')
    else if (options.job === undefined) jobTable(output, jobs)
    else for (const job of jobs) output.fields(jobFields(job))
  })
}

function jobFields(job: JobDocument): [string, Cell][] {
  return [
    ['job', String(job.id)],
    ['image', job.image],
    ['image id', job.imageId],
    ['origin', job.origin],
    ['state', stateCell(job.state)],
    ['reason', job.reason ?? '-'],
    ['error', job.error ?? '-'],
    ['done', `${formatBytes(job.bytesDone)} of ${formatBytes(job.bytesTotal)}`],
    ['from this disk', formatBytes(job.bytesLocal)],
    ['received', formatBytes(job.bytesWire)],
    ['priority', String(job.priority)],
    ['attempts', String(job.attempts)],
    ['created', formatTime(job.createdAt)],
    ['started', formatTime(job.startedAt)],
    ['finished', formatTime(job.finishedAt)],
    ['next attempt', formatTime(job.retryAt)],
  ]
}
