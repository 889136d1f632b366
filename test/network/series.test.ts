import { join } from 'node:path'
import { expect, test } from 'vitest'
import { fromDigest, toDigest } from '../../src/image/digest.ts'
import type { KnownEvent } from '../../src/image/journal.ts'
import { encodeEvent } from '../../src/wire/journal.ts'
import { randomBytes, writeSparseFile } from '../support/files.ts'
import { createNetwork, type TestServer } from '../support/network.ts'
import { honestAnswer, rawContent } from '../support/raw-content.ts'
import { RawPeer } from '../support/raw-peer.ts'
import { inStateOf } from '../support/state.ts'
import { tempDir } from '../support/temp-dir.ts'

const small = { length: 1000 }

/** Bodies of all entries of a server's own journal, one after the other: what a newcomer is sent. */
function journalBodies(server: TestServer): Buffer {
  const entries = inStateOf(server, (state) => state.journal.after(0, 1_000_000))
  return Buffer.concat(entries.flatMap(({ body }) => (body === undefined ? [] : [body])))
}

/** Makes images of these names. */
async function importAll(server: TestServer, names: readonly string[]): Promise<void> {
  for (const name of names) await server.importImage(name, small)
}

/** Makes a series of images that are there. */
async function fill(server: TestServer, series: string, images: readonly string[]): Promise<void> {
  await server.client.addSeries(series)
  for (const image of images) await server.client.insertImage({ series, image })
}

test('an image is put at the end of a series or before another, and moved; a peer sees the same order', async () => {
  const { server, peer } = await createNetwork(['a', 'b'])
  await peer('a', 'b')
  const a = server('a')
  await importAll(a, ['x', 'y', 'z'])
  await a.client.addSeries('s')
  const put = async (image: string, before?: string) => {
    await a.client.insertImage({ series: 's', image, ...(before === undefined ? {} : { before }) })
    const order = await a.seriesOf('s')
    expect(await server('b').seriesOf('s', 'a')).toEqual(order)
    return order.join('')
  }
  expect(await put('x')).toBe('x')
  expect(await put('y')).toBe('xy')
  expect(await put('z', 'x')).toBe('zxy')
  expect(await put('x')).toBe('zyx')
  expect(await put('x', 'z')).toBe('xzy')
  expect(await put('x', 'z')).toBe('xzy')
  await a.client.removeImage({ series: 's', image: 'z' })
  expect(await server('b').seriesOf('s', 'a')).toEqual(['x', 'y'])
  expect(await put('z', './y')).toBe('xzy')
})

test('the order that a peer sees stays the same however often images are moved between the same two', async () => {
  const { server, peer } = await createNetwork(['a', 'b'])
  await peer('a', 'b')
  const a = server('a')
  await importAll(a, ['w', 'x', 'y', 'z'])
  await fill(a, 's', ['w', 'x', 'y', 'z'])
  // Each move halves the room between two places; it is used up after 32.
  for (let i = 0; i < 40; i++)
    await a.client.insertImage({ series: 's', image: 'xy'[i % 2] ?? '', before: 'z' })
  expect(await a.seriesOf('s')).toEqual(['w', 'x', 'y', 'z'])
  expect(await server('b').seriesOf('s', 'a')).toEqual(['w', 'x', 'y', 'z'])
})

test('the order is that of this server also while some of the images are not announced', async () => {
  const { server, peer } = await createNetwork(['a', 'b'])
  await peer('a', 'b')
  const a = server('a')
  await importAll(a, ['v', 'w', 'x', 'y', 'z'])
  await fill(a, 's', ['v', 'w', 'x', 'y', 'z'])
  for (const image of ['x', 'v']) await a.client.promoteImage({ image, state: 'TESTABLE' })
  expect(await server('b').seriesOf('s', 'a')).toEqual(['w', 'y', 'z'])
  await a.client.insertImage({ series: 's', image: 'z', before: 'x' })
  await a.client.insertImage({ series: 's', image: 'v' })
  for (const image of ['v', 'x']) await a.client.promoteImage({ image, state: 'PUBLISHED' })
  expect(await a.seriesOf('s')).toEqual(['w', 'z', 'x', 'y', 'v'])
  expect(await server('b').seriesOf('s', 'a')).toEqual(['w', 'z', 'x', 'y', 'v'])
})

