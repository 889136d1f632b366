import type { Data } from './data.ts'
import type { Processes } from './processes.ts'
import type { Run } from './measure.ts'
import type { Ssh } from './ssh.ts'
import type { Tool } from './tools.ts'

/** What every case is handed. */
export interface Bench {
  /** Directory of this case; it is removed after it. */
  readonly work: string
  readonly data: Data
  readonly runs: number
  /** Small data. */
  readonly quick: boolean
  /** The large image is data throughout. */
  readonly full: boolean
  readonly processes: Processes
  readonly signal: AbortSignal
  /** Says what is being done, for people. */
  say(text: string): void
  /** Whether a tool is on this machine; notes in the report that it is not. */
  has(tool: Tool): boolean
  /** Notes something in the report. */
  note(text: string): void
  /** The sshd of this benchmark; undefined, with a note, where there cannot be one. */
  ssh(): Promise<Ssh | undefined>
}

/** One tool in one case. */
export interface Contender {
  readonly name: string
  /** One copy, measured, compared with the source, and removed again. */
  run(): Promise<Run>
}

/** What one tool took, over all runs. */
export interface Row {
  name: string
  /** Bytes that it had to bring over (or read), for the rate. */
  bytes: number
  /** Bytes of that which are data and no holes, for the processor seconds per GB; 0 where the work is not one of bytes. */
  dataBytes: number
  runs: Run[]
}

/** One figure of a case, with what it is. */
export interface Figure {
  what: string
  value: number
  unit: '' | 'bytes' | 'seconds' | 'MB/s' | 'per second'
}

export interface CaseResult {
  rows: Row[]
  figures: Figure[]
}

export interface Case {
  readonly name: string
  readonly about: string
  /** Whether --quick has it. */
  readonly quick: boolean
  run(bench: Bench): Promise<CaseResult>
}

/** Runs all contenders in turn, as often as is asked for. */
export async function inTurn(
  bench: Bench,
  contenders: readonly Contender[],
  size: { bytes: number; dataBytes: number },
): Promise<Row[]> {
  const rows = contenders.map(({ name }): Row => ({ name, ...size, runs: [] }))
  for (let turn = 1; turn <= bench.runs; turn++) {
    for (const [index, contender] of contenders.entries()) {
      const run = await contender.run()
      rows[index]?.runs.push(run)
      bench.say(`run ${turn} of ${bench.runs}: ${contender.name} ${run.seconds.toFixed(2)} s`)
    }
  }
  return rows
}
