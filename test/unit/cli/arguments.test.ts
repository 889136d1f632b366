import { Command } from 'commander'
import { describe, expect, it } from 'vitest'
import { hasFlag, longOption, prepareArguments } from '../../../src/cli/arguments.ts'
import { collect } from '../../../src/cli/options.ts'

function program(): Command {
  const program = new Command('ingot').option('--home <DIR>').option('--version')
  program
    .command('import')
    .command('image')
    .option('--version <V>')
    .option('--description <D>')
    .option('--serverdata <FILE>')
    .option('--label <K=V>', 'labels', collect)
    .option('--private')
  return program
}

const prepare = (...argv: string[]) => prepareArguments(program(), argv).argv

describe('the single-dash form', () => {
  it.each([
    ['-server', '--server'],
    ['-image=X', '--image=X'],
    ['-image=a\nb', '--image=a\nb'],
    ['-dry-run', '--dry-run'],
    ['-all', '--all'],
    ['-label=a=-b', '--label=a=-b'],
    ['--server', '--server'],
    ['--label=-all', '--label=-all'],
    ['-h', '-h'],
    ['-', '-'],
    ['--', '--'],
    ['-5', '-5'],
    ['-A', '-A'],
    ['x-all', 'x-all'],
  ])('%j is %j', (token, expected) => {
    expect(longOption(token)).toBe(expected)
  })

  it('is turned anywhere on the line', () => {
    expect(prepare('-home', '/x', 'import', 'image', '-version', '9', '-private')).toEqual([
      '--home',
      '/x',
      'import',
      'image',
      '--version',
      '9',
      '--private',
    ])
  })

  it('is left alone in the value behind = and behind --', () => {
    expect(prepare('import', 'image', '--description=-all', '--', '-all')).toEqual([
      'import',
      'image',
      '--description=-all',
      '--',
      '-all',
    ])
  })
})

describe('values', () => {
  it('never begin with a dash unless behind =', () => {
    expect(() => prepare('import', 'image', '--description', '--private')).toThrow(
      '--description needs a value',
    )
    expect(() => prepare('import', 'image', '-description', '-old')).toThrow('--description needs a value')
    expect(() => prepare('import', 'image', '--description')).toThrow('--description needs a value')
  })

  it('may be - alone', () => {
    expect(prepare('import', 'image', '--serverdata', '-')).toContain('-')
  })

  it('that name a command stay values', () => {
    expect(prepareArguments(program(), ['--home', 'import', 'import', 'image']).command.name()).toBe('image')
  })

  it('are not asked of an option that is a flag before the verb', () => {
    expect(prepare('--version', '--home', '/x')).toEqual(['--version', '--home', '/x'])
  })

  it('are given once, except to options that collect', () => {
    expect(() => prepare('import', 'image', '--version', '1', '--version=2')).toThrow(
      '--version is given twice',
    )
    expect(prepare('import', 'image', '--label', 'a=1', '--label', 'b=2')).toHaveLength(6)
  })
})

describe('hasFlag', () => {
  it('sees both forms before --, and no values', () => {
    expect(hasFlag(['query', '-json'], 'json')).toBe(true)
    expect(hasFlag(['--json', 'query'], 'json')).toBe(true)
    expect(hasFlag(['import', '--description=--json', '--', '--json'], 'json')).toBe(false)
  })
})
