import { once } from 'node:events'
import { chmod, mkdir, stat, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, test } from 'vitest'
import { cli } from '../support/cli.ts'
import { testBed, type Bed, type Daemon } from '../support/daemon.ts'
import { writeRandomFile } from '../support/files.ts'

/** Runs a daemon that cannot start; what is left of its home can be looked at. */
async function expectNoStart(daemon: Daemon, exit: number, ...says: string[]): Promise<void> {
  const child = await daemon.launch()
  const { code, stdout, stderr } = await child.ended
  expect({ code, stdout }, stderr).toEqual({ code: exit, stdout: '' })
  for (const text of says) expect(stderr).toContain(text)
  expect(stderr).not.toContain('    at ') // no stack
}

/** A server that does not run yet, with this configuration file. */
async function configured(bed: Bed, toml: string): Promise<Daemon> {
  const daemon = bed.daemon('hq')
  await mkdir(daemon.home, { recursive: true, mode: 0o755 })
  await writeFile(join(daemon.home, 'ingot.toml'), toml)
  return daemon
}

describe('a configuration that is not right stops the start with 2 and names the key', () => {
  const cases: { what: string; toml: string; says: string[] }[] = [
    { what: 'an unknown key', toml: 'colour = "red"', says: ['colour is not a key that ingot knows'] },
    { what: 'an unknown limit', toml: '[limits]\njobs = 4', says: ['limits.jobs is not a key'] },
    { what: 'a name that is a number', toml: 'name = 4', says: ['name', 'string'] },
    { what: 'a name that is none', toml: 'name = "a/b"', says: ['server name "a/b" is not valid'] },
    { what: 'listen that is no list', toml: 'listen = "/ip4/0.0.0.0/tcp/0"', says: ['listen', 'array'] },
    {
      what: 'a limit that is text',
      toml: '[limits]\njobsRunning = "4"',
      says: ['limits.jobsRunning', 'integer'],
    },
    { what: 'a limit out of range', toml: '[limits]\nimports = 0', says: ['limits.imports', '1'] },
    { what: 'a log level that is none', toml: 'logLevel = "loud"', says: ['logLevel'] },
    { what: 'what is not TOML', toml: 'name = ', says: ['is not TOML'] },
  ]

  test.each(cases)('$what', async ({ toml, says }) => {
    const bed = await testBed()
    const daemon = await configured(bed, toml)
    const { code, stdout, stderr } = await cli(['--home', daemon.home, 'daemon', '--json'])
    expect({ code, stdout }, stderr).toEqual({ code: 2, stdout: '' })
    const { error } = JSON.parse(stderr) as { error: { code: string; message: string } }
    expect(error.code).toBe('usage')
    for (const text of says) expect(error.message).toContain(text)
    await expect(stat(join(daemon.home, 'state'))).rejects.toThrow('ENOENT') // nothing was begun
  })

  test.each(['127.0.0.1:4160', '/ip4/127.0.0.1/udp/4160', '/ip4/300.0.0.1/tcp/1', '/unix/tmp/x'])(
    'the address %s',
    async (address) => {
      const bed = await testBed()
      for (const toml of [`listen = ["${address}"]`, `advertise = ["${address}"]`]) {
        const daemon = await configured(bed, toml)
        const { code, stderr } = await cli(['--home', daemon.home, 'daemon'])
        expect(code).toBe(2)
        expect(stderr).toContain(address)
        expect(stderr).toContain('/ip4/ADDRESS/tcp/PORT') // what to write instead
      }
    },
  )

  test('a group that is not there', async () => {
    const bed = await testBed()
    await expectNoStart(await configured(bed, 'imagesGroup = "no-such"'), 2, 'imagesGroup', 'no-such')
  })

  test('a file of --config that is not there', async () => {
    const bed = await testBed()
    const { code, stderr } = await cli(['daemon', '--config', bed.file('missing.toml')])
    expect(code).toBe(2)
    expect(stderr).toContain(bed.file('missing.toml'))
  })
})

async function modeOf(path: string): Promise<string> {
  return ((await stat(path)).mode & 0o7777).toString(8)
}

