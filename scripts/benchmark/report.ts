import { cpus, release, totalmem } from 'node:os'
import type { CaseResult, Figure, Row } from './bench.ts'
import type { Run } from './measure.ts'
import { spread } from './statistics.ts'

/** One case as it is reported. */
export interface Reported extends CaseResult {
  name: string
  about: string
  notes: string[]
  /** Why it could not be run, or null. */
  error: string | null
}

/** How wire bytes were counted. */
export const wireMethod =
  process.env['INGOT_BENCH_NAMESPACE'] === '1'
    ? 'loopback interface of an own network namespace, both directions, headers included'
    : 'loopback interface of this machine, both directions, headers included: other programs may have used it too'

/** The document that --json prints. */
export function document(reported: readonly Reported[], notes: readonly string[]): unknown {
  return {
    machine: { processor: cpus()[0]?.model, processors: cpus().length, memory: totalmem(), linux: release() },
    wireMethod,
    notes,
    cases: reported.map(({ rows, ...rest }) => ({
      ...rest,
      rows: rows.map((row) => ({ ...row, ...summary(row) })),
    })),
  }
}

/** Median, least and most over the runs of one tool. */
function summary(row: Row): Record<string, unknown> {
  const over = (value: (run: Run) => number) => spread(row.runs.map(value))
  const perGb = (seconds: (run: Run) => number) =>
    row.dataBytes === 0 ? null : over((run) => seconds(run) / (row.dataBytes / 1e9))
  return {
    seconds: over((run) => run.seconds),
    syncedSeconds: over((run) => run.syncedSeconds),
    bytesPerSecond: row.bytes === 0 ? null : over((run) => row.bytes / run.seconds),
    wireBytes: over((run) => run.wireBytes),
    cpuSecondsPerGb: perGb((run) => run.originCpuSeconds + run.receiverCpuSeconds),
    originCpuSecondsPerGb: perGb((run) => run.originCpuSeconds),
    receiverCpuSecondsPerGb: perGb((run) => run.receiverCpuSeconds),
    originPeakBytes: over((run) => run.originPeakBytes),
    receiverPeakBytes: over((run) => run.receiverPeakBytes),
    otherShare: over((run) => run.otherShare),
  }
}

/** Text for people: one table for each case. */
export function table(reported: readonly Reported[], notes: readonly string[]): string {
  const blocks = reported.map(({ name, about, rows, figures, notes: own, error }) =>
    [
      `== ${name}: ${about}`,
      ...(rows.length > 0 ? align([heading, ...rows.map(line)]) : []),
      ...align(figures.map(({ what, value, unit }) => [` ${what}`, show({ value, unit })])),
      ...busy(rows),
      ...own.map((note) => ` note: ${note}`),
      ...(error === null ? [] : [` FAILED: ${error}`]),
    ].join('\n'),
  )
  const about = [
    'median (min-max) over the runs; wire bytes: ' + wireMethod,
    'CPU: seconds per GB of data, origin + receiver; RSS: peak, origin / receiver',
    ...notes,
  ]
  return `${[...blocks, about.join('\n')].join('\n\n')}\n`
}

/** Share of the processors that others may use before the report says so. */
const busyShare = 0.15

/** Says when the machine had other work too. */
function busy(rows: readonly Row[]): string[] {
  const most = Math.max(0, ...rows.flatMap((row) => row.runs.map((run) => run.otherShare)))
  const percent = (most * 100).toFixed(0)
  return most > busyShare
    ? [` note: other work took up to ${percent} % of the processors: do not trust the times`]
    : []
}

const heading = ['', 'seconds', 'synced', 'MB/s', 'wire MB', 'CPU s/GB', 'RSS MB']

function line(row: Row): string[] {
  const over = (value: (run: Run) => number) => spread(row.runs.map(value))
  const seconds = over((run) => run.seconds)
  const synced = over((run) => run.syncedSeconds)
  const gb = row.dataBytes / 1e9
  const median = (value: (run: Run) => number, digits: number) => over(value).median.toFixed(digits)
  const range = (digits: number, { median, min, max }: typeof seconds) =>
    row.runs.length === 1
      ? median.toFixed(digits)
      : `${median.toFixed(digits)} (${min.toFixed(digits)}-${max.toFixed(digits)})`
  return [
    row.name,
    range(2, seconds),
    range(2, synced),
    row.bytes === 0 ? '-' : (row.bytes / seconds.median / 1e6).toFixed(0),
    range(
      1,
      over((run) => run.wireBytes / 1e6),
    ),
    gb === 0
      ? '-'
      : `${median((run) => run.originCpuSeconds / gb, 2)} + ${median((run) => run.receiverCpuSeconds / gb, 2)}`,
    `${median((run) => run.originPeakBytes / 1e6, 0)} / ${median((run) => run.receiverPeakBytes / 1e6, 0)}`,
  ]
}

function show({ value, unit }: Pick<Figure, 'value' | 'unit'>): string {
  switch (unit) {
    case '':
      return value.toFixed(2)
    case 'bytes':
      return `${(value / 1e6).toFixed(1)} MB`
    case 'seconds':
      return `${value.toFixed(2)} s`
    case 'MB/s':
      return `${value.toFixed(0)} MB/s`
    case 'per second':
      return `${value.toFixed(0)} /s`
  }
}

function align(rows: readonly string[][]): string[] {
  const widths = rows.reduce<number[]>(
    (widths, row) => row.map((cell, index) => Math.max(cell.length, widths[index] ?? 0)),
    [],
  )
  return rows.map((row) =>
    row
      .map((cell, index) => (index === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[index] ?? 0)))
      .join('  ')
      .trimEnd(),
  )
}
