import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { toDigest } from '../../src/image/digest.ts'
import { randomBytes, sha256OfFile } from '../support/files.ts'
import { createNetwork } from '../support/network.ts'
import { honestAnswer, rawContent } from '../support/raw-content.ts'
import { RawPeer } from '../support/raw-peer.ts'
import { waitFor } from '../support/wait-for.ts'

const small = { length: 1000 }

/** Image ids that nobody has. */
function strangers(count: number) {
  return Array.from({ length: count }, (_, i) => toDigest(randomBytes(32, `stranger ${i}`)))
}

test('an imported image descends from nothing; what is added to it lists all its ancestors, nearest first', async () => {
  const { server } = await createNetwork(['a'])
  const a = server('a')
  const root = await a.importImage('root', small)
  const middle = await a.importImage('middle', { ...small, parent: 'root' })
  const leaf = await a.importImage('leaf', { ...small, parent: middle.id })
  expect(root.ancestors).toEqual([])
  expect(middle.ancestors).toEqual([{ id: root.id, ref: './root' }])
  expect(leaf.ancestors).toEqual([
    { id: middle.id, ref: './middle' },
    { id: root.id, ref: './root' },
  ])
  expect((await a.client.audit({ operation: 'add image' })).audit).toMatchObject([
    { subject: 'middle', outcome: 'done' },
    { subject: 'leaf', outcome: 'done' },
  ])
})

test('the type of a descendant is that of its parent unless it is given', async () => {
  const { server } = await createNetwork(['a'])
  const a = server('a')
  await a.importImage('root', { ...small, imageType: 'OS' })
  expect(await a.importImage('one', { ...small, parent: 'root' })).toMatchObject({ type: 'OS' })
  const other = { ...small, parent: 'root', imageType: 'PATCH' }
  expect(await a.importImage('two', other)).toMatchObject({ type: 'PATCH', baseType: 'PATCH' })
})

test('a replica may be the parent: the descendant is an own image that names it by its id only', async () => {
  const { server, peer } = await createNetwork(['alpha', 'bravo', 'charlie'])
  await peer('alpha', 'bravo')
  await peer('bravo', 'charlie')
  await server('bravo').subscribeAll('alpha')
  await server('charlie').subscribeAll('bravo')
  const root = await server('alpha').importImage('gold-of-alpha', small)
  const base = await server('alpha').importImage('second-of-alpha', { ...small, parent: root.id })
  await server('bravo').waitImage('alpha/second-of-alpha')
  const made = await server('bravo').importImage('made', { ...small, parent: 'alpha/second-of-alpha' })
  expect(made).toMatchObject({ local: true, origin: 'bravo' })
  expect(made.ancestors.map(({ ref }) => ref)).toEqual(['alpha/second-of-alpha', 'alpha/gold-of-alpha'])
  const arrived = await server('charlie').waitImage('bravo/made')
  expect(arrived.ancestors).toEqual([
    { id: base.id, ref: null },
    { id: root.id, ref: null },
  ])
  for (const trace of ['second-of-alpha', 'gold-of-alpha', server('alpha').peerId, base.content])
    expect(await server('charlie').knows(trace), trace).toBe(false)
})

test('a parent that is not here is refused, and nothing is made', async () => {
  const { server, peer } = await createNetwork(['a', 'b'])
  await peer('a', 'b')
  await server('a').importImage('far', small)
  expect(await server('b').announcedBy('a')).toEqual(['far'])
  for (const parent of ['nobody', 'a/far', strangers(1)[0] as string]) {
    const made = server('b').importImage('made', { ...small, parent })
    await expect(made).rejects.toMatchObject({
      code: 'not-found',
      hint: expect.stringContaining('query image'),
    })
  }
  expect(await server('b').enabled()).toEqual([])
  const { audit } = await server('b').client.audit({ operation: 'add image', failed: true })
  expect(audit).toHaveLength(3)
})

