import { homePaths } from '../../../src/core/home-paths.ts'
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { absolutePath, clientHome, daemonHome, type HomePlaces } from '../../../src/cli/home.ts'

let directory: string
let places: HomePlaces

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'ingot-home-'))
  places = {
    option: undefined,
    environment: undefined,
    system: join(directory, 'system'),
    user: join(directory, 'user'),
    cwd: '/srv/here',
  }
})

afterEach(async () => {
  await rm(directory, { recursive: true })
})

const userHome = () => join(directory, 'user/.local/share/ingot')

describe.each([
  ['client', clientHome],
  ['daemon', daemonHome],
])('home of the %s', (_, home) => {
  it('is --home, made absolute, before all else', () => {
    expect(home({ ...places, option: 'a', environment: '/b' })).toBe('/srv/here/a')
  })

  it('is $INGOT_HOME, made absolute, unless that is empty', () => {
    expect(home({ ...places, environment: '../b' })).toBe('/srv/b')
    expect(home({ ...places, environment: '' })).toBe(userHome())
  })

  it('is that of the user where the system has none', () => {
    expect(home(places)).toBe(userHome())
  })

  it('is not empty', () => {
    expect(() => home({ ...places, option: '' })).toThrow('--home is empty')
  })
})

it('a client takes the home of the system only with its socket', async () => {
  await mkdir(join(places.system, 'run'), { recursive: true })
  expect(clientHome(places)).toBe(userHome())
  await writeFile(homePaths(places.system).socket, '')
  expect(clientHome(places)).toBe(places.system)
})

it('a daemon takes the home of the system when it can be written', async () => {
  await mkdir(places.system)
  expect(daemonHome(places)).toBe(places.system)
})

it.skipIf(process.getuid?.() === 0)('a daemon leaves a home that it cannot write', async () => {
  await mkdir(places.system)
  await chmod(places.system, 0o500)
  expect(daemonHome(places)).toBe(userHome())
})

it('paths are made absolute', () => {
  expect(absolutePath('x/../y', '/a', '--path')).toBe('/a/y')
  expect(() => absolutePath('', '/a', '--path')).toThrow(expect.objectContaining({ code: 'usage' }))
})
