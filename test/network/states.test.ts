import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { ImageDocument } from '../../src/control/documents.ts'
import type { Digest } from '../../src/image/digest.ts'
import { encodeEvent } from '../../src/wire/journal.ts'
import { randomBytes, sha256OfFile, writeRandomFile } from '../support/files.ts'
import { createNetwork, type TestServer } from '../support/network.ts'
import { honestAnswer, rawContent } from '../support/raw-content.ts'
import { RawPeer } from '../support/raw-peer.ts'
import { tempDir } from '../support/temp-dir.ts'
import { waitFor } from '../support/wait-for.ts'

const small = { length: 1000 }
const content = rawContent(randomBytes(300_000, 'content'))

async function imageOf(server: TestServer, image: string): Promise<ImageDocument | undefined> {
  return (await server.client.images({ image })).images[0]
}

/** A raw peer that announces an image and lets nobody have its leaves, with a server that is fetching it. */
async function fetching(): Promise<{ raw: RawPeer; b: TestServer; image: ReturnType<RawPeer['publish']> }> {
  const { server } = await createNetwork(['b'])
  const b = server('b')
  const raw = await RawPeer.start('raw')
  raw.onContent = async (request) =>
    request.what === 'leaves'
      ? await new Promise<never>(() => {})
      : { code: 'ok', payload: honestAnswer(content, request) }
  const image = raw.publish('gold', content)
  await raw.registerOn(b, 'raw')
  await b.subscribeAll('raw')
  await waitFor(() => raw.requests.some(({ what }) => what === 'leaves'), { what: 'the transfer' })
  expect(await b.list('images', 'staging')).toHaveLength(1)
  return { raw, b, image }
}

test('promotion goes in any direction, and only what is PUBLISHED is announced', async () => {
  const { server, peer } = await createNetwork(['a', 'b'])
  await peer('a', 'b')
  const [a, b] = [server('a'), server('b')]
  expect(await a.importImage('other', small)).toMatchObject({ state: 'PUBLISHED' })
  await a.importImage('gold', { ...small, state: 'TESTABLE' })
  const steps = ['RESTRICTED', 'TESTABLE', 'PUBLISHED', 'RESTRICTED', 'PUBLISHED', 'TESTABLE'] as const
  for (const state of steps) {
    expect(await a.client.promoteImage({ image: 'gold', state })).toMatchObject({ state })
    const announced = state === 'PUBLISHED' ? ['other', 'gold'] : ['other']
    expect(await b.announcedBy('a'), state).toEqual(announced)
    expect((await a.client.images({ state })).images.map(({ name }) => name)).toContain('gold')
  }
  await expect(a.client.promoteImage({ image: 'nobody', state: 'PUBLISHED' })).rejects.toMatchObject({
    code: 'not-found',
    hint: expect.stringContaining('query image'),
  })
})

test('an image comes to a subscribed peer when it is promoted', async () => {
  const { server, peer } = await createNetwork(['a', 'b'])
  await peer('a', 'b')
  const [a, b] = [server('a'), server('b')]
  await b.subscribeAll('a')
  await a.importImage('early', { ...small, state: 'TESTABLE' })
  await a.importImage('restricted', { ...small, state: 'RESTRICTED' })
  await a.importImage('open', small)
  await b.waitImage('a/open')
  expect(await b.enabled()).toEqual(['a/open'])
  for (const image of ['early', 'restricted']) {
    await a.client.promoteImage({ image, state: 'PUBLISHED' })
    await b.waitImage(`a/${image}`)
  }
})

