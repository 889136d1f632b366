import { Command } from 'commander'
import { addCommands } from '../../src/cli/commands.ts'
import { Grammar } from '../../src/cli/grammar.ts'
import { Output } from '../../src/cli/output.ts'
import { testIo } from './io.ts'

/** The grammar of the command line, to be looked at: its output goes nowhere. */
export function grammarProgram(): Command {
  const program = new Command('ingot')
    .version('0.0.0')
    .exitOverride()
    .configureOutput({ writeErr: () => {} })
  const io = testIo()
  addCommands(new Grammar(program, io, new Output({ ...io, json: false, quiet: true, color: false })))
  return program
}
