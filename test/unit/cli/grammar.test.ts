import type { Command } from 'commander'
import { describe, expect, it } from 'vitest'
import { prepareArguments } from '../../../src/cli/arguments.ts'
import { valueSource } from '../../../src/cli/completion-script.ts'
import { isGlobal, visibleCommands } from '../../../src/cli/grammar.ts'
import { grammarProgram } from '../../support/grammar.ts'
import { cli } from './fake-daemon.ts'

/** The command set as it was designed. */
const designed = [
  'daemon',
  'export server',
  'register server',
  'unregister server',
  'modify server',
  'modify peerserver',
  'accept peerserver',
  'renew journal',
  'query server',
  'query peerserver',
  'import image',
  'add image',
  'query image',
  'promote image',
  'adopt image',
  'delete image',
  'verify image',
  'add series',
  'insertimage series',
  'deleteimage series',
  'delete series',
  'query series',
  'add imagetype',
  'delete imagetype',
  'query imagetype',
  'instantiate image',
  'modify subscription',
  'uninstantiate image',
  'query subscription',
  'query job',
  'pause job',
  'resume job',
  'cancel job',
  'retry job',
  'resolve job',
  'explain image',
  'wait image',
  'add client',
  'add target',
  'query client',
  'query target',
  'delete client',
  'delete target',
  'query audit',
  'watch events',
  'status',
  'doctor',
  'completion',
]

/** Commands that do something before they ask a daemon, or ask none. */
const local = ['daemon', 'register server', 'completion']

const commands = [...visibleCommands(grammarProgram())]

/** The arguments of the example in the help of a command. */
async function exampleOf(words: string): Promise<string[]> {
  const { code, stdout, stderr } = await cli([...words.split(' '), '--help'])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout).toContain(`Usage: ingot ${words}`)
  const [, line = ''] = /\nExample:\n {2}\$ ingot (.*)\n/.exec(stdout) ?? []
  expect(line.split(' > ', 1)[0]).toMatch(new RegExp(`^${words}( |$)`))
  return line.split(' > ', 1)[0]?.split(' ') ?? []
}

/** Parses arguments as far as to the action; throws what a usage error is made of. */
function parse(argv: string[]): Command {
  const program = grammarProgram()
  for (const each of visibleCommands(program).values()) each.action(() => {})
  const { argv: prepared, command } = prepareArguments(program, argv)
  program.parse(prepared, { from: 'user' })
  return command
}

describe('the grammar', () => {
  it('has the commands of the design', () => {
    expect(commands.map(([words]) => words).sort()).toEqual([...designed].sort())
  })

  it.each(commands)(
    '%s says what it does, with an example that the grammar takes',
    async (words, command) => {
      expect(command.description()).toMatch(/^\S.{8,}/)
      const example = await exampleOf(words)
      expect(() => parse(example)).not.toThrow()
    },
  )

  it.each(commands)('%s says of each option what it is', (_words, command) => {
    for (const option of command.options) {
      expect(option.long).toMatch(/^--[a-z-]+$/)
      expect(option.short).toBeUndefined()
      expect(option.description, option.flags).toMatch(/^\S.{4,}/)
      expect(option.required || option.optional || !option.flags.includes(' '), option.flags).toBe(true)
    }
  })

  it.each(commands.filter(([words]) => !local.includes(words)))(
    '%s ends with 3 where no daemon runs, and says how to start one',
    async (words) => {
      const { code, stdout, stderr } = await cli(await exampleOf(words), { input: 'DATA' })
      expect({ code, stdout }).toEqual({ code: 3, stdout: '' })
      expect(stderr).toMatch(/start it with \\?"ingot daemon/)
    },
  )

  it('knows where the values of options come from, but for new names, numbers and free text', () => {
    const free = commands.flatMap(([, command]) =>
      command.options
        .filter((option) => option.required && !isGlobal(option) && valueSource(option) === undefined)
        .map(({ flags }) => flags),
    )
    expect([...new Set(free)].sort()).toEqual([
      '--address <MULTIADDR>',
      '--advertise <MULTIADDR>',
      '--as <NAME>',
      '--client <NAME>',
      '--description <D>',
      '--fingerprint <F>',
      '--from <T>',
      '--image <NAME>',
      '--imagetype <NAME>',
      '--keep <N>',
      '--label <K=V>',
      '--limit <N>',
      '--listen <MULTIADDR>',
      '--max-bytes <B>',
      '--name <N>',
      '--operation <O>',
      '--priority <N>',
      '--rate <R>',
      '--rate-in <R>',
      '--rate-out <R>',
      '--rename <NAME>',
      '--series <NAME>',
      '--server <NAME>',
      '--subject <S>',
      '--target <NAME>',
      '--timeout <D>',
      '--to <T>',
      '--version <V>',
      '--window <W>',
    ])
  })

  it('keeps what is for its scripts out of the help', async () => {
    const { stdout } = await cli(['--help'])
    expect(stdout).not.toContain('__complete')
    for (const words of designed) expect(stdout).toContain(`\n  ${words.split(' ', 1)[0]}`)
  })
})