test('a deleted, a private and an unannounced ancestor keep the line, and only their ids are told', async () => {
  const { server, peer } = await createNetwork(['a', 'b'])
  await peer('a', 'b')
  const a = server('a')
  await a.importImage('root', small)
  await a.importImage('xyzzy-deleted', { ...small, parent: 'root' })
  await a.importImage('xyzzy-private', { ...small, parent: 'xyzzy-deleted', private: true })
  await a.importImage('xyzzy-early', { ...small, parent: 'xyzzy-private', state: 'TESTABLE' })
  await a.client.deleteImage('xyzzy-deleted')
  await server('b').subscribe('a', { kind: 'image', image: 'root' })
  const made = await a.importImage('made', { ...small, parent: 'xyzzy-early' })
  expect(made.ancestors.map(({ ref }) => ref)).toEqual([
    './xyzzy-early',
    './xyzzy-private',
    './xyzzy-deleted',
    './root',
  ])
  const arrived = await server('b').waitImage('a/made')
  expect(arrived.ancestors.map(({ id }) => id)).toEqual(made.ancestors.map(({ id }) => id))
  expect(arrived.ancestors.slice(1, 2)).toMatchObject([{ ref: null }])
  expect(await server('b').enabled()).toEqual(['a/made', 'a/root'])
  for (const name of ['xyzzy-private', 'xyzzy-early']) expect(await server('b').knows(name), name).toBe(false)
})

test('a query for one image shows its ancestors, and the descendants that are here or announced', async () => {
  const { server, peer } = await createNetwork(['a', 'b'])
  await peer('a', 'b')
  await server('a').importImage('root', small)
  await server('a').importImage('child', { ...small, parent: 'root' })
  await server('a').importImage('grandchild', { ...small, parent: 'child' })
  await server('a').importImage('other', small)
  await server('b').subscribe('a', { kind: 'image', image: 'a/child' })
  await server('b').waitImage('a/grandchild')
  const mine = await server('b').importImage('mine', { ...small, parent: 'a/child' })
  const line = async (on: string, image: string) => {
    const { images } = await server(on).client.images({ image })
    return {
      ancestors: images[0]?.ancestors.map(({ ref }) => ref),
      descendants: images[0]?.descendants?.map(({ ref }) => ref).toSorted(),
    }
  }
  const above = { ancestors: ['a/root'] }
  expect(await line('b', 'a/child')).toEqual({ ...above, descendants: ['./mine', 'a/grandchild'] })
  // What its peer announces counts too, here the image of b that is not on a.
  expect(await server('a').announcedBy('b')).toEqual(['mine'])
  expect(await line('a', 'child')).toEqual({ ancestors: ['./root'], descendants: ['./grandchild', 'b/mine'] })
  expect(await line('a', 'other')).toEqual({ ancestors: [], descendants: [] })
  const announced = await server('a').client.images({ server: 'b', image: 'mine' })
  expect(announced.images).toMatchObject([{ id: mine.id, status: 'announced' }])
  await expect(server('a').client.images({ image: 'b/mine' })).rejects.toMatchObject({ code: 'not-found' })
})

test('a server follows what a site makes from an image of its own, as long as the line is', async () => {
  const { server, peer } = await createNetwork(['hq', 'site'])
  await peer('hq', 'site')
  const [hq, site] = [server('hq'), server('site')]
  await hq.importImage('base', small)
  await hq.importImage('secret', { ...small, private: true })
  await site.subscribeAll('hq')
  await site.waitImage('hq/base')
  const plan = await hq.subscribe('site', { kind: 'image', image: './base' })
  expect(plan.images).toEqual([])
  await site.importImage('unrelated', small)
  await site.importImage('patched', { ...small, parent: 'hq/base' })
  await site.importImage('patched-twice', { ...small, parent: 'patched' })
  await hq.waitImage('site/patched-twice')
  expect(await hq.enabled()).toEqual(['./base', './secret', 'site/patched', 'site/patched-twice'])
  const { subscriptions } = await hq.client.subscriptions({})
  expect(subscriptions).toMatchObject([{ selector: 'image', value: './base', server: 'site' }])
  // The image was resolved once: that it is gone since changes nothing.
  await hq.client.deleteImage('base')
  await site.importImage('patched-later', { ...small, parent: 'patched' })
  await hq.waitImage('site/patched-later')
})

