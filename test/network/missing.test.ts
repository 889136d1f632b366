import { readFileSync, renameSync, rmSync } from 'node:fs'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { sha256OfFile } from '../support/files.ts'
import { createNetwork, type TestServer } from '../support/network.ts'
import { inStateOf } from '../support/state.ts'
import { tempDir } from '../support/temp-dir.ts'
import { describeTree, makeTree } from '../support/trees.ts'
import { waitFor } from '../support/wait-for.ts'

// Contents that are gone when a server starts: removed by hand, or since the backup that was put back.

const limits = { repairRetryMinMs: 50, repairRetryMaxMs: 200 }

async function statusOf(server: TestServer, image: string): Promise<string | undefined> {
  return (await server.client.images({ image })).images[0]?.status
}

const call = { signal: new AbortController().signal, onProgress: () => {} }

/** The directory of a content, by the path of its image. */
const contentOf = (path: string | null) => dirname(path as string)

test('a replica whose content is gone is damaged from the start on, and comes again by itself; an own one is told of', async () => {
  const { server, peer } = await createNetwork(['a', 'b'], limits)
  await peer('a', 'b')
  const [a, b] = [server('a'), server('b')]
  const source = join(await tempDir(), 'tree')
  await makeTree(source)
  await a.importImage('gold', { length: 5_000_000 })
  await a.importImage('home', { path: source })
  await b.subscribeAll('a')
  const gold = await b.waitImage('a/gold')
  const home = await b.waitImage('a/home')
  await waitFor(async () => (await b.client.images({ image: 'a/gold' })).images[0]?.sha256Checked === true, {
    what: 'the flat digest',
  })
  const before = describeTree(home.path as string)
  const mine = await b.importImage('mine')
  await b.importImage('other')
  await b.stop()
  for (const { path } of [gold, home]) rmSync(contentOf(path), { recursive: true })
  const away = join(await tempDir(), 'away')
  renameSync(contentOf(mine.path), away)
  await b.start()
  expect(await statusOf(b, 'mine')).toBe('damaged')
  expect(await statusOf(b, 'other')).toBe('enabled')
  await waitFor(
    async () => (await statusOf(b, 'a/gold')) === 'enabled' && (await statusOf(b, 'a/home')) === 'enabled',
    { what: 'the repair', timeoutMs: 20_000, dump: async () => await b.client.images({}) },
  )
  expect(await sha256OfFile(join(b.home, 'images', 'a', 'gold'))).toBe(gold.sha256)
  expect(describeTree(home.path as string)).toEqual(before)
  // One that is back at its place needs nobody.
  await b.stop()
  renameSync(away, contentOf(mine.path))
  await b.start()
  await waitFor(async () => (await statusOf(b, 'mine')) === 'enabled', {
    what: 'the own one',
    timeoutMs: 20_000,
  })
  const { audit } = await b.client.audit({ operation: 'verify image' })
  const missed = audit.filter(({ outcome }) => outcome.includes('missing'))
  expect(missed.map(({ subject, outcome }) => `${subject}: ${outcome}`).toSorted()).toEqual([
    './mine: 5 leaves are wrong; the file is missing',
    'a/gold: 77 leaves are wrong; the file is missing',
    'a/home: the tree is missing',
  ])
})

test('a server whose disk is not mounted does not start; over a new one that is meant, its replicas come again', async () => {
  const { server, peer } = await createNetwork(['a', 'b'], limits)
  await peer('a', 'b')
  const [a, b] = [server('a'), server('b')]
  const gold = await a.importImage('gold')
  const silver = await a.importImage('silver')
  await b.subscribeAll('a')
  await b.waitImage('a/gold')
  await b.waitImage('a/silver')
  const mine = await b.importImage('mine')
  const source = join(await tempDir(), 'tree')
  await makeTree(source)
  const { path: tree } = await b.importImage('home', { path: source, imageType: 'SOFTWARE' })
  const before = describeTree(tree as string)
  await b.stop()
  const [images, away] = [join(b.home, 'images'), join(b.home, 'away')]
  renameSync(images, away)
  await mkdir(images)
  const mark = join(images, '.ingot-images')
  await expect(b.start()).rejects.toMatchObject({
    code: 'conflict',
    message: expect.stringContaining(`do not lie in ${images}`) as string,
    hint: expect.stringContaining(`touch ${mark}`) as string,
  })
  expect(await readdir(images)).toEqual([])
  // Also when it is a version that made no mark which recorded the images.
  const forget = () => inStateOf(b, ({ settings }) => settings.remove('images-marked'))
  forget()
  await expect(b.start()).rejects.toMatchObject({ code: 'conflict' })
  // The disk is back: nothing was taken for lost.
  rmSync(images, { recursive: true })
  renameSync(away, images)
  rmSync(mark)
  await b.start()
  expect(readFileSync(mark, 'utf8').trim()).toBe((await b.client.server()).peerId)
  expect((await b.client.status()).images.damaged).toBe(0)
  // It goes for good, while the server runs.
  renameSync(images, away)
  const { checks } = await b.client.doctor()
  expect(checks.find(({ check }) => check === 'home')).toMatchObject({
    result: 'failure',
    advice: expect.stringContaining('mount') as string,
  })
  await b.stop()
  await mkdir(images, { recursive: true })
  await writeFile(mark, '')
  await b.start()
  expect(await statusOf(b, 'mine')).toBe('damaged')
  for (const [name, { sha256 }] of Object.entries({ gold, silver })) {
    await waitFor(async () => (await statusOf(b, `a/${name}`)) === 'enabled', {
      what: name,
      timeoutMs: 20_000,
    })
    expect(await sha256OfFile(join(b.home, 'images', 'a', name))).toBe(sha256)
  }
  // Its link there leads to a copy.
  await b.client.verifyImage({ image: 'mine', repair: true, path: join(away, 'own', 'mine') }, call)
  expect(await sha256OfFile(join(b.home, 'images', 'own', 'mine'))).toBe(mine.sha256)
  // Of a tree no index is left: the import of the same one brings it.
  await expect(
    b.client.verifyImage({ image: 'home', repair: true, path: source }, call),
  ).rejects.toMatchObject({ message: expect.stringContaining('no peer is there to tell it') as string })
  await b.importImage('again', { path: source, imageType: 'SOFTWARE' })
  expect(await statusOf(b, 'home')).toBe('enabled')
  expect(describeTree(tree as string)).toEqual(before)
})
