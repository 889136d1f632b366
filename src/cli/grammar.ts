import { Option, type Command } from 'commander'
import type { Clock } from '../core/clock.ts'
import { ControlClient } from '../control/client.ts'
import { homePaths } from '../core/home-paths.ts'
import { absolutePath, clientHome, daemonHome, type HomePlaces } from './home.ts'
import type { Output, OutputStream } from './output.ts'

/** What a call of the command line has around it; handed in, so that tests can stand in for the process. */
export interface Io {
  stdin: AsyncIterable<Uint8Array | string>
  stdout: OutputStream
  stderr: OutputStream
  env: Readonly<Record<string, string | undefined>>
  cwd: string
  /** Home of an installed daemon, `/var/lib/ingot`. */
  systemHome: string
  /** Home directory of the calling user. */
  userHome: string
  clock: Clock
  /** Aborted by Ctrl-C once {@link armInterrupt} was called; before that Ctrl-C ends the process. */
  signal: AbortSignal
  armInterrupt: () => void
}

/** One call of one command. */
export class Invocation {
  readonly io: Io
  readonly output: Output
  readonly #home: string | undefined

  /** `home`: the value of `--home`. */
  constructor(io: Io, output: Output, home: string | undefined) {
    this.io = io
    this.output = output
    this.#home = home
  }

  /** The control API of the daemon that the options and the environment lead to. */
  get client(): ControlClient {
    return new ControlClient(homePaths(clientHome(this.#places)).socket)
  }

  /** Absolute home for a daemon that is about to run. */
  get daemonHome(): string {
    return daemonHome(this.#places)
  }

  /** From here on Ctrl-C aborts the signal that this returns, instead of ending the process. */
  interruptible(): AbortSignal {
    this.io.armInterrupt()
    return this.io.signal
  }

  /** `value` of `option` as an absolute path. */
  path(value: string, option: string): string {
    return absolutePath(value, this.io.cwd, option)
  }

  get #places(): HomePlaces {
    const { env, systemHome, userHome, cwd } = this.io
    return { option: this.#home, environment: env['INGOT_HOME'], system: systemHome, user: userHome, cwd }
  }
}

/** What a command's help says. */
export interface CommandHelp {
  summary: string
  /** One line that works as it stands. */
  example: string
  /** True: for scripts of ours; help does not name it. */
  hidden?: boolean
}

const globalOptions = 'Global options:'

/** The grammar `ingot VERB [NOUN] [--option value]` as commander commands, with the global options on each of them. */
export class Grammar {
  readonly program: Command
  readonly #io: Io
  readonly #output: Output

  constructor(program: Command, io: Io, output: Output) {
    this.program = program
    this.#io = io
    this.#output = output
    program
      .enablePositionalOptions()
      .helpCommand(false)
      .configureHelp({ subcommandTerm: (command) => command.name() })
  }

  /** Adds the command `words` (`status`, `query image`) and returns it for its options and its action. */
  command(words: string, help: CommandHelp): Command {
    const [verb, noun] = words.split(' ')
    const parent = noun === undefined || verb === undefined ? this.program : this.#verb(verb, noun)
    return parent
      .command(noun ?? words, { hidden: help.hidden ?? false })
      .description(help.summary)
      .addHelpText('after', `\nExample:\n  $ ${help.example}`)
  }

  /** Puts the global options on every command, behind its own; to be called once all commands are there. */
  finish(): void {
    addGlobalOptions(this.program)
  }

  /** A commander action that hands `handler` the options of the command itself, and the call. */
  action<Options>(
    handler: (options: Options, invocation: Invocation) => Promise<void>,
  ): (options: Options, command: Command) => Promise<void> {
    return async (options, command) => {
      await handler(ownOptions(options, command), new Invocation(this.#io, this.#output, homeOption(command)))
    }
  }

  #verb(name: string, noun: string): Command {
    const found = this.program.commands.find((each) => each.name() === name)
    if (found !== undefined) return found.description(`${found.description()} | ${noun}`)
    return this.program.command(name).description(noun).usage('NOUN [--option value] …').helpCommand(false)
  }
}

/** The words of each command that help names, in its order: `status`, `query image`. */
export function visibleCommands(program: Command): Map<string, Command> {
  const commands = new Map<string, Command>()
  for (const first of program.createHelp().visibleCommands(program)) {
    if (first.commands.length === 0) commands.set(first.name(), first)
    for (const second of first.commands) commands.set(`${first.name()} ${second.name()}`, second)
  }
  return commands
}

/** Options that every command has. */
export function isGlobal(option: Option): boolean {
  return option.helpGroupHeading === globalOptions
}

/** The options without the global ones, so that a handler may hand on what it gets. */
function ownOptions<Options>(options: Options, command: Command): Options {
  const own = { ...options } as Record<string, unknown>
  for (const option of command.options.filter(isGlobal)) delete own[option.attributeName()]
  return own as Options
}

/** `--home` of the command itself, else of the words before it. */
function homeOption(command: Command): string | undefined {
  for (let each: Command | null = command; each !== null; each = each.parent) {
    const home = each.getOptionValue('home') as string | undefined
    if (home !== undefined) return home
  }
  return undefined
}

/** They count before and after the verb, hence on every command. `--json`, `--quiet` and `--no-color` are read by `run`. */
function addGlobalOptions(command: Command): void {
  const options = [
    new Option(
      '--home <DIR>',
      'home of the daemon (default: $INGOT_HOME, /var/lib/ingot or ~/.local/share/ingot)',
    ),
    new Option('--json', 'print JSON'),
    new Option('--quiet', 'print nothing but what was asked for'),
    new Option('--no-color', 'print without colours'),
  ]
  for (const option of options) command.addOption(option.helpGroup(globalOptions))
  command.addHelpOption(new Option('-h, --help', 'print this help').helpGroup(globalOptions))
  for (const each of command.commands) addGlobalOptions(each)
}
