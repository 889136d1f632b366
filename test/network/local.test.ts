import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, constants, existsSync, openSync, readFileSync } from 'node:fs'
import { link, lstat, mkdir, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { randomBytes } from '../support/files.ts'
import { createNetwork, type TestServer } from '../support/network.ts'
import { createPair } from '../support/pair.ts'
import { tempDir } from '../support/temp-dir.ts'

// What somebody on the same machine may try, who can use the control socket, or could write to the home before the start.

async function expectRefused(server: TestServer, path: string, says: string, inPlace = false): Promise<void> {
  const error = await server.importImage('stolen', { path, inPlace }).then(
    () => expect.fail(`${path} was imported`),
    (error: unknown) => error as { code: string; message: string; hint?: string },
  )
  expect(error, path).toMatchObject({ code: 'usage' })
  expect(error.message).toContain(says)
  expect((await server.client.images({})).images).toEqual([])
  expect(await server.list('images', 'staging')).toEqual([])
}

describe('no image is made of', () => {
  test('the key and the database, by whatever name they are called', async () => {
    const { server } = await createNetwork(['a'])
    const here = server('a')
    const says = 'it belongs to the state of this server'
    const key = join(here.home, 'state', 'key')
    const directory = await tempDir()
    await symlink(key, join(directory, 'soft'))
    await link(key, join(directory, 'hard'))
    await symlink(join(here.home, 'state'), join(directory, 'state'))
    const file = openSync(key, constants.O_RDONLY)
    onTestFinished(() => closeSync(file))
    const paths = [
      key,
      join(here.home, 'images', '..', 'state', 'key'),
      join(here.home, 'state', 'ingot.db'),
      join(here.home, 'state', 'ingot.db-wal'),
      join(here.home, 'run', 'lock'),
      join(directory, 'soft'),
      join(directory, 'hard'),
      join(directory, 'state', 'key'),
      ...(existsSync('/proc/self/fd') ? [`/proc/self/fd/${file}`] : []),
    ]
    for (const path of paths) await expectRefused(here, path, says)
    await expectRefused(here, key, says, true)
    await here.importImage('other') // what is no secret is taken
  })

  test('a directory in which they are', async () => {
    const { server } = await createNetwork(['a'])
    const here = server('a')
    const says = 'it belongs to the state of this server'
    await expectRefused(here, join(here.home, 'state'), says)
    await expectRefused(here, join(here.home, 'state'), says, true)
    const directory = await tempDir()
    await mkdir(join(directory, 'deep'))
    await link(join(here.home, 'state', 'key'), join(directory, 'deep', 'key'))
    await expectRefused(here, directory, says)
    await expectRefused(here, here.home, 'the images of this server lie in it')
  })

  test.skipIf(!existsSync('/proc/version'))('a file that is made when it is read', async () => {
    const { server } = await createNetwork(['a'])
    for (const path of ['/proc/version', '/proc/self/environ', '/proc/self/maps'])
      await expectRefused(server('a'), path, 'it says that it is empty and is not')
  })

  test('a path that is relative or has a zero in it', async () => {
    const { server } = await createNetwork(['a'])
    for (const path of ['etc/passwd', './key', '../state/key', '/etc/passwd\0.raw', ''])
      await expect(server('a').importImage('x', { path }), path).rejects.toMatchObject({ code: 'usage' })
  })
})

describe('a control socket in whose place there is', () => {
  const cases: [what: string, make: (path: string) => Promise<void>][] = [
    ['a file', async (path) => await writeFile(path, 'something')],
    ['a link to a file of somebody', async (path) => await symlink(join(path, '..', '..', 'target'), path)],
    ['a link to nowhere', async (path) => await symlink('/nonexistent/socket', path)],
    [
      'the socket of another program',
      async (path) => {
        const other = createServer().listen(path)
        await once(other, 'listening')
        onTestFinished(() => void other.close())
      },
    ],
    ['a fifo', async (path) => void execFileSync('mkfifo', [path])],
  ]

  test.each(cases)('%s is made anew, and nothing else is touched', async (_what, make) => {
    const { server } = await createNetwork(['a'])
    const here = server('a')
    await here.stop()
    const target = join(here.home, 'target')
    await writeFile(target, 'mine', { mode: 0o644 })
    const socket = join(here.home, 'run', 'control.sock')
    await make(socket)
    await here.start()
    expect((await here.client.server()).name).toBe('a')
    const found = await lstat(socket)
    expect(found.isSocket()).toBe(true)
    expect((found.mode & 0o777).toString(8)).toBe('600')
    expect(readFileSync(target, 'utf8')).toBe('mine')
    expect(((await stat(target)).mode & 0o777).toString(8)).toBe('644')
  })

  test('a directory keeps the server from starting, with what to do', async () => {
    const { server } = await createNetwork(['a'])
    const here = server('a')
    await here.stop()
    await mkdir(join(here.home, 'run', 'control.sock'))
    await expect(here.start()).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('control.sock is not a socket') as string,
      hint: expect.stringMatching(/\w/) as string,
    })
  })
})

test('a link in the place of the directory of a peer is not followed when images are linked', async () => {
  const { server } = await createPair()
  await server('a').importImage('gold')
  await server('b').subscribeAll('a')
  await server('b').waitImage('a/gold')
  await server('b').stop()
  const elsewhere = await tempDir()
  const place = join(server('b').home, 'images', 'a')
  await rm(place, { recursive: true })
  await symlink(elsewhere, place)
  await expect(server('b').start()).rejects.toMatchObject({
    code: 'conflict',
    message: expect.stringContaining(`${place} is a symbolic link`) as string,
  })
  expect(await readdir(elsewhere)).toEqual([])
  await rm(place)
  await server('b').start()
  expect(await server('b').list('images', 'a')).toEqual(['gold'])
})

test('--preseed with what is no file of an image keeps no job waiting, and nothing of it is taken', async () => {
  const { server } = await createPair()
  const directory = await tempDir()
  execFileSync('mkfifo', [join(directory, 'fifo')])
  await symlink('/dev/zero', join(directory, 'zero'))
  await symlink(join(server('b').home, 'state', 'key'), join(directory, 'key'))
  const source = join(await tempDir(), 'source')
  await symlink(source, join(directory, 'linked'))
  const paths = [
    directory,
    join(directory, 'fifo'),
    join(directory, 'linked'),
    '/dev/zero',
    join(server('b').home, 'state'),
    '/proc/self/mem',
  ]
  for (const [at, preseed] of paths.entries()) {
    await writeFile(source, randomBytes(1_500_000, preseed)) // the image itself, behind the link
    await server('a').importImage(`gold-${at}`, { path: source })
    await server('b').subscribe('a', { kind: 'image', image: `gold-${at}` }, { preseed })
    await server('b').waitImage(`a/gold-${at}`)
    expect(await server('b').job(`a/gold-${at}`), preseed).toMatchObject({ state: 'DONE', bytesLocal: 0 })
  }
})
