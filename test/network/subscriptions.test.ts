import { expect, test } from 'vitest'
import type { SealedManifest } from '../../src/image/manifest.ts'
import type { KnownEvent } from '../../src/image/journal.ts'
import { encodeEvent } from '../../src/wire/journal.ts'
import { randomBytes } from '../support/files.ts'
import { createNetwork, type TestServer } from '../support/network.ts'
import { honestAnswer, rawContent, type RawContent } from '../support/raw-content.ts'
import { RawPeer } from '../support/raw-peer.ts'
import { waitFor } from '../support/wait-for.ts'

const small = { length: 1000 }
const all = { kind: 'all' } as const
const series = (name: string) => ({ kind: 'series', series: name }) as const
const image = (name: string) => ({ kind: 'image', image: name }) as const
const imageType = (name: string) => ({ kind: 'imagetype', imageType: name }) as const

/** Two servers that are peers; b takes from a. */
async function pair(limits = {}): Promise<{ a: TestServer; b: TestServer }> {
  const { server, peer } = await createNetwork(['a', 'b'], limits)
  await peer('a', 'b')
  return { a: server('a'), b: server('b') }
}

/** A raw peer with images of 100 000 bytes, whose leaves come only once a test lets them, and a server b that knows it. */
async function slowPeer(limits = {}) {
  const { server } = await createNetwork(['b'], limits)
  const raw = await RawPeer.start('raw')
  const contents = new Map<string, RawContent>()
  const gates = new Map<string, PromiseWithResolvers<void>>()
  const gate = (name: string) => {
    const found = gates.get(name) ?? Promise.withResolvers<void>()
    gates.set(name, found)
    return found
  }
  const names = new Map<string, string>()
  raw.onContent = async (request) => {
    const name = names.get(request.image) ?? ''
    if (request.what === 'leaves') await gate(name).promise
    return { code: 'ok', payload: honestAnswer(contents.get(name) as RawContent, request) }
  }
  await raw.registerOn(server('b'), 'raw')
  const tell = (event: KnownEvent) => raw.append(encodeEvent(event))
  return {
    b: server('b'),
    tell,
    /** Announces an image. */
    publish: (name: string, bend: Parameters<RawPeer['publish']>[2] = {}): SealedManifest => {
      const content = rawContent(randomBytes(100_000, `${name} ${bend.version ?? ''}`))
      contents.set(name, content)
      const sealed = raw.publish(name, content, bend)
      names.set(sealed.id, name)
      return sealed
    },
    /** Makes a series of images that are announced. */
    makeSeries: (name: string, members: readonly SealedManifest[]) => {
      tell({ type: 'series-created', series: name })
      for (const [i, { id }] of members.entries())
        tell({ type: 'series-inserted', series: name, image: id, place: (i + 1) * 1000 })
    },
    /** Lets the leaves of these images come. */
    serve: (...images: string[]) => {
      for (const name of images) gate(name).resolve()
    },
  }
}

const states = async (server: TestServer): Promise<string[]> => {
  const { jobs } = await server.client.jobs({})
  return jobs
    .map((job) => `${job.image} ${job.state}${job.reason === null ? '' : ` (${job.reason})`}`)
    .toSorted()
}

/** Makes an image of a and waits until b, which takes it, has it: everything before it has passed. */
async function pass(a: TestServer, b: TestServer, name: string, options = {}): Promise<void> {
  await a.importImage(name, { ...small, ...options })
  await b.waitImage(`a/${name}`)
}

