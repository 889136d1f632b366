import type { Command, Option } from 'commander'
import { IngotError } from '../core/errors.ts'
import { isCollector } from './options.ts'

/** The arguments as commander takes them, and the command that they lead to. */
export interface PreparedArguments {
  argv: string[]
  command: Command
}

const singleDash = /^-[a-z][a-z-]+(=.*)?$/s

/** `-server` and `-image=X` with the double dash of GNU long options; everything else as it is. */
export function longOption(token: string): string {
  return singleDash.test(token) ? `-${token}` : token
}

/** True when the flag `--name` (or `-name`) is given. A value never begins with a dash, so no value is mistaken for it. */
export function hasFlag(argv: readonly string[], name: string): boolean {
  const end = argv.indexOf('--')
  return (end === -1 ? argv : argv.slice(0, end)).some((token) => longOption(token) === `--${name}`)
}

/**
 * Walks the arguments along the commands of `program`: turns the single-dash form into the double, and throws a usage error for
 * an option without its value (a value that begins with `-` is given as `--name=VALUE`) and for one that is given twice.
 */
export function prepareArguments(program: Command, argv: readonly string[]): PreparedArguments {
  const prepared: string[] = []
  const seen = new Set<Option>()
  let command = program
  for (let index = 0; index < argv.length; index++) {
    const token = longOption(argv[index] ?? '')
    if (token === '--') {
      prepared.push(...argv.slice(index))
      break
    }
    prepared.push(token)
    if (!token.startsWith('-')) {
      command = command.commands.find((each) => each.name() === token) ?? command
      continue
    }
    const name = token.split('=', 1)[0]
    const option = command.options.find((each) => each.long === name)
    if (option?.required !== true) continue
    if (seen.has(option) && !isCollector(option.parseArg)) {
      throw new IngotError('usage', `${name} is given twice`, { hint: helpHint(command) })
    }
    seen.add(option)
    if (token !== name) continue
    const value = argv[++index]
    if (value === undefined || (value.startsWith('-') && value !== '-')) {
      throw new IngotError('usage', `${name} needs a value`, {
        hint: `a value that begins with - is given as ${name}=VALUE`,
      })
    }
    prepared.push(value)
  }
  return { argv: prepared, command }
}

/** `ingot query image`: the words that call a command. */
export function commandPath(command: Command): string {
  return command.parent === null ? command.name() : `${commandPath(command.parent)} ${command.name()}`
}

/** Where the operator reads more about a command. */
export function helpHint(command: Command): string {
  return `"${commandPath(command)} --help" explains`
}