test('an adopted replica is an own image of the same content, in the line of its source, and moves no byte', async () => {
  const { server, peer } = await createNetwork(['alpha', 'bravo', 'charlie'])
  await peer('alpha', 'bravo')
  await peer('bravo', 'charlie')
  const [alpha, bravo, charlie] = [server('alpha'), server('bravo'), server('charlie')]
  await bravo.subscribeAll('alpha')
  await charlie.subscribeAll('bravo')
  await alpha.subscribeAll('bravo')
  const root = await alpha.importImage('root-of-alpha', small)
  const source = await alpha.importImage('gold-of-alpha', { ...small, parent: 'root-of-alpha' })
  const replica = await bravo.waitImage('alpha/gold-of-alpha')
  await bravo.importImage('own', small)
  await charlie.waitImage('bravo/own')
  expect(await charlie.enabled()).toEqual(['bravo/own']) // nothing of alpha before the adoption
  const adopted = await bravo.client.adoptImage({ image: 'alpha/gold-of-alpha', as: 'adopted' })
  expect(adopted).toMatchObject({ ref: './adopted', local: true, state: 'PUBLISHED' })
  expect(adopted).toMatchObject({ content: source.content, sha256: source.sha256, path: replica.path })
  expect(adopted.id).not.toBe(source.id)
  expect(adopted.ancestors).toEqual([
    { id: source.id, ref: 'alpha/gold-of-alpha' },
    { id: root.id, ref: 'alpha/root-of-alpha' },
  ])
  expect(await bravo.list('images', 'content')).toHaveLength(3) // root, gold, own
  const arrived = await charlie.waitImage('bravo/adopted')
  expect(await sha256OfFile(arrived.path as string)).toBe(source.sha256)
  expect(arrived).toMatchObject({ origin: 'bravo', originId: bravo.peerId })
  expect(arrived.ancestors).toEqual([
    { id: source.id, ref: null },
    { id: root.id, ref: null },
  ])
  for (const trace of ['gold-of-alpha', 'root-of-alpha', alpha.peerId])
    expect(await charlie.knows(trace), trace).toBe(false)
  // The origin of the source takes it from its own disk.
  await alpha.waitImage('bravo/adopted')
  const job = await alpha.waitJob('bravo/adopted', ({ state }) => state === 'DONE')
  expect(job).toMatchObject({ bytesWire: 0, bytesLocal: 1000 })
})

test('the adopted image stays when the replica is deleted, and the peer that made it is unregistered', async () => {
  const { server, peer } = await createNetwork(['a', 'b', 'c'])
  await peer('a', 'b')
  await peer('b', 'c')
  await server('b').subscribeAll('a')
  const source = await server('a').importImage('gold', small)
  await server('b').waitImage('a/gold')
  await server('b').client.adoptImage({ image: 'a/gold' })
  await server('b').client.deleteImage('a/gold')
  await server('b').client.unregister('a', false)
  expect(await server('b').enabled()).toEqual(['./gold'])
  await server('c').subscribeAll('b')
  const arrived = await server('c').waitImage('b/gold')
  expect(await sha256OfFile(arrived.path as string)).toBe(source.sha256)
})

test('an own image, an image that is not here and a name that is taken cannot be adopted', async () => {
  const { server, peer } = await createNetwork(['a', 'b'])
  await peer('a', 'b')
  await server('a').importImage('gold', small)
  await server('a').importImage('far', { ...small, imageType: 'ISO' })
  await server('b').subscribe('a', { kind: 'imagetype', imageType: 'DISK' })
  await server('b').waitImage('a/gold')
  await server('b').importImage('gold', small)
  const adopt = async (image: string) => await server('b').client.adoptImage({ image })
  await expect(adopt('./gold')).rejects.toMatchObject({
    code: 'conflict',
    hint: expect.stringContaining('promote image'),
  })
  await expect(adopt('a/gold')).rejects.toMatchObject({
    code: 'conflict',
    hint: expect.stringContaining('another name'),
  })
  await expect(adopt('a/far')).rejects.toMatchObject({ code: 'not-found' })
  expect(await server('b').enabled()).toEqual(['./gold', 'a/gold'])
})

