import { readFileSync, readdirSync } from 'node:fs'
import { relative, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { importRing, importsOf, rankFaults, type Sources } from '../support/imports.ts'

const root = join(import.meta.dirname, '../../src')

function readSources(): Sources {
  const sources = new Map<string, string>()
  for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
    const path = relative(root, join(entry.parentPath, entry.name))
    if (entry.isFile() && !path.startsWith('wire/generated/'))
      sources.set(path, readFileSync(join(root, path), 'utf8'))
  }
  return sources
}

describe('the sources', () => {
  const sources = readSources()

  test('import from lower ranks and their own folder only', () => {
    expect(sources.size).toBeGreaterThan(30)
    expect(rankFaults(sources)).toEqual([])
  })

  test('have no import cycle', () => {
    expect(importRing(sources)).toEqual([])
  })
})

describe('the check', () => {
  const faults = (file: string, source: string) =>
    rankFaults(
      new Map([
        ['core/errors.ts', ''],
        ['store/reader.ts', ''],
        ['state/jobs.ts', ''],
        ['cli/main.ts', ''],
        [file, source],
      ]),
    )

  test('sees imports, type imports, exports and imports in types', () => {
    const source = `import { a } from './a.ts'
import type { B } from "./b.ts"
import {
  c,
} from './c.ts'
export { d } from './d.ts'
import './e.ts'
const f = await import('./f.ts')
let g: import('./g.ts').G`
    expect(importsOf(source)).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((name) => `./${name}.ts`))
  })

  test('allows lower ranks and the own folder', () => {
    expect(
      faults('store/x.ts', `import '../core/errors.ts'\nimport './reader.ts'\nimport 'node:fs'`),
    ).toEqual([])
  })

  test('refuses an equal rank', () => {
    expect(faults('store/x.ts', `import type { Jobs } from '../state/jobs.ts'`)).toHaveLength(1)
  })

  test('refuses a higher rank', () => {
    expect(faults('core/x.ts', `import '../cli/main.ts'`)).toHaveLength(1)
  })

  test('refuses an unknown folder, and a file in none', () => {
    expect(faults('utils/x.ts', '')).toHaveLength(1)
    expect(faults('x.ts', '')).toHaveLength(1)
  })

  test('refuses an import of what is not in src', () => {
    expect(faults('store/x.ts', `import './gone.ts'`)).toHaveLength(1)
    expect(faults('store/x.ts', `import '../../test/x.ts'`)).toHaveLength(1)
  })

  test.each([
    ['protobufjs/minimal.js', 'wire'],
    ['../wire/generated/messages.js', 'wire'],
    ['libp2p', 'net'],
    ['@libp2p/tcp', 'net'],
    ['@chainsafe/libp2p-noise', 'net'],
    ['@chainsafe/libp2p-yamux', 'net'],
    ['node:sqlite', 'state'],
  ])('lets only one folder import %s: %s', (module, folder) => {
    expect(faults(`${folder}/x.ts`, `import '${module}'`)).toEqual([])
    expect(faults('daemon/x.ts', `import '${module}'`)).toHaveLength(1)
  })

  test('names a ring of imports', () => {
    const sources = new Map([
      ['core/a.ts', `import './b.ts'`],
      ['core/b.ts', `import './c.ts'`],
      ['core/c.ts', `import './b.ts'`],
    ])
    expect(importRing(sources)).toEqual(['core/b.ts', 'core/c.ts', 'core/b.ts'])
  })
})