test('what is wanted is the union of the selectors: all, an image with its descendants, a series, a type', async () => {
  const { a, b } = await pair()
  await a.client.addSeries('s')
  await a.importImage('iso', { ...small, imageType: 'ISO' })
  await a.importImage('base', small)
  await a.importImage('member', { ...small, series: ['s'] })
  await a.importImage('other', small)
  await b.subscribe('a', imageType('ISO'))
  await b.subscribe('a', image('base'))
  await b.subscribe('a', series('s'))
  await a.importImage('child', { ...small, parent: 'base' })
  await a.importImage('another', small)
  await pass(a, b, 'iso-2', { imageType: 'ISO' })
  await pass(a, b, 'member-2', { series: ['s'] })
  for (const name of ['a/iso', 'a/member', 'a/child']) await b.waitImage(name)
  expect(await b.enabled()).toEqual(['a/base', 'a/child', 'a/iso', 'a/iso-2', 'a/member', 'a/member-2'])
  await b.subscribe('a', all)
  await b.waitImage('a/another')
  await b.waitImage('a/other')
  const [peer] = (await b.client.peers({ server: 'a' })).peers
  expect(peer?.subscriptions).toEqual(['imagetype ISO', 'image a/base', 'series s', 'all'])
  await waitFor(
    async () => (await a.client.peers({ server: 'b' })).peers[0]?.theirSubscriptions.length === 4,
    { what: 'what a is told of the subscriptions' },
  )
})

test('an image selector may name a replica of a third server: what the peer made from it is taken', async () => {
  const { server, peer } = await createNetwork(['hq', 'a', 'b'])
  for (const [one, other] of [
    ['hq', 'a'],
    ['hq', 'b'],
    ['a', 'b'],
  ] as const)
    await peer(one, other)
  const base = await server('hq').importImage('base', small)
  for (const name of ['a', 'b']) {
    await server(name).subscribeAll('hq')
    await server(name).waitImage('hq/base')
  }
  await server('b').subscribe('a', image('hq/base'))
  await server('a').importImage('other', small)
  await server('a').importImage('child', { ...small, parent: 'hq/base' })
  await server('b').waitImage('a/child')
  expect(await server('b').enabled()).toEqual(['a/child', 'hq/base'])
  // An image of a third server is nothing to this peer: it is not told which.
  const told = await waitFor(
    async () => (await server('a').client.peers({ server: 'b' })).peers[0]?.theirSubscriptions[0],
    { what: 'what a is told of the subscription' },
  )
  expect(told).not.toContain(base.id)
})

test('a subscription needs the peer in reach and an image that is known; nothing changes otherwise', async () => {
  const { a, b } = await pair({ subscriptionsPeer: 1 })
  await a.importImage('gold', small)
  const refused = async (selector: Parameters<TestServer['subscribe']>[1], code: string, hint: string) =>
    await expect(b.subscribe('a', selector)).rejects.toMatchObject({
      code,
      hint: expect.stringContaining(hint),
    })
  await refused(image('nobody'), 'not-found', 'query image --server PEER')
  await expect(b.subscribe('nobody', all)).rejects.toMatchObject({ code: 'not-found' })
  await expect(b.subscribe('a', all, { keep: 2 })).rejects.toMatchObject({ code: 'usage' })
  await expect(b.subscribe('a', imageType('ISO'), { keep: 2 })).rejects.toMatchObject({ code: 'usage' })
  await expect(b.client.unsubscribe({ server: 'a', selector: all })).rejects.toMatchObject({
    code: 'not-found',
    hint: expect.stringContaining('query subscription'),
  })
  const changed = b.client.modifySubscription({ server: 'a', selector: all, maxBytes: 1 })
  await expect(changed).rejects.toMatchObject({ code: 'not-found' })
  await b.subscribe('a', imageType('ISO'))
  await refused(all, 'conflict', 'uninstantiate image')
  await a.stop()
  await b.waitLink('a', 'down')
  await refused(imageType('ISO'), 'peer-unreachable', 'query peerserver')
  expect((await b.client.subscriptions({})).subscriptions).toMatchObject([{ selector: 'imagetype' }])
})

