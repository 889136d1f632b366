import type { JobDocument } from '../control/documents.ts'
import type { Output } from './output.ts'
import { stateCell } from './table.ts'
import { formatBytes } from './text.ts'

/** A line for each job. */
export function jobTable(output: Output, jobs: readonly JobDocument[]): void {
  output.table(
    [
      { title: 'JOB', align: 'right' },
      'IMAGE',
      'STATE',
      { title: 'DONE', align: 'right' },
      { title: 'SIZE', align: 'right' },
      { title: 'PRIORITY', align: 'right' },
      'REASON',
    ],
    jobs.map((job) => [
      String(job.id),
      job.image,
      stateCell(job.state),
      formatBytes(job.bytesDone),
      formatBytes(job.bytesTotal),
      String(job.priority),
      job.reason ?? '',
    ]),
  )
}
