import { execFileSync } from 'node:child_process'
import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { defaultLimits } from '../../../src/core/limits.ts'
import { loadConfig, type Config } from '../../../src/daemon/config.ts'
import { tempDir } from '../../support/temp-dir.ts'

async function configured(toml: string | Uint8Array): Promise<{ home: string; load: () => Promise<Config> }> {
  const home = await tempDir()
  await writeFile(join(home, 'ingot.toml'), toml, { mode: 0o644 })
  return { home, load: async () => await loadConfig({ home }) }
}

async function expectUsage(work: Promise<unknown>, ...says: string[]): Promise<void> {
  const error = await work.then(
    () => expect.fail('it was taken'),
    (error: unknown) => error as { code: string; message: string },
  )
  expect(error.code).toBe('usage')
  for (const text of says) expect(error.message).toContain(text)
}

describe('the configuration is not read from', () => {
  test('a fifo, which would keep the start waiting', async () => {
    const home = await tempDir()
    execFileSync('mkfifo', [join(home, 'ingot.toml')])
    await expectUsage(loadConfig({ home }), 'ingot.toml', 'is not a regular file')
  })

  test.each(['/dev/zero', '/dev/null', '/dev'])('%s', async (config) => {
    await expectUsage(loadConfig({ home: await tempDir(), config }), config, 'is not a regular file')
  })

  test('a file without end', async () => {
    const { load } = await configured(Buffer.alloc(defaultLimits.configBytes + 1, '# comment\n'))
    await expectUsage(load(), `is larger than ${defaultLimits.configBytes} bytes`)
  })

  test('a file to which all may write', async () => {
    const { home, load } = await configured('logLevel = "info"')
    await chmod(join(home, 'ingot.toml'), 0o666)
    await expectUsage(load(), 'can be written by all (mode 666)')
  })

  test('a link to nowhere, but for the one that may be absent', async () => {
    const home = await tempDir()
    await symlink('/nonexistent/file', join(home, 'ingot.toml'))
    expect((await loadConfig({ home })).name).toBeUndefined()
    await expectUsage(loadConfig({ home, config: join(home, 'ingot.toml') }), 'cannot read the configuration')
  })
})

describe('a value of the configuration that is meant to be more than one', () => {
  const cases: [what: string, toml: string, says: string][] = [
    ['a name with an escape', String.raw`name = "a\u001b[2Jb"`, 'is not valid'],
    ['a name of two lines', 'name = """a\nb"""', 'is not valid'],
    ['images with an escape', String.raw`images = "a\u001b[2Jb"`, 'control characters'],
    ['images with a zero', String.raw`images = "a\u0000b"`, 'control characters'],
    ['images that turn the text', String.raw`images = "a\u202eb"`, 'control characters'],
    ['an address with a newline', String.raw`listen = ["/ip4/127.0.0.1/tcp/1\n"]`, 'is not an address'],
    ['__proto__ as a key', '__proto__ = { logLevel = "silent" }', 'not'],
    ['__proto__ as a table', '[__proto__]\nlogLevel = "silent"', 'not'],
    ['__proto__ among the limits', '[limits.__proto__]\njobsRunning = 1', 'not'],
    ['constructor as a key', '[constructor.prototype]\nlogLevel = "silent"', 'is not a key that ingot knows'],
    ['a key twice', 'name = "a"\nname = "b"', 'is not TOML'],
    ['a limit without end', '[limits]\njobsRunning = inf', 'limits.jobsRunning'],
    ['a limit that is none', '[limits]\nfreeSpaceFloor = nan', 'limits.freeSpaceFloor'],
    ['a limit beyond what counts exactly', '[limits]\nimageBytes = 9223372036854775807', 'is not TOML'],
    ['a date as a name', 'name = 2026-01-01', 'name'],
  ]

  test.each(cases)('%s', async (_what, toml, says) => {
    const { load } = await configured(toml)
    await expectUsage(load(), says)
    expect(({} as Record<string, unknown>)['logLevel']).toBeUndefined()
    expect(({} as Record<string, unknown>)['jobsRunning']).toBeUndefined()
  })
})

test('a path of the configuration starts from the home, and of the command line wins', async () => {
  const { home, load } = await configured('images = "../pictures"')
  expect((await load()).images).toBe(join(home, '..', 'pictures'))
  await mkdir(join(home, 'x'))
  expect((await loadConfig({ home, images: '/srv/images' })).images).toBe('/srv/images')
})