test.each(['RESTRICTED', 'TESTABLE'] as const)(
  'who has an image that goes back to %s keeps it and is warned; nobody takes it anew',
  async (state) => {
    const { server, peer } = await createNetwork(['a', 'b', 'c'])
    await peer('a', 'b')
    const [a, b, c] = [server('a'), server('b'), server('c')]
    await b.subscribeAll('a')
    const made = await a.importImage('xyzzy', small)
    const held = await b.waitImage('a/xyzzy')
    expect(held.atOrigin).toBe('announced')
    const events = await b.follow()
    await a.client.promoteImage({ image: 'xyzzy', state })
    await waitFor(() => events.find(({ status }) => status === 'withdrawn'), { what: 'the event' })
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'image', image: made.id, ref: 'a/xyzzy', status: 'withdrawn' }),
    )
    const warnings = b.log.filter(({ level, fields }) => level === 'warn' && fields['image'] === 'a/xyzzy')
    expect(warnings).toHaveLength(1)
    const kept = { status: 'enabled', state: 'PUBLISHED', atOrigin: 'withdrawn' }
    expect(await imageOf(b, 'a/xyzzy')).toMatchObject(kept)
    expect(await sha256OfFile(held.path as string)).toBe(made.sha256)
    // Nobody else hears of it, and one who lets it go does not get it back.
    await peer('a', 'c')
    await c.subscribeAll('a')
    await b.client.deleteImage('a/xyzzy')
    await a.importImage('open', small)
    for (const each of [b, c]) {
      await each.waitImage('a/open')
      expect(await each.enabled()).toEqual(['a/open'])
    }
    expect(await c.knows('xyzzy')).toBe(false)
    await expect(b.subscribe('a', { kind: 'image', image: 'a/xyzzy' })).rejects.toMatchObject({
      code: 'not-found',
    })
  },
)

test('what is withdrawn is not served any more, also to one that knows its id', async () => {
  const { server } = await createNetwork(['a'])
  const a = server('a')
  const { id } = await a.importImage('gold', small)
  const raw = await RawPeer.start('raw')
  await raw.registerOn(a, 'raw')
  const stream = await raw.contentStream(a)
  const ask = async () => {
    await stream.ask({ image: id as Digest, what: 'leaves', run: { first: 0, count: 1 } })
    await stream.answer(new Uint8Array(1000))
  }
  await ask()
  for (const state of ['RESTRICTED', 'TESTABLE'] as const) {
    await a.client.promoteImage({ image: 'gold', state })
    await expect(ask()).rejects.toMatchObject({ code: 'not-announced' })
  }
  await a.client.promoteImage({ image: 'gold', state: 'PUBLISHED' })
  await ask()
  await a.client.deleteImage('gold')
  await expect(ask()).rejects.toMatchObject({ code: 'not-announced' })
})

test('a withdrawal ends a running transfer as CANCELLED (withdrawn); a later publication queues it again', async () => {
  const { raw, b, image } = await fetching()
  raw.append(encodeEvent({ type: 'image-withdrawn', image: image.id }))
  const job = await b.waitJob('raw/gold', ({ state }) => state === 'CANCELLED')
  expect(job).toMatchObject({ reason: 'withdrawn' })
  await waitFor(async () => (await b.list('images', 'staging')).length === 0, {
    what: 'the end of the staging',
  })
  expect(await b.enabled()).toEqual([])
  raw.onContent = (request) => ({ code: 'ok', payload: honestAnswer(content, request) })
  raw.append(encodeEvent({ type: 'image-published', image }))
  const here = await b.waitImage('raw/gold')
  expect(here).toMatchObject({ id: image.id, atOrigin: 'announced' })
  expect((await b.client.jobs({})).jobs.map(({ state }) => state)).toEqual(['CANCELLED', 'DONE'])
})

test('a deletion ends a running transfer as CANCELLED (withdrawn) too', async () => {
  const { raw, b, image } = await fetching()
  raw.append(encodeEvent({ type: 'image-deleted', image: image.id }))
  const job = await b.waitJob('raw/gold', ({ state }) => state === 'CANCELLED')
  expect(job).toMatchObject({ reason: 'withdrawn' })
  await waitFor(async () => (await b.list('images', 'staging')).length === 0, {
    what: 'the end of the staging',
  })
})

test('the origin withdraws and deletes while it sends, and the receiver cleans up', async () => {
  const { server, peer } = await createNetwork(['a', 'b'])
  await peer('a', 'b')
  const [a, b] = [server('a'), server('b')]
  await a.importImage('gold', { length: 60 * 1024 * 1024 })
  await b.subscribeAll('a')
  await b.waitJob('a/gold', ({ state }) => state === 'FETCHING')
  await a.client.deleteImage('gold') // never refused because of a transfer
  const job = await b.waitJob('a/gold', ({ state }) => state === 'CANCELLED')
  expect(job).toMatchObject({ reason: 'withdrawn' })
  await waitFor(async () => (await b.list('images', 'staging')).length === 0, {
    what: 'the end of the staging',
  })
  expect(await b.enabled()).toEqual([])
})