test('new-only takes what is published or inserted after it, not what was there; a plain call then takes that too', async () => {
  const { a, b } = await pair()
  await a.client.addSeries('s')
  await a.importImage('old-member', { ...small, series: ['s'] })
  await a.importImage('old', small)
  await a.importImage('old-iso', { ...small, imageType: 'ISO' })
  await a.importImage('early-iso', { ...small, imageType: 'ISO', state: 'TESTABLE' })
  expect(await b.subscribe('a', series('s'), { newOnly: true })).toMatchObject({ images: [], notTaken: [] })
  expect(await b.subscribe('a', imageType('ISO'), { newOnly: true })).toMatchObject({ bytesToMove: 0 })
  await a.client.insertImage({ series: 's', image: 'old' }) // inserted now, however old
  await b.waitImage('a/old')
  await a.client.promoteImage({ image: 'early-iso', state: 'PUBLISHED' })
  await b.waitImage('a/early-iso')
  await pass(a, b, 'new-member', { series: ['s'] })
  await a.client.insertImage({ series: 's', image: 'old-member' }) // only moved
  await pass(a, b, 'end', { imageType: 'ISO' })
  expect(await b.enabled()).toEqual(['a/early-iso', 'a/end', 'a/new-member', 'a/old'])
  const plan = await b.subscribe('a', series('s'))
  expect(plan.images.filter(({ here }) => !here).map(({ name }) => name)).toEqual(['old-member'])
  await b.waitImage('a/old-member')
})

test('new-only means the same after the journal was renewed: what was known is not new', async () => {
  const { a, b } = await pair()
  await a.client.addSeries('s')
  await a.importImage('old-member', { ...small, series: ['s'] })
  await a.importImage('old', { ...small, imageType: 'ISO' })
  await b.subscribe('a', series('s'), { newOnly: true })
  await b.subscribe('a', imageType('ISO'), { newOnly: true })
  await a.client.renewJournal(true)
  await waitFor(async () => (await b.client.peers({ server: 'a' })).peers[0]?.fault, { what: 'the fault' })
  await b.client.acceptPeer('a')
  await pass(a, b, 'new', { imageType: 'ISO' })
  await pass(a, b, 'new-member', { series: ['s'] })
  expect(await b.enabled()).toEqual(['a/new', 'a/new-member'])
  expect(await b.seriesOf('s', 'a')).toEqual(['old-member', 'new-member'])
  await a.client.insertImage({ series: 's', image: 'old' })
  await b.waitImage('a/old')
})

test('the plan says what then happens, and a dry run changes nothing', async () => {
  const { a, b } = await pair()
  await a.client.addSeries('s')
  const one = await a.importImage('one', { length: 1000, series: ['s'] })
  await a.importImage('two', { length: 2000, series: ['s'] })
  await a.importImage('twin-of-one', { path: one.path as string, series: ['s'] })
  await a.importImage('big', { length: 50_000, series: ['s'] })
  await a.importImage('gone', { length: 500, series: ['s'] })
  await a.importImage('other', small)
  await b.subscribe('a', image('one'))
  await b.waitImage('a/one')
  await b.subscribe('a', image('gone'))
  await b.waitImage('a/gone')
  await b.client.deleteImage('a/gone')
  const before = { ...(await b.client.subscriptions({})), ...(await b.client.jobs({})) }
  const explained = await b.client.explainImage({ server: 'a', image: 'two' })
  const options = { maxBytes: 10_000 }
  const dry = await b.subscribe('a', series('s'), { ...options, dryRun: true })
  expect(dry).toMatchObject({ dryRun: true, selector: 'series s', bytesHere: 2000, bytesToMove: 2000 })
  expect(dry.images.map(({ name, here }) => [name, here])).toEqual([
    ['one', true],
    ['two', false],
    ['twin-of-one', false],
  ])
  expect(dry.notTaken).toMatchObject([
    { name: 'big', reason: 'max-bytes: its 50000 bytes would make more than 10000 of this peer' },
    { name: 'gone', reason: 'its replica was deleted here' },
  ])
  expect({ ...(await b.client.subscriptions({})), ...(await b.client.jobs({})) }).toEqual(before)
  expect(await b.client.explainImage({ server: 'a', image: 'two' })).toEqual(explained)
  expect((await b.client.audit({ operation: 'instantiate image' })).audit).toHaveLength(2)
  expect(await b.subscribe('a', series('s'), options)).toEqual({ ...dry, dryRun: false })
  await b.waitImage('a/two')
  await b.waitImage('a/twin-of-one')
  const jobs = ['a/one', 'a/gone', 'a/two', 'a/twin-of-one'].map((name) => `${name} DONE`)
  expect(await states(b)).toEqual(jobs.toSorted())
  expect(await b.enabled()).toEqual(['a/one', 'a/twin-of-one', 'a/two'])
})