test('an image may be adopted as private or testable: then no peer hears of it', async () => {
  const { server, peer } = await createNetwork(['a', 'b', 'c'])
  await peer('a', 'b')
  await peer('b', 'c')
  await server('b').subscribeAll('a')
  await server('a').importImage('gold', small)
  await server('b').waitImage('a/gold')
  await server('b').client.adoptImage({ image: 'a/gold', as: 'xyzzy-private', private: true })
  await server('b').client.adoptImage({ image: 'a/gold', as: 'xyzzy-early', state: 'TESTABLE' })
  await server('b').client.adoptImage({ image: 'a/gold', as: 'open' })
  await server('c').subscribeAll('b')
  await server('c').waitImage('b/open')
  expect(await server('c').announcedBy('b')).toEqual(['open'])
  for (const name of ['xyzzy-private', 'xyzzy-early']) expect(await server('c').knows(name), name).toBe(false)
})

test('a line has at most 512 ancestors: what has 512 is taken, has no descendants and is not adopted', async () => {
  const { server } = await createNetwork(['a'])
  const a = server('a')
  const content = rawContent(randomBytes(1000, 'content'))
  const raw = await RawPeer.start('raw')
  raw.onContent = (request) => ({ code: 'ok', payload: honestAnswer(content, request) })
  raw.publish('almost', content, { ancestors: strangers(511) })
  raw.publish('full', content, { ancestors: strangers(512) })
  await raw.registerOn(a, 'raw')
  await a.subscribeAll('raw')
  for (const name of ['raw/almost', 'raw/full']) await a.waitImage(name)
  expect((await a.importImage('last', { ...small, parent: 'raw/almost' })).ancestors).toHaveLength(512)
  expect((await a.client.adoptImage({ image: 'raw/almost', as: 'adopted' })).ancestors).toHaveLength(512)
  const tooLong = { code: 'too-large', hint: expect.stringContaining('import the image anew') }
  await expect(a.importImage('more', { ...small, parent: 'last' })).rejects.toMatchObject(tooLong)
  await expect(a.importImage('more', { ...small, parent: 'raw/full' })).rejects.toMatchObject(tooLong)
  await expect(a.client.adoptImage({ image: 'raw/full', as: 'more' })).rejects.toMatchObject(tooLong)
  expect(await a.enabled()).toEqual(['./adopted', './last', 'raw/almost', 'raw/full'])
})

test('a replica whose SHA-256 is not computed yet is not adopted: only its origin says what it is', async () => {
  const { server, peer } = await createNetwork(['a', 'b'])
  await peer('a', 'b')
  const b = server('b')
  await b.subscribeAll('a')
  const { content } = await server('a').importImage('large', { length: 5 * 1024 * 1024 })
  await b.waitImage('a/large')
  const checked = async () => (await b.client.images({ image: 'a/large' })).images[0]?.sha256Checked
  await waitFor(checked, { what: 'its SHA-256' })
  await b.stop()
  const db = new DatabaseSync(join(b.home, 'state', 'ingot.db'))
  db.exec("UPDATE content SET sha256 = ''")
  db.close()
  const index = join(b.home, 'images', 'content', content.replace('sha256:', ''), 'index')
  await rename(index, `${index}-away`) // so that it cannot be computed
  await b.start()
  expect(await checked()).toBe(false)
  await expect(b.client.adoptImage({ image: 'a/large', as: 'mine' })).rejects.toMatchObject({
    code: 'conflict',
  })
  await b.stop()
  await rename(`${index}-away`, index)
  await b.start()
  await waitFor(checked, { what: 'its SHA-256 after the next start' })
  expect(await b.client.adoptImage({ image: 'a/large', as: 'mine' })).toMatchObject({ sha256Checked: true })
})
