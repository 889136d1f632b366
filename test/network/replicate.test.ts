import { readFile, readlink, realpath, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { sha256OfFile, writeSparseFile } from '../support/files.ts'
import { createNetwork } from '../support/network.ts'
import { tempDir } from '../support/temp-dir.ts'
import { waitFor } from '../support/wait-for.ts'

const MiB = 1024 * 1024

test('an image made on one server arrives verified and enabled on its subscribed peer', async () => {
  const { server, peer } = await createNetwork(['a', 'b'])
  await peer('a', 'b')
  await server('b').subscribeAll('a')
  const made = await server('a').importImage('gold-1', { length: 9 * MiB + 17 })
  const here = await server('b').waitImage('a/gold-1')
  expect(here).toMatchObject({ id: made.id, ref: 'a/gold-1', origin: 'a', local: false, status: 'enabled' })
  expect(await sha256OfFile(here.path as string)).toBe(made.sha256)
  expect(await realpath(here.link as string)).toBe(here.path)
  expect((await stat(here.path as string)).mode & 0o777).toBe(0o444)
  expect(await server('b').list('images', 'staging')).toEqual([])
  const job = await server('b').waitJob('a/gold-1', ({ state }) => state === 'DONE')
  expect(job).toMatchObject({ bytesTotal: made.size, bytesDone: made.size, error: null })
  expect(job.bytesWire).toBeGreaterThanOrEqual(made.size)
})

test('the origin learns from a receipt that the image is enabled', async () => {
  const { server, peer } = await createNetwork(['a', 'b'])
  await peer('a', 'b')
  await server('b').subscribeAll('a')
  await server('a').importImage('gold-1')
  await waitFor(
    async () => {
      const { images } = await server('a').client.images({ image: './gold-1', holders: true })
      return images[0]?.holders?.some((holder) => holder.peer === 'b' && holder.state === 'enabled')
    },
    { what: 'the receipt of b' },
  )
})

test('images that were there before the subscription are taken too', async () => {
  const { server, peer } = await createNetwork(['a', 'b'])
  await server('a').importImage('old-1')
  await server('a').importImage('old-2')
  await peer('a', 'b')
  const plan = await server('b').client.subscribe({ server: 'a', selector: { kind: 'all' }, dryRun: true })
  expect(plan).toMatchObject({ dryRun: true, bytesToMove: 600_000, exact: false, diskNeeded: 600_000 })
  expect((await server('b').client.subscriptions({})).subscriptions).toEqual([])
  await server('b').subscribeAll('a')
  await server('b').waitImage('a/old-1')
  await server('b').waitImage('a/old-2')
})

test('zero leaves do not travel and become holes', async () => {
  const { server, peer } = await createNetwork(['a', 'b'])
  const path = join(await tempDir(), 'sparse')
  await writeSparseFile(path, 200 * MiB + 5, [
    { at: 0, length: 100_000, seed: 'head' },
    { at: 77 * MiB + 3, length: MiB, seed: 'middle' },
  ])
  await peer('a', 'b')
  await server('b').subscribeAll('a')
  const made = await server('a').importImage('sparse', { path })
  const here = await server('b').waitImage('a/sparse')
  expect(await sha256OfFile(here.path as string)).toBe(made.sha256)
  for (const image of [made, here]) {
    const { blocks, size } = await stat(image.path as string)
    expect(size).toBe(200 * MiB + 5)
    expect(blocks * 512).toBeLessThan(2 * MiB)
  }
  const job = await server('b').waitJob('a/sparse', ({ state }) => state === 'DONE')
  expect(job.bytesWire).toBeLessThan(2 * MiB)
})

test('what compresses travels compressed, what does not travels as it is', async () => {
  const { server, peer } = await createNetwork(['a', 'b'])
  await peer('a', 'b')
  await server('b').subscribeAll('a')
  const path = join(await tempDir(), 'text')
  await writeFile(path, 'many lines that are nearly the same\n'.repeat(100_000))
  const text = await server('a').importImage('text', { path })
  await server('a').importImage('noise', { length: 3 * MiB })
  expect(await sha256OfFile((await server('b').waitImage('a/text')).path as string)).toBe(text.sha256)
  await server('b').waitImage('a/noise')
  const wire = async (ref: string) =>
    (await server('b').waitJob(ref, ({ state }) => state === 'DONE')).bytesWire
  expect(await wire('a/text')).toBeLessThan(100_000)
  expect(await wire('a/noise')).toBeGreaterThan(3 * MiB)
  expect(await wire('a/noise')).toBeLessThan(3 * MiB + 100_000)
})

test.each([0, 1, 65_536, 65_537, 4 * MiB, 4 * MiB + 1])(
  'a file of %i bytes arrives as it is',
  async (length) => {
    const { server, peer } = await createNetwork(['a', 'b'])
    await peer('a', 'b')
    await server('b').subscribeAll('a')
    const made = await server('a').importImage('image', { length })
    const here = await server('b').waitImage('a/image')
    expect(await sha256OfFile(here.path as string)).toBe(made.sha256)
  },
)

test('the same content under another name moves no content bytes', async () => {
  const { server, peer } = await createNetwork(['a', 'b'])
  await peer('a', 'b')
  await server('b').subscribeAll('a')
  const first = await server('a').importImage('one', { length: 3 * MiB })
  await server('b').waitImage('a/one')
  await server('a').importImage('two', { path: first.path as string })
  const two = await server('b').waitImage('a/two')
  expect(two.path).toBe((await server('b').waitImage('a/one')).path)
  const job = await server('b').waitJob('a/two', ({ state }) => state === 'DONE')
  expect(job).toMatchObject({ bytesWire: 0, bytesLocal: 3 * MiB })
})

test('an image type selector takes exactly that type', async () => {
  const { server, peer } = await createNetwork(['a', 'b'])
  await peer('a', 'b')
  await server('b').client.subscribe({ server: 'a', selector: { kind: 'imagetype', imageType: 'ISO' } })
  await server('a').importImage('disk', { imageType: 'DISK' })
  await server('a').importImage('iso', { imageType: 'ISO' })
  await server('b').waitImage('a/iso')
  const { images } = await server('b').client.images({ server: 'a' })
  expect(images.map(({ name, status }) => [name, status])).toEqual([
    ['disk', 'announced'],
    ['iso', 'enabled'],
  ])
})

test('an image selector takes that image and no other', async () => {
  const { server, peer } = await createNetwork(['a', 'b'])
  await peer('a', 'b')
  await server('a').importImage('one')
  await server('a').importImage('two')
  await server('b').client.subscribe({ server: 'a', selector: { kind: 'image', image: 'two' } })
  await server('b').waitImage('a/two')
  expect((await server('b').client.images({})).images.map(({ name }) => name)).toEqual(['two'])
})

test('private and testable images are neither announced nor listed', async () => {
  const { server, peer } = await createNetwork(['a', 'b'])
  await peer('a', 'b')
  await server('b').subscribeAll('a')
  const secret = await server('a').importImage('xyzzy-private', { private: true })
  const early = await server('a').importImage('xyzzy-testable', { state: 'TESTABLE' })
  await server('a').importImage('open')
  await server('b').waitImage('a/open')
  expect((await server('b').client.images({ server: 'a' })).images.map(({ name }) => name)).toEqual(['open'])
  for (const text of [secret.id, secret.name, early.id, early.name])
    expect(await server('b').knows(text)).toBe(false)
})

test('a peer that is away at announcement time gets the image when it is back', async () => {
  const { server, peer } = await createNetwork(['a', 'b'])
  await peer('a', 'b')
  await server('b').subscribeAll('a')
  await server('b').stop()
  const made = await server('a').importImage('gold-1')
  await server('b').start()
  const here = await server('b').waitImage('a/gold-1')
  expect(await sha256OfFile(here.path as string)).toBe(made.sha256)
})

test('a replica is available again after a restart, under the same path', async () => {
  const { server, peer } = await createNetwork(['a', 'b'])
  await peer('a', 'b')
  await server('b').subscribeAll('a')
  await server('a').importImage('gold-1')
  const before = await server('b').waitImage('a/gold-1')
  await server('b').stop()
  await server('b').start()
  const { images } = await server('b').client.images({})
  expect(images).toMatchObject([{ id: before.id, path: before.path, status: 'enabled' }])
  expect(await readlink(before.link as string)).toContain('content')
  expect((await readFile(before.path as string)).length).toBe(before.size)
})

test('ending a subscription keeps what has arrived and takes nothing more', async () => {
  const { server, peer } = await createNetwork(['a', 'b'])
  await peer('a', 'b')
  await server('b').subscribeAll('a')
  await server('b').client.subscribe({ server: 'a', selector: { kind: 'imagetype', imageType: 'ISO' } })
  await server('a').importImage('disk-1')
  await server('b').waitImage('a/disk-1')
  const { remaining } = await server('b').client.unsubscribe({ server: 'a', selector: { kind: 'all' } })
  expect(remaining).toMatchObject([{ selector: 'imagetype', value: 'ISO' }])
  await server('a').importImage('disk-2')
  await server('a').importImage('iso-1', { imageType: 'ISO' })
  await server('b').waitImage('a/iso-1')
  expect((await server('b').client.images({})).images.map(({ name }) => name)).toEqual(['disk-1', 'iso-1'])
})

test('an image registered in place is served from where it lies', async () => {
  const { server, peer } = await createNetwork(['a', 'b'])
  const path = join(await tempDir(), 'in-place.raw')
  await writeSparseFile(path, 5 * MiB, [{ at: 0, length: 5 * MiB, seed: 'in place' }])
  await peer('a', 'b')
  await server('b').subscribeAll('a')
  const made = await server('a').client.importImage(
    { image: 'in-place', path, inPlace: true },
    { signal: new AbortController().signal, onProgress: () => {} },
  )
  expect(made.path).toBe(path)
  const here = await server('b').waitImage('a/in-place')
  expect(await sha256OfFile(here.path as string)).toBe(made.sha256)
})