test('a job that failed for good is not in the plan of a selector that does not name it; asked for by name it runs again', async () => {
  const { b, publish, serve } = await slowPeer()
  publish('good')
  publish('bad', { sha256: rawContent(randomBytes(1000, 'other')).sha256 })
  serve('bad')
  await b.subscribeAll('raw')
  await b.waitJob('raw/bad', ({ state }) => state === 'FAILED')
  const plan = await b.subscribe('raw', all)
  expect(plan.images.map(({ name }) => name)).toEqual(['good'])
  expect(plan.notTaken).toMatchObject([{ name: 'bad', reason: expect.stringContaining('retry job') }])
  expect((await b.client.jobs({})).jobs).toHaveLength(2)
  const { advice } = await b.client.explainImage({ server: 'raw', image: 'bad' })
  expect(advice.join()).toContain('ingot retry job')
  const named = await b.subscribe('raw', image('bad'))
  expect(named).toMatchObject({ images: [{ name: 'bad' }], notTaken: [] })
  await waitFor(async () => (await b.client.jobs({})).jobs.length === 3, { what: 'the new job' })
})

test('the end of a subscription cancels what no other covers, removes its partial data, and says what remains', async () => {
  const { b, publish, makeSeries, serve } = await slowPeer()
  const [one, two] = [publish('one'), publish('two', { type: 'ISO', baseType: 'ISO' })]
  const arrived = publish('arrived')
  makeSeries('s', [one, two, arrived])
  serve('arrived')
  await b.subscribe('raw', image('arrived'))
  await b.waitImage('raw/arrived')
  await b.subscribe('raw', series('s'))
  await b.subscribe('raw', imageType('ISO'))
  for (const name of ['raw/one', 'raw/two']) await b.waitJob(name, ({ state }) => state === 'FETCHING')
  await waitFor(async () => (await b.list('images', 'staging')).length === 2, { what: 'the staging' })
  const end = await b.client.unsubscribe({ server: 'raw', selector: series('s') })
  expect(end).toMatchObject({ cancelledJobs: 1, remainingJobs: 1, replicas: 1 })
  expect(end.remaining.map(({ selector, value }) => [selector, value])).toEqual([
    ['image', 'arrived'],
    ['imagetype', 'ISO'],
  ])
  expect(await b.job('raw/one')).toMatchObject({ state: 'CANCELLED', reason: 'not wanted any more' })
  expect(await b.job('raw/two')).toMatchObject({ state: 'FETCHING' })
  expect(await b.list('images', 'staging')).toHaveLength(1)
  for (const selector of [imageType('ISO'), image('arrived')])
    await b.client.unsubscribe({ server: 'raw', selector })
  expect(await b.list('images', 'staging')).toEqual([])
  expect(await b.enabled()).toEqual(['raw/arrived'])
  expect((await b.client.subscriptions({})).subscriptions).toEqual([])
  expect(
    (await b.client.audit({ operation: 'uninstantiate image' })).audit.map(({ outcome }) => outcome),
  ).toEqual(['done', 'done', 'done'])
})

test('the end of a subscription also ends jobs that wait, stand still or have a conflict', async () => {
  const { b, publish, tell, serve } = await slowPeer({ jobsRunningPeer: 1 })
  const old = publish('gold')
  serve('gold')
  await b.subscribe('raw', all)
  await b.waitImage('raw/gold')
  tell({ type: 'image-deleted', image: old.id })
  publish('gold', { version: '2' })
  await b.waitJob('raw/gold', ({ state }) => state === 'CONFLICT')
  publish('paused')
  publish('running')
  publish('queued')
  const paused = await b.waitJob('raw/paused', ({ state }) => state !== 'DONE')
  await b.client.controlJob(paused.id, 'pause')
  await b.waitJob('raw/running', ({ state }) => state === 'FETCHING')
  await b.waitJob('raw/queued', ({ state }) => state === 'QUEUED')
  const end = await b.client.unsubscribe({ server: 'raw', selector: all })
  expect(end.remainingJobs).toBe(0)
  for (const name of ['gold', 'paused', 'running', 'queued'])
    expect(await b.job(`raw/${name}`), name).toMatchObject({ state: 'CANCELLED' })
  expect(await b.list('images', 'staging')).toEqual([])
})