test('an image may be in any number of series, from its making on, and edits of a series never touch it', async () => {
  const { server, peer } = await createNetwork(['a', 'b'])
  await peer('a', 'b')
  const [a, b] = [server('a'), server('b')]
  for (const series of ['one', 'three', 'two']) await a.client.addSeries(series)
  const made = await a.importImage('gold', { ...small, series: ['one', 'two', 'one'] })
  expect(made.series).toEqual(['one', 'two'])
  await a.client.insertImage({ series: 'three', image: 'gold' })
  await b.subscribe('a', { kind: 'series', series: 'two' })
  const replica = await b.waitImage('a/gold')
  expect(replica.series).toEqual(['one', 'three', 'two'])
  await a.client.removeImage({ series: 'two', image: 'gold' })
  await a.client.deleteSeries('three', true)
  await a.client.deleteSeries('one', true)
  expect(await b.announcedBy('a')).toEqual(['gold'])
  const [own] = (await a.client.images({ image: 'gold' })).images
  expect(own).toMatchObject({ id: made.id, path: made.path, state: 'PUBLISHED', series: [] })
  const [held] = (await b.client.images({ image: 'a/gold' })).images
  expect(held).toMatchObject({ id: made.id, path: replica.path, status: 'enabled', series: [] })
  expect((await b.client.series({ server: 'a' })).series).toMatchObject([{ name: 'two', images: [] }])
})

test('what is inserted into a series is taken, however old it is', async () => {
  const { server, peer } = await createNetwork(['a', 'b'])
  await peer('a', 'b')
  const [a, b] = [server('a'), server('b')]
  await importAll(a, ['old', 'other'])
  const plan = await b.subscribe('a', { kind: 'series', series: 'later' }) // before there is one
  expect(plan).toMatchObject({ images: [], bytesToMove: 0 })
  await a.client.addSeries('later')
  await a.client.insertImage({ series: 'later', image: 'old' })
  await b.waitImage('a/old')
  await a.importImage('new', { ...small, series: ['later'] })
  await b.waitImage('a/new')
  expect(await b.enabled()).toEqual(['a/new', 'a/old'])
})

test('promotion announces an image with its series; withdrawal takes it out of what peers see of them', async () => {
  const { server, peer } = await createNetwork(['a', 'b'])
  await peer('a', 'b')
  const [a, b] = [server('a'), server('b')]
  await b.subscribe('a', { kind: 'series', series: 's' })
  await importAll(a, ['first'])
  await fill(a, 's', ['first'])
  await a.importImage('early', { ...small, state: 'TESTABLE', series: ['s'] })
  await b.waitImage('a/first')
  expect(await b.seriesOf('s', 'a')).toEqual(['first'])
  await a.client.promoteImage({ image: 'early', state: 'PUBLISHED' })
  await b.waitImage('a/early')
  expect(await b.seriesOf('s', 'a')).toEqual(['first', 'early'])
  await a.client.promoteImage({ image: 'early', state: 'RESTRICTED' })
  expect(await b.seriesOf('s', 'a')).toEqual(['first'])
  expect(await a.seriesOf('s')).toEqual(['first', 'early'])
  await a.client.promoteImage({ image: 'early', state: 'PUBLISHED' })
  expect(await b.seriesOf('s', 'a')).toEqual(['first', 'early'])
})

