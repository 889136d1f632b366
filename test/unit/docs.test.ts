import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { isGlobal, visibleCommands } from '../../src/cli/grammar.ts'
import { defaultLimits } from '../../src/core/limits.ts'
import { grammarProgram } from '../support/grammar.ts'

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')
const commandsText = read('docs/commands.md')

/** The text below a heading, up to the next one of any level. */
function section(document: string, heading: string): string {
  const begin = document.indexOf(`\n${heading}\n`)
  if (begin === -1) return ''
  const body = document.slice(begin + heading.length + 2)
  const end = body.search(/^#{1,4} /m)
  return end === -1 ? body : body.slice(0, end)
}

/** The words in backquotes, and each part of those with dots: `error.code` has `code`. */
function quoted(text: string): Set<string> {
  return new Set([...text.matchAll(/`([^`]+)`/g)].flatMap(([, word = '']) => [word, ...word.split('.')]))
}

/** Keys of the first type of that name in a source, those of nested objects too; comments do not count. */
function keysOf(declaration: string): string[] {
  const code = declaration.replace(/\/\*\*.*?\*\//gs, '')
  return [...new Set([...code.matchAll(/(\w+)\??: /g)].map(([, key = '']) => key))]
}

describe('docs/commands.md', () => {
  const commands = visibleCommands(grammarProgram())

  test.each([...commands.keys()])('has the command %s with each of its options and an example', (words) => {
    const text = section(commandsText, `### \`${words}\``)
    const options = commands.get(words)?.options.filter((option) => !isGlobal(option)) ?? []
    for (const { flags } of options) expect(text).toContain(`- \`${flags}\``)
    expect(text).toMatch(/^Example: `.*\bingot .*`/m)
    expect(text).toMatch(/^JSON: ./m)
  })

  test('has no command that the grammar does not have', () => {
    const documented = [...commandsText.matchAll(/^### `(.+)`$/gm)].map(([, words]) => words)
    expect(documented).toEqual([...commands.keys()])
  })

  const documents = [
    ...read('src/control/documents.ts').matchAll(/^export interface (\w+Document) \{\n(.*?)^\}/gms),
  ]
  test.each(documents.map(([, name = '', body = '']) => ({ name, body })))(
    'has each key of $name',
    ({ name, body }) => {
      const text = quoted(section(commandsText, `### ${name}`))
      const keys = keysOf(body)
      expect(keys.length).toBeGreaterThan(0)
      expect(keys.filter((key) => !text.has(key))).toEqual([])
    },
  )

  test('was compared with all documents', () => {
    expect(documents.length).toBeGreaterThan(10)
  })

  test('has each event with its keys', () => {
    const rows = section(commandsText, '## Events').split('\n')
    const events = [...read('src/core/events.ts').matchAll(/^ {2}\| (\{ type: '(\w+)'.*\})$/gm)]
    expect(events.length).toBeGreaterThan(3)
    for (const [, body = '', type = ''] of events) {
      const row = quoted(rows.find((each) => each.startsWith(`| \`${type}\` |`)) ?? '')
      expect(
        keysOf(body).filter((key) => key !== 'type' && !row.has(key)),
        type,
      ).toEqual([])
    }
  })
})

test('docs/operations.md has each limit with its default', () => {
  const rows = section(read('docs/operations.md'), '### Limits')
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => line.split('|').map((cell) => cell.trim()))
  const documented = rows.flatMap(([, names = '', values = '']) => {
    const defaults = values.split(', ')
    return [...names.matchAll(/`(\w+)`/g)].map(([, name], at) => [name, Number(defaults[at])])
  })
  expect(Object.fromEntries(documented)).toEqual(defaultLimits)
})

test('docs/security.md names tests that exist, by their file and their name in it', () => {
  const document = read('docs/security.md')
  // `file`: “name”, “another”; also with words between the file and its first name.
  const named = [...document.matchAll(/`(test\/[\w/.-]+\.test\.ts)`[:,] ((?:“[^”]+”(?:, )?)+)/g)].flatMap(
    ([, file = '', names = '']) => [...names.matchAll(/“([^”]+)”/g)].map(([, name = '']) => ({ file, name })),
  )
  expect(named.length).toBeGreaterThan(50)
  expect(named).toHaveLength([...document.matchAll(/“/g)].length)
  for (const { file, name } of named) expect(read(file), `${file}: ${name}`).toContain(name)
})

test('every link between the documents leads somewhere', () => {
  const files = [
    'README.md',
    'CONTRIBUTING.md',
    'docs/operations.md',
    'docs/commands.md',
    'docs/architecture.md',
    'docs/security.md',
  ]
  const anchors = (path: string) =>
    [...read(path).matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
      title
        .toLowerCase()
        .replace(/[^\w\- ]/g, '')
        .replaceAll(' ', '-'),
    )
  for (const file of files) {
    for (const [link, path = '', anchor] of read(file).matchAll(/\]\(([\w./-]*)(?:#([\w-]+))?\)/g)) {
      const target = path === '' ? file : new URL(path, `file:///${file}`).pathname.slice(1)
      if (!target.endsWith('.md')) continue
      if (anchor !== undefined) expect(anchors(target), `${file}: ${link}`).toContain(anchor)
      else expect(read(target), `${file}: ${link}`).not.toBe('')
    }
  }
})