test('a removal from a series ends the transfer of what nothing else wants', async () => {
  const { b, publish, makeSeries, tell } = await slowPeer()
  const [one, two] = [publish('one'), publish('two')]
  makeSeries('s', [one, two])
  await b.subscribe('raw', series('s'))
  await b.subscribe('raw', image('two'))
  for (const name of ['raw/one', 'raw/two']) await b.waitJob(name, ({ state }) => state === 'FETCHING')
  tell({ type: 'series-removed', series: 's', image: one.id })
  await b.waitJob('raw/one', ({ state }) => state === 'CANCELLED')
  tell({ type: 'series-deleted', series: 's' })
  await waitFor(async () => (await b.client.series({ server: 'raw' })).series.length === 0, {
    what: 'the deletion',
  })
  expect(await b.job('raw/two')).toMatchObject({ state: 'FETCHING' })
})

test('a replica that was deleted stays deleted, also over a restart and another call for all, until it is asked for by name', async () => {
  const { a, b } = await pair()
  await b.subscribeAll('a')
  await pass(a, b, 'gold')
  await b.client.deleteImage('a/gold')
  expect(await b.list('images', 'content')).toEqual([])
  await waitFor(
    async () => (await a.client.images({ holders: true })).images[0]?.holders?.[0]?.state === 'deleted',
    { what: 'the receipt' },
  )
  await b.stop()
  await b.start()
  await b.waitLink('a', 'up')
  const { notTaken } = await b.subscribe('a', all)
  expect(notTaken).toMatchObject([{ name: 'gold', reason: 'its replica was deleted here' }])
  await b.client.unsubscribe({ server: 'a', selector: all })
  await b.subscribeAll('a')
  await a.client.promoteImage({ image: 'gold', state: 'RESTRICTED' })
  await a.client.promoteImage({ image: 'gold', state: 'PUBLISHED' })
  await pass(a, b, 'other')
  expect(await b.enabled()).toEqual(['a/other'])
  expect(await b.client.explainImage({ server: 'a', image: 'gold' })).toMatchObject({
    decision: 'refused',
    rule: 'its replica was deleted here',
    declined: { why: 'deleted' },
    advice: ['"ingot instantiate image --server a --image gold" asks for it again'],
  })
  const plan = await b.subscribe('a', image('gold'))
  expect(plan).toMatchObject({ images: [{ name: 'gold' }], notTaken: [] })
  await b.waitImage('a/gold')
})

test('keep lets old images of a series go, only those, and only once all that stay are here', async () => {
  const { b, publish, makeSeries, tell, serve } = await slowPeer()
  const old = publish('v0')
  const members = ['v1', 'v2', 'v3'].map((name) => publish(name))
  publish('outside')
  makeSeries('s', members)
  serve('v1', 'v2', 'outside')
  await b.subscribe('raw', image('outside'))
  await b.subscribe('raw', image('v1'))
  await b.waitImage('raw/outside')
  await b.waitImage('raw/v1')
  await b.client.unsubscribe({ server: 'raw', selector: image('v1') })
  const plan = await b.subscribe('raw', series('s'), { keep: 2 })
  expect(plan.images.map(({ name }) => name)).toEqual(['v2', 'v3'])
  await b.waitImage('raw/v2')
  await b.waitJob('raw/v3', ({ state }) => state === 'FETCHING')
  expect(await b.enabled()).toEqual(['raw/outside', 'raw/v1', 'raw/v2']) // v3 is not here yet
  serve('v3')
  await b.waitImage('raw/v3')
  await waitFor(async () => !(await b.enabled()).includes('raw/v1'), { what: 'v1 going' })
  expect(await b.enabled()).toEqual(['raw/outside', 'raw/v2', 'raw/v3'])
  expect((await b.client.audit({ operation: 'delete image' })).audit).toMatchObject([
    { subject: 'raw/v1 (keep 2)', outcome: 'done' },
  ])
  // The order of the series says what is old, not that of the publications.
  serve('v0')
  tell({ type: 'series-inserted', series: 's', image: old.id, place: 9000 })
  await b.waitImage('raw/v0')
  await waitFor(async () => !(await b.enabled()).includes('raw/v2'), { what: 'v2 going' })
  expect(await b.enabled()).toEqual(['raw/outside', 'raw/v0', 'raw/v3'])
})