test('nothing of an image that is not announced shows: not in the journal, not in what peers see of series', async () => {
  const { server, peer } = await createNetwork(['a', 'b', 'c'])
  await peer('a', 'b')
  const [a, b] = [server('a'), server('b')]
  await b.subscribeAll('a')
  await importAll(a, ['open', 'xyzzy-withdrawn'])
  await fill(a, 's', ['open', 'xyzzy-withdrawn'])
  await a.client.addSeries('other')
  const secret = await a.importImage('xyzzy-private', { ...small, private: true, series: ['s'] })
  const early = await a.importImage('xyzzy-early', { ...small, state: 'TESTABLE', series: ['s'] })
  for (const image of ['xyzzy-private', 'xyzzy-early']) {
    await a.client.insertImage({ series: 's', image, before: 'open' })
    await a.client.insertImage({ series: 'other', image })
    await a.client.removeImage({ series: 'other', image })
  }
  await a.client.promoteImage({ image: 'xyzzy-early', state: 'RESTRICTED' })
  await a.client.promoteImage({ image: 'xyzzy-withdrawn', state: 'TESTABLE' })
  expect(await a.seriesOf('s')).toEqual(['xyzzy-private', 'xyzzy-early', 'open', 'xyzzy-withdrawn'])
  expect(await b.seriesOf('s', 'a')).toEqual(['open'])
  await b.waitImage('a/open')
  for (const { id, name, content } of [secret, early])
    for (const trace of [id, name, content]) expect(await b.knows(trace), trace).toBe(false)
  const bodies = journalBodies(a)
  expect(bodies.includes('open')).toBe(true)
  expect(bodies.includes('xyzzy')).toBe(false)
  for (const { id, content } of [secret, early])
    for (const digest of [id, content])
      expect(bodies.includes(fromDigest(digest as `sha256:${string}`)), digest).toBe(false)
  // One that comes later learns nothing of what was taken back.
  await peer('a', 'c')
  expect(await server('c').seriesOf('s', 'a')).toEqual(['open'])
  expect(await server('c').knows('xyzzy')).toBe(false)
})

test('a series is deleted when it is empty, or by force; its images stay', async () => {
  const { server, peer } = await createNetwork(['a', 'b'])
  await peer('a', 'b')
  const [a, b] = [server('a'), server('b')]
  await importAll(a, ['gold'])
  await fill(a, 's', ['gold'])
  await b.subscribe('a', { kind: 'series', series: 's' })
  await b.waitImage('a/gold')
  await expect(a.client.deleteSeries('s', false)).rejects.toMatchObject({
    code: 'conflict',
    hint: expect.stringMatching(/deleteimage series.*--force/),
  })
  expect(await b.seriesOf('s', 'a')).toEqual(['gold'])
  await a.client.deleteSeries('s', true)
  expect((await b.client.series({ server: 'a' })).series).toEqual([])
  expect(await a.enabled()).toEqual(['./gold'])
  expect(await b.enabled()).toEqual(['a/gold'])
  // The subscription binds to the name.
  await a.client.addSeries('s')
  await a.importImage('next', { ...small, series: ['s'] })
  await b.waitImage('a/next')
  await a.client.removeImage({ series: 's', image: 'next' })
  await a.client.deleteSeries('s', false)
  expect((await a.client.series({})).series).toEqual([])
})

test('an image is not deleted while it is in a series', async () => {
  const { server } = await createNetwork(['a'])
  const a = server('a')
  await importAll(a, ['gold'])
  await fill(a, 's', ['gold'])
  await expect(a.client.deleteImage('gold')).rejects.toMatchObject({
    code: 'conflict',
    hint: expect.stringContaining('deleteimage series --series s --image gold'),
  })
  await a.client.removeImage({ series: 's', image: 'gold' })
  await a.client.deleteImage('gold')
  expect(await a.enabled()).toEqual([])
})

