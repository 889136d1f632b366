import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Command, Option } from 'commander'
import { builtInTypes } from '../image/manifest.ts'
import { imageStates } from '../image/states.ts'
import type { CompletionKind } from './completion-candidates.ts'
import { isGlobal, visibleCommands } from './grammar.ts'
import { shells, type Shell } from './shells.ts'

/** What can stand for the value of an option: something the daemon knows, a path, or one of a few words. */
export type ValueSource = CompletionKind | 'file' | 'dir' | readonly string[]

const sources: Record<string, ValueSource> = {
  '--server': 'peer',
  '--image': 'image',
  '--parent': 'image',
  '--before': 'image',
  '--series': 'series',
  '--imagetype': 'imagetype',
  '--job': 'job',
  '--client': 'client',
  '--target': 'target',
  '--path': 'file',
  '--preseed': 'file',
  '--serverdata': 'file',
  '--config': 'file',
  '--home': 'dir',
  '--images': 'dir',
  '--state': imageStates,
  '--land-as': imageStates,
  '--basetype': builtInTypes,
  '--trust-privileged': ['yes', 'no'],
  '--shell': shells,
}

/** Where the values of an option come from; undefined for a flag, for free text, and for a name that is to be new (`<NAME>`). */
export function valueSource(option: Option): ValueSource | undefined {
  const free = !option.required || option.flags.endsWith('<NAME>')
  return free ? undefined : sources[option.long ?? '']
}

/** A script that completes `ingot` in that shell: words and options of the grammar as it stands, values from the daemon. */
export function completionScript(program: Command, shell: Shell): string {
  return [
    `#compdef ingot\n# Completes ingot in ${shell}; made by "ingot completion --shell ${shell}".\n`,
    table('_ingot_words', 'What may come behind the words so far.', wordTable(program)),
    table(
      '_ingot_options',
      'Options of a command, and behind a colon where the value comes from.',
      optionTable(program),
    ),
    part('common'),
    part(shell),
  ].join('\n')
}

function part(name: 'common' | Shell): string {
  return readFileSync(join(import.meta.dirname, 'completion', `${name}.sh`), 'utf8')
}

/** A function that prints the lines that belong to its argument. The text of all of it comes from the grammar alone. */
function table(name: string, comment: string, rows: ReadonlyMap<string, readonly string[]>): string {
  const cases = [...rows].map(([key, lines]) => `    '${key}') printf '%s\\n' ${lines.join(' ')} ;;`)
  return `# ${comment}\n${name}() {\n  case "$1" in\n${cases.join('\n')}\n  esac\n}\n`
}

function wordTable(program: Command): Map<string, string[]> {
  const rows = new Map<string, string[]>()
  for (const words of visibleCommands(program).keys()) {
    const [verb = '', noun] = words.split(' ')
    if (rows.get('')?.includes(verb) !== true) rows.set('', [...(rows.get('') ?? []), verb])
    if (noun !== undefined) rows.set(verb, [...(rows.get(verb) ?? []), noun])
  }
  return rows
}

function optionTable(program: Command): Map<string, string[]> {
  const rows = new Map<string, string[]>()
  for (const [words, command] of visibleCommands(program)) {
    const own = command.options.filter((option) => !isGlobal(option))
    if (own.length > 0) rows.set(words, own.map(entryOf))
  }
  const help = program.createHelp().visibleOptions(program)
  rows.set('global', help.filter(isGlobal).map(entryOf))
  return rows
}

/** `--json`, `--server:peer`, `--version:`, `--state:=TESTABLE,PUBLISHED`. */
function entryOf(option: Option): string {
  if (!option.required) return `${option.long}`
  const source = valueSource(option)
  return `${option.long}:${typeof source === 'string' ? source : source === undefined ? '' : `=${source.join(',')}`}`
}