test('keep lets old images of a line go, as soon as it is asked for, and leaves what another selector wants', async () => {
  const { a, b } = await pair()
  await b.subscribe('a', image((await a.importImage('base', small)).id))
  await b.subscribe('a', imageType('ISO'))
  await pass(a, b, 'one', { parent: 'base' })
  await pass(a, b, 'two', { parent: 'one', imageType: 'ISO' })
  await pass(a, b, 'three', { parent: 'two', imageType: 'DISK' })
  await pass(a, b, 'other', { imageType: 'ISO' })
  const plan = await b.subscribe('a', image('base'), { keep: 1, dryRun: true })
  expect(plan.images.map(({ name }) => name)).toEqual(['three'])
  expect(await b.enabled()).toHaveLength(5)
  await b.subscribe('a', image('base'), { keep: 1 })
  await waitFor(async () => (await b.enabled()).length === 3, { what: 'old ones going' })
  expect(await b.enabled()).toEqual(['a/other', 'a/three', 'a/two'])
  await pass(a, b, 'four', { parent: 'three', imageType: 'DISK' })
  await waitFor(async () => (await b.enabled()).length === 3, { what: 'old ones going' })
  expect(await b.enabled()).toEqual(['a/four', 'a/other', 'a/two'])
  // An image that its origin took back stays: nothing says that it is old.
  await a.client.promoteImage({ image: 'four', state: 'RESTRICTED' })
  await b.waitImage('a/three')
  await pass(a, b, 'more', { imageType: 'ISO' })
  expect(await b.enabled()).toEqual(['a/four', 'a/more', 'a/other', 'a/three', 'a/two'])
  // Without the bound they come again; what keep let go is not what the operator deleted.
  await b.client.modifySubscription({ server: 'a', selector: image('base'), keep: null })
  for (const name of ['base', 'one']) await b.waitImage(`a/${name}`)
})

test('keep lets old images go also when nothing has to come and only the order changed', async () => {
  const { a, b } = await pair()
  await a.client.addSeries('s')
  await b.subscribe('a', series('s'), { keep: 2 })
  await pass(a, b, 'one', { series: ['s'] })
  await b.subscribe('a', image('one'))
  await pass(a, b, 'two', { series: ['s'] })
  await pass(a, b, 'three', { series: ['s'] })
  expect(await b.enabled()).toEqual(['a/one', 'a/three', 'a/two'])
  await a.client.insertImage({ series: 's', image: 'one' }) // two is old now
  await waitFor(async () => !(await b.enabled()).includes('a/two'), { what: 'two going' })
  expect(await b.enabled()).toEqual(['a/one', 'a/three'])
})

test('an empty, a new or a deleted series lets nothing go', async () => {
  const { a, b } = await pair()
  await a.client.addSeries('s')
  await b.subscribe('a', series('s'), { keep: 1 })
  await b.subscribe('a', imageType('ISO'))
  await pass(a, b, 'gold', { series: ['s'] })
  await a.client.removeImage({ series: 's', image: 'gold' })
  await pass(a, b, 'iso', { imageType: 'ISO' })
  await a.client.deleteSeries('s', false)
  await a.client.addSeries('s')
  await pass(a, b, 'iso-2', { imageType: 'ISO' })
  expect(await b.enabled()).toEqual(['a/gold', 'a/iso', 'a/iso-2'])
})

