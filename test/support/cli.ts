import { PassThrough, Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import type { Io } from '../../src/cli/grammar.ts'
import { run } from '../../src/cli/run.ts'
import { testIo } from './io.ts'

/** How a command line ended, and what it printed. */
export interface CliResult {
  code: number
  stdout: string
  stderr: string
}

/** What a test changes around a call: `input` is standard input, `terminal` makes stderr one. */
export type Around = Partial<Io> & { input?: string; terminal?: boolean }

/**
 * Runs a command line in this process, with nothing of the surroundings of this process: what `scripts/ingot` does in a process
 * of its own, in a hundredth of the time.
 */
export async function cli(argv: readonly string[], around: Around = {}): Promise<CliResult> {
  const { input, terminal, ...io } = around
  const stdout = new PassThrough()
  const stderr = Object.assign(new PassThrough(), terminal === true ? { isTTY: true, columns: 200 } : {})
  const printed = Promise.all([text(stdout), text(stderr)])
  const stdin = Readable.from(input === undefined ? [] : [input])
  const code = await run(argv, testIo({ stdin, stdout, stderr, ...io }))
  stdout.end()
  stderr.end()
  const [out, err] = await printed
  return { code, stdout: out, stderr: err }
}