test('a private image never leaves the server, not even when it is promoted, and is no source for a peer', async () => {
  const { server, peer } = await createNetwork(['a', 'b'])
  await peer('a', 'b')
  const [a, b] = [server('a'), server('b')]
  await b.subscribeAll('a')
  const path = join(await tempDir(), 'source')
  await writeRandomFile(path, 100_000, 'the same content')
  const secret = await a.importImage('xyzzy', { path, private: true, state: 'TESTABLE' })
  for (const state of ['PUBLISHED', 'RESTRICTED', 'PUBLISHED'] as const) {
    const promoted = await a.client.promoteImage({ image: 'xyzzy', state })
    expect(promoted).toMatchObject({ state, private: true })
  }
  await a.subscribeAll('b')
  await b.importImage('theirs', { path })
  const theirs = await a.waitImage('b/theirs')
  const job = await a.waitJob('b/theirs', ({ state }) => state === 'DONE')
  expect(job.bytesLocal).toBe(0)
  expect(job.bytesWire).toBeGreaterThan(100_000)
  await a.client.deleteImage('xyzzy')
  expect(await sha256OfFile(theirs.path as string)).toBe(theirs.sha256)
  await a.importImage('open', small)
  await b.waitImage('a/open')
  expect(await b.announcedBy('a')).toEqual(['open'])
  for (const trace of [secret.id, 'xyzzy']) expect(await b.knows(trace), trace).toBe(false)
})

test('a replica arrives in the state that its subscription says, and is promoted here alone', async () => {
  const { server, peer } = await createNetwork(['a', 'b', 'c'])
  await peer('a', 'b')
  await peer('a', 'c')
  const [a, b, c] = [server('a'), server('b'), server('c')]
  await b.subscribe('a', { kind: 'all' }, { landAs: 'TESTABLE' })
  await c.subscribeAll('a')
  const made = await a.importImage('gold', small)
  expect(await b.waitImage('a/gold')).toMatchObject({ state: 'TESTABLE', atOrigin: 'announced' })
  expect(await c.waitImage('a/gold')).toMatchObject({ state: 'PUBLISHED' })
  const { journalSeq } = await b.client.server()
  for (const state of ['PUBLISHED', 'RESTRICTED'] as const)
    expect(await b.client.promoteImage({ image: 'a/gold', state })).toMatchObject({ id: made.id, state })
  expect((await b.client.server()).journalSeq).toBe(journalSeq)
  expect((await b.client.audit({ operation: 'promote image' })).audit).toMatchObject([
    { subject: 'a/gold to PUBLISHED', outcome: 'done' },
    { subject: 'a/gold to RESTRICTED', outcome: 'done' },
  ])
  // What is told after it reaches a: the state of a replica is not among it.
  await a.importImage('end', small)
  await b.waitImage('a/end')
  const holders = await waitFor(
    async () => {
      const { images } = await a.client.images({ holders: true })
      const told = images.map(({ holders: list = [] }) => list.map(({ peer: by, state }) => `${by} ${state}`))
      return told.every((each) => each.includes('b enabled')) ? images : undefined
    },
    { what: 'the receipts of b' },
  )
  expect(holders.map(({ state }) => state)).toEqual(['PUBLISHED', 'PUBLISHED'])
  expect(JSON.stringify(holders)).not.toContain('RESTRICTED')
  expect(await imageOf(c, 'a/gold')).toMatchObject({ state: 'PUBLISHED' })
  await b.stop()
  await b.start()
  expect(await imageOf(b, 'a/gold')).toMatchObject({ state: 'RESTRICTED' })
})

test('the selector that is most specific says how an image arrives', async () => {
  const { server, peer } = await createNetwork(['a', 'b'])
  await peer('a', 'b')
  const [a, b] = [server('a'), server('b')]
  await b.subscribe('a', { kind: 'all' }, { landAs: 'TESTABLE' })
  await b.subscribe('a', { kind: 'imagetype', imageType: 'ISO' }, { landAs: 'RESTRICTED' })
  await a.importImage('iso', { ...small, imageType: 'ISO' })
  await a.importImage('disk', small)
  expect(await b.waitImage('a/iso')).toMatchObject({ state: 'RESTRICTED' })
  expect(await b.waitImage('a/disk')).toMatchObject({ state: 'TESTABLE' })
})