test('max-bytes bounds what a peer fills; what did not fit comes when there is room, or when the bound is raised', async () => {
  const { a, b } = await pair()
  await b.subscribe('a', all, { maxBytes: 2500 })
  await pass(a, b, 'one')
  await pass(a, b, 'two')
  await a.importImage('three', small)
  await a.importImage('four', small)
  await pass(a, b, 'tiny', { length: 100 })
  expect(await b.enabled()).toEqual(['a/one', 'a/tiny', 'a/two'])
  const explained = await b.client.explainImage({ server: 'a', image: 'three' })
  expect(explained).toMatchObject({
    decision: 'refused',
    rule: 'max-bytes: its 1000 bytes would make more than 2500 of this peer',
  })
  expect(explained.advice.join()).toContain('--max-bytes')
  const told = await waitFor(
    async () => (await a.client.images({ image: 'three', holders: true })).images[0]?.holders?.[0],
    { what: 'the receipt' },
  )
  expect(told).toMatchObject({
    peer: 'b',
    state: 'refused',
    reason: 'max-bytes: its 1000 bytes would make more than 2500 of this peer',
  })
  await b.client.deleteImage('a/one')
  await b.waitImage('a/three')
  expect(await b.enabled()).toEqual(['a/three', 'a/tiny', 'a/two'])
  await b.client.modifySubscription({ server: 'a', selector: all, maxBytes: 3500 })
  await b.waitImage('a/four')
  await b.client.modifySubscription({ server: 'a', selector: all, maxBytes: 1 })
  expect(await b.enabled()).toHaveLength(4) // nothing that has arrived is deleted
  expect((await b.client.subscriptions({})).subscriptions).toMatchObject([{ maxBytes: 1 }])
  await b.client.modifySubscription({ server: 'a', selector: all, maxBytes: null })
  await pass(a, b, 'five')
})

test('a bound that is lowered under running transfers leaves those that fit', async () => {
  const { b, publish } = await slowPeer()
  for (const name of ['one', 'two', 'three']) publish(name)
  await b.subscribe('raw', all)
  for (const name of ['raw/one', 'raw/two']) await b.waitJob(name, ({ state }) => state === 'FETCHING')
  await b.client.modifySubscription({ server: 'raw', selector: all, maxBytes: 250_000 })
  const live = async () =>
    (await b.client.jobs({})).jobs.filter(({ state }) => state !== 'CANCELLED').map(({ image: name }) => name)
  expect(await live()).toEqual(['raw/one', 'raw/two'])
  await b.client.modifySubscription({ server: 'raw', selector: all, maxBytes: 100_000 })
  expect(await live()).toEqual(['raw/one'])
})

test('a subscription that ends gives its room to what another one wants', async () => {
  const { b, publish } = await slowPeer()
  publish('disk')
  publish('iso', { type: 'ISO', baseType: 'ISO' })
  await b.subscribe('raw', imageType('ISO'))
  await b.waitJob('raw/iso', ({ state }) => state === 'FETCHING')
  const { notTaken } = await b.subscribe('raw', imageType('DISK'), { maxBytes: 150_000 })
  expect(notTaken).toMatchObject([{ name: 'disk' }])
  const end = await b.client.unsubscribe({ server: 'raw', selector: imageType('ISO') })
  expect(end).toMatchObject({ cancelledJobs: 1, remainingJobs: 1 })
  await b.waitJob('raw/disk', ({ state }) => state === 'FETCHING')
})

test('a subscription is changed in place: only what is named changes, and what is under way follows', async () => {
  const { b, publish, serve } = await slowPeer()
  publish('gold')
  await b.subscribe('raw', all, { maxBytes: 500_000, newOnly: false })
  await b.waitJob('raw/gold', ({ state }) => state === 'FETCHING')
  const [before] = (await b.client.subscriptions({})).subscriptions
  const events = await b.follow()
  const changed = await b.client.modifySubscription({
    server: 'raw',
    selector: all,
    landAs: 'RESTRICTED',
    priority: 7,
  })
  expect(changed).toEqual({ ...before, landAs: 'RESTRICTED', priority: 7 })
  await waitFor(() => events.find(({ change }) => change === 'modified'), { what: 'the event' })
  expect(await b.job('raw/gold')).toMatchObject({ priority: 7 })
  await expect(b.client.modifySubscription({ server: 'raw', selector: all, keep: 1 })).rejects.toMatchObject({
    code: 'usage',
  })
  serve('gold')
  expect(await b.waitImage('raw/gold')).toMatchObject({ state: 'RESTRICTED' })
})

