import { expect, test } from 'vitest'
import type { Digest } from '../../src/image/digest.ts'
import { createNetwork } from '../support/network.ts'
import { rawContent } from '../support/raw-content.ts'
import { RawPeer } from '../support/raw-peer.ts'
import { randomBytes } from '../support/files.ts'
import { inStateOf } from '../support/state.ts'
import { waitFor } from '../support/wait-for.ts'

const all = { kind: 'all' } as const

test('the origin reads who wants, fetches, pauses, has and deleted an image', async () => {
  const { server, peer } = await createNetwork(['a', 'b', 'c'], {
    messagesPerSecond: 6,
    jobsRunning: 1,
    jobsRunningPeer: 1,
  })
  const [origin, here] = [server('a'), server('b')]
  await peer('a', 'b')
  await peer('a', 'c')
  await origin.importImage('gold', { length: 16_000_000 })
  await origin.importImage('next')
  await here.subscribeAll('a')
  await origin.waitHolder('next', 'b', ({ state, reason }) => state === 'wanted' && reason === null)
  await origin.waitHolder('gold', 'b', ({ state, reason }) => state === 'fetching' && reason === null)
  const { id } = await here.waitJob('a/gold', ({ state }) => state === 'FETCHING')
  await here.client.controlJob(id, 'pause')
  await origin.waitHolder('gold', 'b', ({ state, reason }) => state === 'wanted' && reason === 'paused')
  await here.waitImage('a/next')
  await here.client.controlJob(id, 'resume')
  await origin.waitHolder('gold', 'b', ({ state }) => state === 'fetching')
  await here.waitImage('a/gold')
  const { since } = await origin.waitHolder('gold', 'b', ({ state }) => state === 'enabled')
  expect(Number.isNaN(Date.parse(since))).toBe(false)
  await here.client.deleteImage('a/gold')
  await origin.waitHolder('gold', 'b', ({ state }) => state === 'deleted')
  // Nobody else holds it, and nobody but the origin is told.
  expect((await origin.client.images({ image: 'gold', holders: true })).images[0]?.holders).toHaveLength(1)
  expect((await here.client.images({ image: 'a/next', holders: true })).images[0]?.holders).toBeUndefined()
})

test('the origin reads why a receiver does not take an image: declined, too much, cancelled, not wanted any more', async () => {
  const { server, peer } = await createNetwork(['a', 'b'], { jobsRunning: 1, jobsRunningPeer: 1 })
  const [origin, here] = [server('a'), server('b')]
  await peer('a', 'b')
  await here.client.modifyPeer('a', { rateIn: 1_500_000 }) // the large ones take ten seconds: they are met on their way
  await here.client.subscribe({ server: 'a', selector: all, maxBytes: 15_500_000 })
  await origin.importImage('large', { length: 15_000_000 })
  await origin.importImage('too-much', { length: 1_000_000 })
  await origin.waitHolder(
    'too-much',
    'b',
    ({ state, reason }) => state === 'refused' && reason?.startsWith('max-bytes') === true,
  )
  const { id } = await here.waitJob('a/large', ({ state }) => state === 'FETCHING')
  await here.client.controlJob(id, 'cancel')
  await origin.waitHolder(
    'large',
    'b',
    ({ state, reason }) => state === 'refused' && /operator|cancelled/.test(reason ?? ''),
  )
  // There is room now.
  await here.client.modifySubscription({ server: 'a', selector: all, maxBytes: null })
  await here.waitImage('a/too-much')
  await origin.waitHolder('too-much', 'b', ({ state }) => state === 'enabled')
  await origin.importImage('unwanted', { length: 15_000_000 })
  await here.waitJob('a/unwanted', ({ state }) => state === 'FETCHING')
  await here.client.unsubscribe({ server: 'a', selector: all })
  await origin.waitHolder(
    'unwanted',
    'b',
    ({ state, reason }) => state === 'refused' && reason === 'not wanted any more',
  )
})

test('the origin reads that the disk of a receiver is full, and later that the image is there', async () => {
  const { server, peer } = await createNetwork(['a', 'b'])
  const [origin, here] = [server('a'), server('b')]
  await peer('a', 'b')
  const floor = await createNetwork(['c'], { freeSpaceFloor: 0.9999 })
  const full = floor.server('c')
  await origin.register(full)
  await full.register(origin)
  await origin.waitLink('c', 'up')
  await full.waitLink('a', 'up')
  await full.subscribeAll('a')
  await here.subscribeAll('a')
  await origin.importImage('gold')
  await origin.waitHolder('gold', 'c', ({ state, reason }) => state === 'wanted' && reason === 'no-space')
  expect(await full.waitJob('a/gold', ({ state }) => state === 'WAITING')).toMatchObject({
    reason: 'no-space',
  })
  await origin.waitHolder('gold', 'b', ({ state }) => state === 'enabled')
  const { images } = await origin.client.images({ image: 'gold', holders: true })
  expect(images[0]?.holders?.map(({ peer: name }) => name).toSorted()).toEqual(['b', 'c'])
})

test('what could not be told is told when the link is back, each image once and in its last state', async () => {
  const raw = (await RawPeer.start('raw')).serve()
  const { server } = await createNetwork(['b'])
  const here = server('b')
  const gold = raw.publish('gold', rawContent(randomBytes(1_000, 'gold')))
  const silver = raw.publish('silver', rawContent(randomBytes(1_000, 'silver')))
  await raw.registerOn(here, 'raw')
  await here.subscribeAll('raw')
  await here.waitImage('raw/gold')
  await here.waitImage('raw/silver')
  const last = (image: string) => raw.receipts.filter((receipt) => receipt.image === image).at(-1)?.state
  await waitFor(() => last(gold.id) === 'enabled' && last(silver.id) === 'enabled', { what: 'the receipts' })
  const states = raw.receipts.filter(({ image }) => image === gold.id).map(({ state }) => state)
  expect(states.toSorted()).toEqual([...new Set(states)].toSorted())
  await raw.host.stop()
  await here.waitLink('raw', 'down')
  await here.client.deleteImage('raw/gold')
  await here.stop()
  await here.start()
  const back = await RawPeer.start('raw')
  await here.client.modifyPeer('raw', { addresses: back.host.addresses() })
  await waitFor(() => back.receipts.length > 0, { what: 'the receipt', timeoutMs: 20_000 })
  expect(back.receipts).toMatchObject([{ image: gold.id, state: 'deleted' }])
})

test('a receipt for an image that is not ours is not kept', async () => {
  const { server, peer } = await createNetwork(['a', 'b'])
  await peer('a', 'b')
  await server('b').subscribeAll('a')
  const made = await server('a').importImage('gold')
  await server('b').waitImage('a/gold')
  await server('a').waitHolder('gold', 'b', ({ state }) => state === 'enabled')
  await server('a').client.deleteImage('gold')
  await server('b').waitPeer('a', ({ journalSeq }) => journalSeq === 2)
  await server('b').client.deleteImage('a/gold')
  await server('a').importImage('gold', { seed: 'anew' })
  await server('b').waitImage('a/gold')
  await server('a').waitHolder('gold', 'b', ({ state }) => state === 'enabled')
  const { images } = await server('a').client.images({ holders: true })
  expect(images.map(({ id }) => id)).not.toContain(made.id)
  expect(images[0]?.holders).toHaveLength(1)
  await server('a').stop()
  expect(inStateOf(server('a'), ({ receipts }) => receipts.holders(made.id as Digest))).toEqual([])
})
