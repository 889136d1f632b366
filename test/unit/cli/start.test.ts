import { readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { expect, it } from 'vitest'

const root = join(import.meta.dirname, '../../../src')

/** Files of src and packages that are loaded before a command does anything: what is imported statically, types apart. */
function loaded(file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file)) return seen
  seen.add(file)
  const statements = readFileSync(join(root, file), 'utf8').matchAll(
    /^(?:import|export) (?!type )[^'"]*?from '([^']+)'/gm,
  )
  for (const [, specifier = ''] of statements) {
    if (specifier.startsWith('.')) loaded(relative(root, resolve(root, dirname(file), specifier)), seen)
    else seen.add(specifier)
  }
  return seen
}

it('a command starts without the server, the database, the network and the cryptography', () => {
  const all = [...loaded('cli/main.ts')].filter((each) => !/^(cli|core)\/|^node:/.test(each))
  expect(all.sort()).toEqual([
    'commander',
    'control/client.ts',
    'control/connection.ts',
    'image/damage.ts',
    'image/digest.ts',
    'image/states.ts',
    'state/job.ts',
  ])
})