test('keys, memory and sockets are for the daemon alone, images for its group; also in a home that was wider open', async () => {
  const bed = await testBed()
  const hq = bed.daemon('hq')
  for (const name of ['state', 'run', 'images'])
    await mkdir(join(hq.home, name), { recursive: true, mode: 0o755 })
  for (const name of ['state', 'run', 'images']) await chmod(join(hq.home, name), 0o777)
  await hq.start()
  const path = bed.file('source')
  await writeRandomFile(path, 100_000, 'source')
  await hq.done('import', 'image', '--image', 'gold', '--path', path)

  const at = (...parts: string[]) => join(hq.home, ...parts)
  expect(await modeOf(at('state'))).toBe('700')
  expect(await modeOf(at('state', 'key'))).toBe('600')
  expect(await modeOf(at('run'))).toBe('700')
  expect(await modeOf(at('run', 'control.sock'))).toBe('600')
  expect(await modeOf(at('run', 'holder.json'))).toBe('600')
  expect(await modeOf(at('images'))).toBe('750')
  expect(await modeOf(at('images', 'staging'))).toBe('700')
  expect(await modeOf(at('images', 'own', 'gold'))).toBe('444')
  // The directory keeps others out of the database, however SQLite made its files.
  await hq.terminate()
  expect(await modeOf(at('state'))).toBe('700')
})

test('a key that others can read is refused, with what to do', async () => {
  const bed = await testBed()
  const hq = await bed.start('hq')
  await hq.terminate()
  const key = join(hq.home, 'state', 'key')
  for (const mode of [0o640, 0o604]) {
    await chmod(key, mode)
    await expectNoStart(hq, 5, key, 'can be read by others', `chmod 600 ${key}`)
  }
  await chmod(key, 0o600)
  await hq.start()
})

test('a key that is damaged is refused and never replaced', async () => {
  const bed = await testBed()
  const hq = await bed.start('hq')
  await hq.terminate()
  const key = join(hq.home, 'state', 'key')
  await writeFile(key, 'not a key')
  await expectNoStart(hq, 1, key, 'is damaged', 'restore it from a backup')
  expect((await stat(key)).size).toBe('not a key'.length)
})

test('a port that is taken is told, with its address, and the home is free again', async () => {
  const bed = await testBed()
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  const listen = `/ip4/127.0.0.1/tcp/${(other.address() as AddressInfo).port}`
  const hq = bed.daemon('hq', { listen })
  await expectNoStart(hq, 5, `cannot listen on ${listen}`, 'choose another with --listen')
  other.close()
  await once(other, 'close')
  await hq.start()
})

test('a database of a newer version is refused and stays as it is', async () => {
  const bed = await testBed()
  const hq = await bed.start('hq')
  await hq.terminate()
  const path = join(hq.home, 'state', 'ingot.db')
  const withDatabase = <T>(work: (db: DatabaseSync) => T): T => {
    const db = new DatabaseSync(path)
    try {
      return work(db)
    } finally {
      db.close()
    }
  }
  const version = () =>
    withDatabase((db) => db.prepare('PRAGMA user_version').get()?.['user_version'] as number)
  const known = version()
  withDatabase((db) => db.exec('PRAGMA user_version = 9999'))
  await expectNoStart(hq, 5, path, 'version 9999', `up to ${known}`, 'run the newer ingot')
  expect(version()).toBe(9999)
  withDatabase((db) => db.exec(`PRAGMA user_version = ${known}`))
  await hq.start()
})

test('a file that is no database is told as such', async () => {
  const bed = await testBed()
  const hq = await bed.start('hq')
  await hq.terminate()
  const path = join(hq.home, 'state', 'ingot.db')
  await writeFile(path, 'this is no database, but it is long enough to be looked at as one'.repeat(100))
  await expectNoStart(hq, 1, path)
})

test('a home whose path is too long for a socket is refused', async () => {
  const bed = await testBed()
  await expectNoStart(bed.daemon('x'.repeat(100)), 2, 'too long a path', '--home')
})
