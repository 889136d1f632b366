import { once } from 'node:events'
import { existsSync, readFileSync, statSync, truncateSync } from 'node:fs'
import { chmod, chown, lchown, mkdir, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { homePaths } from '../../../src/core/home-paths.ts'
import { prepareHome, prepareImages } from '../../../src/daemon/home.ts'
import { loadIdentity } from '../../../src/daemon/identity.ts'
import { tempDir } from '../../support/temp-dir.ts'

const NOBODY = 65_534
const isRoot = process.geteuid?.() === 0

const modeOf = (path: string): string => (statSync(path).mode & 0o7777).toString(8)

const SELF = '12D3KooWSelf'

async function prepare(
  home: string,
  images = join(home, 'images'),
  { selfId = SELF, hasMarked = false } = {},
): Promise<void> {
  await prepareHome(home, { images, socketGroup: undefined })
  await prepareImages(images, { selfId, hasMarked, group: undefined })
}

/** It is refused with what is wrong and what to do. */
async function expectRefusal(work: Promise<unknown>, ...says: string[]): Promise<void> {
  const error = await work.then(
    () => expect.fail('it was taken'),
    (error: unknown) => error as { code: string; message: string; hint: string },
  )
  expect(error).toMatchObject({ code: 'conflict', hint: expect.stringMatching(/\w/) as string })
  for (const text of says) expect(`${error.message} ${error.hint}`).toContain(text)
}

/** A home in which a daemon ran: with a key and a database. */
async function usedHome(): Promise<string> {
  const home = join(await tempDir(), 'home')
  await prepare(home)
  const paths = homePaths(home)
  await loadIdentity(paths.key, false)
  await writeFile(paths.database, 'database', { mode: 0o600 })
  return home
}

describe('the home', () => {
  test('is made with its modes, and is taken again as it is', async () => {
    const home = await usedHome()
    await prepare(home)
    const paths = homePaths(home)
    expect(
      [home, paths.state, paths.run, paths.preseed, join(home, 'images', 'staging')].map(modeOf),
    ).toEqual(['755', '700', '700', '700', '700'])
  })

  test('may be a link of this user, or of root', async () => {
    const home = await usedHome()
    const link = join(await tempDir(), 'link')
    await symlink(home, link)
    await prepare(link)
  })

  test('that is a link to nowhere is refused', async () => {
    const link = join(await tempDir(), 'link')
    await symlink('/nonexistent/home', link)
    await expectRefusal(prepare(link), link, 'leads nowhere')
  })

  test('says whose images lie in it, and is that of no other server', async () => {
    const images = join(await tempDir(), 'images')
    const home = join(await tempDir(), 'home')
    await prepare(home, images)
    const mark = join(images, '.ingot-images')
    expect(readFileSync(mark, 'utf8')).toBe(`${SELF}\n`)
    await prepare(home, images, { hasMarked: true })
    await chmod(images, 0o700)
    await expectRefusal(
      prepare(join(await tempDir(), 'other'), images, { selfId: '12D3KooWOther' }),
      `the images of another server lie in ${images}`,
      SELF,
      `truncate -s 0 ${mark}`,
    )
    expect(modeOf(images)).toBe('700')
    truncateSync(mark)
    await prepare(join(await tempDir(), 'other'), images, { selfId: '12D3KooWOther' })
    expect(readFileSync(mark, 'utf8')).toBe('12D3KooWOther\n')
  })

  test('in which its images lay before and do not now is refused, until an operator says that it is meant', async () => {
    const images = join(await tempDir(), 'mount point')
    const home = join(await tempDir(), 'home')
    await mkdir(images)
    const again = async () => await prepare(home, images, { hasMarked: true })
    const mark = join(images, '.ingot-images')
    await expectRefusal(again(), `do not lie in ${images}`, 'mount their disk', `touch ${mark}`)
    expect(await readdir(images)).toEqual([])
    await writeFile(mark, '')
    await again()
    expect(readFileSync(mark, 'utf8')).toBe(`${SELF}\n`)
  })

  test('with a mark that is a link, or none, is refused', async () => {
    const images = join(await tempDir(), 'images')
    const home = join(await tempDir(), 'home')
    await prepare(home, images)
    const mark = join(images, '.ingot-images')
    await writeFile(mark, 'x'.repeat(5_000))
    await expectRefusal(prepare(home, images), 'no peer id')
    await rm(mark)
    await symlink('/dev/zero', mark)
    await expectRefusal(prepare(home, images), `${mark} is a symbolic link`)
  })

  test('that is a file is refused', async () => {
    const home = join(await tempDir(), 'home')
    await writeFile(home, '')
    await expectRefusal(prepare(home), `${home} is not a directory`)
  })

  test.each(['777', '775', '757', '1777'])(
    'that others can write to (mode %s) is refused, and nothing is made in it',
    async (mode) => {
      const home = join(await tempDir(), 'home')
      await mkdir(home)
      await chmod(home, Number.parseInt(mode, 8))
      await expectRefusal(prepare(home), home, 'can be written by others', `chmod go-w ${home}`)
      expect(await readdir(home)).toEqual([])
      expect(modeOf(home)).toBe(mode)
    },
  )

  test('below a directory in which all may rename it is refused; one like /tmp is none', async () => {
    const parent = join(await tempDir(), 'parent')
    await mkdir(parent)
    const home = join(parent, 'deep', 'home')
    await chmod(parent, 0o777)
    await expectRefusal(prepare(home), parent, 'can be written by all', home)
    expect(await readdir(parent)).toEqual([])
    await chmod(parent, 0o1777)
    await prepare(home)
    // By way of a link too: whoever can rename what it leads through has the home.
    const link = join(await tempDir(), 'link')
    await symlink(home, link)
    await chmod(parent, 0o777)
    await expectRefusal(prepare(link), parent)
  })

  test.skipIf(!isRoot)('that belongs to another user, or is the link of one, is refused', async () => {
    const home = await usedHome()
    const link = join(await tempDir(), 'link')
    await symlink(home, link)
    await lchown(link, NOBODY, NOBODY)
    await expectRefusal(prepare(link), link, `belongs to uid ${NOBODY}`)
    await chown(home, NOBODY, NOBODY)
    await expectRefusal(prepare(home), home, `belongs to uid ${NOBODY}`)
  })
})

describe('in the home', () => {
  test.each(['state', 'run', 'preseed'])(
    '%s that is a link is refused, and what it leads to is let alone',
    async (name) => {
      const home = join(await tempDir(), 'home')
      const elsewhere = await tempDir()
      await chmod(elsewhere, 0o755)
      await mkdir(home)
      await symlink(elsewhere, join(home, name))
      await expectRefusal(prepare(home), join(home, name), 'is a symbolic link')
      expect(modeOf(elsewhere)).toBe('755')
      expect(await readdir(elsewhere)).toEqual([])
    },
  )

  test.each([
    'state/key',
    'state/ingot.db',
    'state/ingot.db-wal',
    'state/ingot.db-shm',
    'run/lock',
    'run/holder.json',
  ])('%s that is a link is refused, and what it leads to is let alone', async (name) => {
    const home = join(await tempDir(), 'home')
    await prepare(home)
    const target = join(await tempDir(), 'target')
    await symlink(target, join(home, name))
    await expectRefusal(prepare(home), join(home, name), 'is a symbolic link')
    expect(existsSync(target)).toBe(false)
  })

  test('what is of another kind is refused', async () => {
    const home = join(await tempDir(), 'home')
    await prepare(home)
    const paths = homePaths(home)
    await mkdir(paths.key)
    await expectRefusal(prepare(home), `${paths.key} is not a regular file`)
    await mkdir(join(home, 'other', 'run', 'control.sock'), { recursive: true })
    await expectRefusal(prepare(join(home, 'other')), 'control.sock is not a socket')
    await mkdir(join(home, 'third'))
    await writeFile(join(home, 'third', 'state'), '')
    await expectRefusal(prepare(join(home, 'third')), 'state is not a directory')
  })

  test('a state that others can write to is refused once it holds a key, and put right before', async () => {
    const home = await usedHome()
    const { state } = homePaths(home)
    await chmod(state, 0o777)
    await expectRefusal(prepare(home), `chmod go-w ${state}`, 'they could replace the key')
    expect(modeOf(state)).toBe('777')
    const fresh = join(await tempDir(), 'home')
    await mkdir(join(fresh, 'state'), { recursive: true })
    await chmod(join(fresh, 'state'), 0o777)
    await prepare(fresh)
    expect(modeOf(join(fresh, 'state'))).toBe('700')
  })

  test.skipIf(!isRoot).each(['state', 'run', 'state/key', 'state/ingot.db'])(
    '%s of another user is refused',
    async (name) => {
      const home = await usedHome()
      await chown(join(home, name), NOBODY, NOBODY)
      await expectRefusal(prepare(home), join(home, name), `belongs to uid ${NOBODY}`)
    },
  )
})

describe('the images directory', () => {
  test('may be a link', async () => {
    const home = join(await tempDir(), 'home')
    const elsewhere = join(await tempDir(), 'images')
    await mkdir(elsewhere)
    await mkdir(home)
    await symlink(elsewhere, join(home, 'images'))
    await prepare(home)
    expect(modeOf(elsewhere)).toBe('750')
    expect((await readdir(elsewhere)).toSorted()).toEqual([
      '.ingot-images',
      'content',
      'own',
      'patches',
      'staging',
    ])
  })

  test.each(['content', 'staging', 'patches', 'own'])('with %s as a link is refused', async (name) => {
    const home = join(await tempDir(), 'home')
    const elsewhere = await tempDir()
    await mkdir(join(home, 'images'), { recursive: true })
    await symlink(elsewhere, join(home, 'images', name))
    await expectRefusal(prepare(home), join(home, 'images', name), 'is a symbolic link')
  })

  test('that has other things in it is refused, and keeps its mode', async () => {
    const home = join(await tempDir(), 'home')
    const images = join(await tempDir(), 'srv')
    await mkdir(images)
    await chmod(images, 0o755)
    await writeFile(join(images, 'somebody.txt'), '')
    await expectRefusal(prepare(home, images), 'was not made by ingot', 'somebody.txt')
    expect(modeOf(images)).toBe('755')
    expect(await readdir(images)).toEqual(['somebody.txt'])
  })

  test('takes a new disk, which has lost+found', async () => {
    const images = join(await tempDir(), 'disk')
    await mkdir(join(images, 'lost+found'), { recursive: true })
    await prepare(join(await tempDir(), 'home'), images)
  })

  test('that is the home, lies above it, or in what is private is refused', async () => {
    const root = await tempDir()
    const home = join(root, 'home')
    await prepare(home)
    for (const images of [home, root, join(home, 'state'), join(home, 'state', 'images'), join(home, 'run')])
      await expectRefusal(prepare(home, images), images, 'is no place for images')
    const link = join(root, 'link')
    await symlink(join(home, 'state'), link)
    await expectRefusal(prepare(home, link), 'is no place for images')
    expect(modeOf(join(home, 'state'))).toBe('700')
  })

  test('that is a file is refused', async () => {
    const images = join(await tempDir(), 'file')
    await writeFile(images, '')
    await expectRefusal(prepare(join(await tempDir(), 'home'), images), `${images} is not a directory`)
  })
})

describe('the key', () => {
  test('that is missing beside a database is not made anew', async () => {
    const { key } = homePaths(await usedHome())
    const other = join(await tempDir(), 'key')
    await expectRefusal(
      loadIdentity(other, true),
      `the key ${other} is missing`,
      'restore the key from a backup',
    )
    expect(existsSync(other)).toBe(false)
    await loadIdentity(key, true)
  })

  test('is read by its size at most', async () => {
    const key = join(await tempDir(), 'key')
    await writeFile(key, Buffer.alloc(5_000), { mode: 0o600 })
    await expect(loadIdentity(key, false)).rejects.toMatchObject({
      code: 'invalid',
      message: expect.stringContaining('is damaged') as string,
    })
  })
})

test('a path that a socket cannot have is refused before anything is made', async () => {
  const home = join(await tempDir(), 'x'.repeat(100))
  await expect(prepare(home)).rejects.toMatchObject({ code: 'usage' })
  expect(existsSync(home)).toBe(false)
})

test('a socket of another program in the place of a directory is refused', async () => {
  const home = join(await tempDir(), 'home')
  await mkdir(home)
  const server = createServer().listen(join(home, 'state'))
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  await expectRefusal(prepare(home), 'state is not a directory')
})
