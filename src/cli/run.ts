import { Command, CommanderError } from 'commander'
import { IngotError } from '../core/errors.ts'
import { version } from '../core/version.ts'
import { hasFlag, helpHint, prepareArguments } from './arguments.ts'
import { addCommands } from './commands.ts'
import { exitCode, exitCodeOf } from './exit-codes.ts'
import { Grammar, type Io } from './grammar.ts'
import { Output, toIngotError } from './output.ts'

/** Runs one command line (without node and script) and returns its exit code; prints errors itself, never rejects. */
export async function run(argv: readonly string[], io: Io): Promise<number> {
  const output = new Output({
    stdout: io.stdout,
    stderr: io.stderr,
    json: hasFlag(argv, 'json'),
    quiet: hasFlag(argv, 'quiet'),
    color: !hasFlag(argv, 'no-color'),
  })
  try {
    await parse(argv, io, output)
    await output.flush()
    return exitCode.done
  } catch (thrown) {
    const error = io.signal.aborted
      ? new IngotError('aborted', 'interrupted', { cause: thrown })
      : toIngotError(thrown)
    output.error(error)
    return exitCodeOf(error.code)
  }
}

async function parse(argv: readonly string[], io: Io, output: Output): Promise<void> {
  const written: string[] = []
  const program = new Command('ingot')
    .description('Peer-to-peer distribution of gold images between servers')
    .usage('VERB [NOUN] [--option value] …')
    .version(version, '--version', 'print the version')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => written.push(text),
      writeErr: () => {}, // usage errors are thrown, and printed where all errors are
      getOutHasColors: () => false,
    })
  addCommands(new Grammar(program, io, output))
  const { argv: prepared, command } = prepareArguments(program, argv)
  try {
    await program.parseAsync(prepared, { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (error.code === 'commander.version') output.data({ version }, () => output.line(`ingot ${version}`))
    else if (error.code === 'commander.helpDisplayed') output.raw(written.join(''))
    else throw usageError(error, command)
  }
}

/** Commander's message is `error: WHAT`, with a suggestion in a second line where it has one. */
function usageError(error: CommanderError, command: Command): IngotError {
  if (error.code === 'commander.help') {
    const words = command.commands.map((each) => each.name()).join(', ')
    const missing = command.parent === null ? 'no verb is given' : `"${command.name()}" needs a noun`
    return new IngotError('usage', missing, { hint: `one of: ${words}; ${helpHint(command)}` })
  }
  const [what = '', suggestion] = error.message.replace(/^error: /, '').split('\n')
  const hint = suggestion?.replace(/^\(Did you mean (.*)\?\)$/, 'did you mean $1?')
  return new IngotError('usage', what, {
    hint: hint === undefined ? helpHint(command) : `${hint} ${helpHint(command)}`,
  })
}