test('a peer keeps its copy of an image that its origin deletes, and is warned; newcomers learn nothing of it', async () => {
  const { server, peer } = await createNetwork(['a', 'b', 'c'])
  await peer('a', 'b')
  const [a, b, c] = [server('a'), server('b'), server('c')]
  await b.subscribeAll('a')
  const made = await a.importImage('xyzzy', small)
  const held = await b.waitImage('a/xyzzy')
  const events = await b.follow()
  const { ref } = await a.client.deleteImage('xyzzy')
  expect(ref).toBe('./xyzzy')
  expect(await a.enabled()).toEqual([])
  expect(await a.list('images', 'content')).toEqual([])
  expect(await a.list('images', 'own')).not.toContain('xyzzy')
  await waitFor(() => events.find(({ status }) => status === 'deleted'), { what: 'the event' })
  expect(b.log.some(({ level, fields }) => level === 'warn' && fields['status'] === 'deleted')).toBe(true)
  expect(await imageOf(b, 'a/xyzzy')).toMatchObject({ status: 'enabled', atOrigin: 'deleted' })
  expect(await sha256OfFile(held.path as string)).toBe(made.sha256)
  await expect(a.client.deleteImage('xyzzy')).rejects.toMatchObject({ code: 'not-found' })
  await peer('a', 'c')
  await c.subscribeAll('a')
  await a.importImage('open', small)
  await c.waitImage('a/open')
  for (const trace of [made.id, made.content, 'xyzzy']) expect(await c.knows(trace), trace).toBe(false)
  // Also for one that was away: it had heard of nothing.
  await b.stop()
  await b.start()
  expect(await imageOf(b, 'a/xyzzy')).toMatchObject({ status: 'enabled', atOrigin: 'deleted' })
})

test('content stays as long as an image stands on it', async () => {
  const { server } = await createNetwork(['a'])
  const a = server('a')
  const one = await a.importImage('one', small)
  const two = await a.importImage('two', { path: one.path as string })
  expect(two.path).toBe(one.path)
  await a.client.deleteImage('one')
  expect(await sha256OfFile(two.path as string)).toBe(one.sha256)
  await a.client.deleteImage('two')
  expect(await a.list('images', 'content')).toEqual([])
})

test('what a renewed journal does not announce any more counts as withdrawn, and who has it is warned', async () => {
  const { server, peer } = await createNetwork(['a', 'b'])
  await peer('a', 'b')
  const [a, b] = [server('a'), server('b')]
  await b.subscribeAll('a')
  const made = await a.importImage('gold', small)
  await b.waitImage('a/gold')
  await b.stop()
  await a.client.promoteImage({ image: 'gold', state: 'TESTABLE' })
  await a.client.renewJournal(true)
  await b.start()
  await waitFor(async () => (await b.client.peers({ server: 'a' })).peers[0]?.fault, { what: 'the fault' })
  const events = await b.follow()
  await b.client.acceptPeer('a')
  await waitFor(() => events.find(({ status }) => status === 'withdrawn'), { what: 'the event' })
  expect(events).toContainEqual(
    expect.objectContaining({ image: made.id, ref: 'a/gold', status: 'withdrawn' }),
  )
  expect(b.log.some(({ level, fields }) => level === 'warn' && fields['image'] === 'a/gold')).toBe(true)
  expect(await imageOf(b, 'a/gold')).toMatchObject({ status: 'enabled', atOrigin: 'withdrawn' })
})

test('what becomes of an image that was never announced writes nothing into the journal', async () => {
  const { server } = await createNetwork(['a'])
  const a = server('a')
  const { journalSeq } = await a.client.server()
  await a.importImage('early', { ...small, state: 'TESTABLE' })
  await a.importImage('secret', { ...small, private: true })
  await a.client.promoteImage({ image: 'early', state: 'RESTRICTED' })
  await a.client.promoteImage({ image: 'secret', state: 'RESTRICTED' })
  for (const image of ['early', 'secret']) await a.client.deleteImage(image)
  expect((await a.client.server()).journalSeq).toBe(journalSeq)
})