test('explain says for each selector whether it matches, which rule decided, and what would change it', async () => {
  const { a, b } = await pair()
  await a.client.addSeries('s')
  await a.importImage('base', small)
  const explain = async (name: string) => {
    const { selectors, ...rest } = await b.client.explainImage({ server: 'a', image: name })
    return { ...rest, selectors: Object.fromEntries(selectors.map((each) => [each.selector, each.why])) }
  }
  expect(await b.announcedBy('a')).toEqual(['base'])
  expect(await explain('base')).toMatchObject({
    server: 'a',
    image: 'base',
    atOrigin: 'announced',
    status: 'announced',
    decision: 'not-wanted',
    rule: 'no subscription',
    selectors: {},
    declined: null,
    job: null,
    advice: [expect.stringContaining('ingot instantiate image --server a --image base')],
  })
  await b.subscribe('a', series('s'), { keep: 1 })
  await b.subscribe('a', imageType('DISK'), { newOnly: true })
  await b.subscribe('a', imageType('ISO'))
  expect(await explain('base')).toMatchObject({
    decision: 'not-wanted',
    rule: expect.stringContaining('imagetype DISK: the image is of this type, but it came before') as string,
    selectors: {
      'series s': 'the image is not in this series',
      'imagetype DISK': expect.stringContaining('came before the subscription'),
      'imagetype ISO': 'the image is of type DISK',
    },
  })
  await a.importImage('first', { ...small, imageType: 'OS', series: ['s'] })
  await pass(a, b, 'second', { imageType: 'OS', series: ['s'] })
  expect(await explain('first')).toMatchObject({
    decision: 'not-wanted',
    selectors: { 'series s': expect.stringContaining('newer ones fill the number that is kept') },
  })
  expect(await explain('a/second')).toMatchObject({
    status: 'enabled',
    decision: 'wanted',
    rule: 'series s',
    selectors: { 'series s': 'the image is in this series' },
    job: { state: 'DONE' },
    advice: [expect.stringContaining('uninstantiate image')],
  })
  await a.client.promoteImage({ image: 'base', state: 'RESTRICTED' })
  expect(await b.announcedBy('a')).toEqual(['first', 'second'])
  expect(await explain('base')).toMatchObject({
    atOrigin: 'withdrawn',
    advice: [expect.stringContaining('took it back (withdrawn)')],
  })
  await expect(b.client.explainImage({ server: 'a', image: 'nobody' })).rejects.toMatchObject({
    code: 'not-found',
    hint: expect.stringContaining('query image'),
  })
})

test('explain says what an operator did to a job, and how it goes on', async () => {
  const { b, publish } = await slowPeer()
  publish('gold')
  await b.subscribe('raw', all)
  const { id } = await b.waitJob('raw/gold', ({ state }) => state === 'FETCHING')
  const explain = async () => await b.client.explainImage({ server: 'raw', image: 'gold' })
  expect(await explain()).toMatchObject({ status: 'fetching', decision: 'wanted', rule: 'all' })
  await b.client.controlJob(id, 'pause')
  const paused = await explain()
  expect(paused).toMatchObject({ status: 'paused', decision: 'wanted', job: { state: 'PAUSED' } })
  expect(paused.advice.join()).toContain(`ingot resume job --job ${id}`)
  await b.client.controlJob(id, 'cancel')
  const cancelled = await explain()
  expect(cancelled).toMatchObject({
    decision: 'refused',
    rule: 'its job was cancelled here',
    declined: { why: 'cancelled' },
  })
  expect(cancelled.advice.join()).toContain('ingot instantiate image --server raw --image gold')
  await b.subscribe('raw', all)
  expect(await b.job('raw/gold')).toMatchObject({ state: 'CANCELLED' })
  await b.subscribe('raw', image('gold'))
  await b.waitJob('raw/gold', ({ state }) => state === 'FETCHING')
})