test('what a series cannot take is refused, and says what to do', async () => {
  const { server, peer } = await createNetwork(['a', 'b'], { seriesMembers: 2 })
  await peer('a', 'b')
  const [a, b] = [server('a'), server('b')]
  await importAll(a, ['x', 'y', 'z'])
  await b.subscribe('a', { kind: 'image', image: 'x' })
  await b.waitImage('a/x')
  await fill(a, 's', ['x', 'y'])
  await fill(b, 's', [])
  await importAll(b, ['own'])
  const refused = async (work: Promise<unknown>, code: string, hint: string) =>
    await expect(work).rejects.toMatchObject({ code, hint: expect.stringContaining(hint) })
  await refused(a.client.addSeries('s'), 'conflict', 'query series')
  await refused(a.client.insertImage({ series: 's', image: 'z' }), 'conflict', 'deleteimage series')
  await refused(b.client.insertImage({ series: 's', image: 'a/x' }), 'conflict', 'adopt image')
  await refused(b.client.insertImage({ series: 's', image: 'own', before: 'a/x' }), 'conflict', 'adopt image')
  await refused(a.client.insertImage({ series: 's', image: 'x', before: 'z' }), 'not-found', 'query series')
  await refused(a.client.insertImage({ series: 't', image: 'x' }), 'not-found', 'add series')
  await refused(a.client.insertImage({ series: 's', image: 'nobody' }), 'not-found', 'query image')
  await refused(a.client.removeImage({ series: 's', image: 'z' }), 'not-found', 'query series')
  await refused(a.client.deleteSeries('t', true), 'not-found', 'query series')
  await refused(a.client.series({ series: 't' }), 'not-found', 'query series')
  await refused(b.client.series({ series: 't', server: 'a' }), 'not-found', 'query series --server a')
  await refused(a.importImage('new', { ...small, series: ['t'] }), 'not-found', 'add series')
  await refused(a.importImage('new', { ...small, series: ['s'] }), 'conflict', 'deleteimage series')
  await expect(a.client.insertImage({ series: 's', image: 'x', before: 'x' })).rejects.toMatchObject({
    code: 'usage',
  })
  // A series that is full can still be put in another order.
  await a.client.insertImage({ series: 's', image: 'y', before: 'x' })
  expect(await a.seriesOf('s')).toEqual(['y', 'x'])
  expect(await a.enabled()).toEqual(['./x', './y', './z'])
})

test('an import into a series that is deleted meanwhile fails, and leaves nothing behind', async () => {
  const { server } = await createNetwork(['a'])
  const a = server('a')
  await a.client.addSeries('s')
  const path = join(await tempDir(), 'source')
  await writeSparseFile(path, 256 * 1024 * 1024, [{ at: 0, length: 1000, seed: 'series' }])
  let deleted: Promise<void> | undefined
  const made = a.client.importImage(
    { image: 'gold', path, series: ['s'] },
    {
      signal: AbortSignal.timeout(60_000),
      onProgress: () => void (deleted ??= a.client.deleteSeries('s', true)),
    },
  )
  await expect(made).rejects.toMatchObject({ code: 'not-found', hint: expect.stringContaining('add series') })
  await deleted
  expect(await a.enabled()).toEqual([])
  for (const folder of ['staging', 'content']) expect(await a.list('images', folder), folder).toEqual([])
})

test('what a peer tells of series that cannot be is refused, and the intake goes on', async () => {
  const { server } = await createNetwork(['b'], { seriesPeer: 1, seriesMembersPeer: 1 })
  const b = server('b')
  const raw = await RawPeer.start('raw')
  const content = rawContent(randomBytes(1000, 'content'))
  raw.onContent = (request) => ({ code: 'ok', payload: honestAnswer(content, request) })
  const tell = (event: KnownEvent) => raw.append(encodeEvent(event))
  const one = raw.publish('one', content)
  const two = raw.publish('two', content)
  const nobody = toDigest(randomBytes(32, 'nobody'))
  tell({ type: 'series-inserted', series: 's', image: one.id, place: 1 }) // not created
  tell({ type: 'series-created', series: 's' })
  tell({ type: 'series-inserted', series: 's', image: nobody, place: 1 }) // not announced
  tell({ type: 'series-inserted', series: 's', image: one.id, place: 2 })
  tell({ type: 'series-inserted', series: 's', image: two.id, place: 3 }) // too many
  tell({ type: 'series-created', series: 't' }) // too many
  raw.publish('last', content)
  await raw.registerOn(b, 'raw')
  await b.subscribe('raw', { kind: 'series', series: 's' })
  await b.waitImage('raw/one')
  expect(await b.announcedBy('raw')).toEqual(['one', 'two', 'last'])
  expect((await b.client.series({ server: 'raw' })).series.map(({ name }) => name)).toEqual(['s'])
  expect(await b.seriesOf('s', 'raw')).toEqual(['one'])
  expect((await b.client.audit({ operation: 'refuse entry' })).audit).toHaveLength(4)
  expect((await b.client.peers({ server: 'raw' })).peers[0]?.fault).toBeNull()
})
