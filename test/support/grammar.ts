import { PassThrough } from 'node:stream'
import { Command } from 'commander'
import { addCommands } from '../../src/cli/commands.ts'
import { Grammar } from '../../src/cli/grammar.ts'
import { Output } from '../../src/cli/output.ts'
import { systemClock } from '../../src/core/clock.ts'

/** The grammar of the command line, to be looked at: its output goes nowhere. */
export function grammarProgram(): Command {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  const program = new Command('ingot')
    .version('0.0.0')
    .exitOverride()
    .configureOutput({ writeErr: () => {} })
  const io = {
    stdin: new PassThrough(),
    stdout,
    stderr,
    env: {},
    cwd: '/',
    systemHome: '/nonexistent/system',
    userHome: '/nonexistent/user',
    clock: systemClock,
    signal: new AbortController().signal,
    armInterrupt: () => {},
  }
  addCommands(
    new Grammar(program, io, new Output({ stdout, stderr, json: false, quiet: true, color: false })),
  )
  return program
}
