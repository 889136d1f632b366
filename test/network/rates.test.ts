import { expect, test } from 'vitest'
import { FakeClock } from '../support/fake-clock.ts'
import { randomBytes, sha256OfFile } from '../support/files.ts'
import { createNetwork, type TestServer } from '../support/network.ts'
import { rawContent, type RawContent } from '../support/raw-content.ts'
import { RawPeer } from '../support/raw-peer.ts'
import { waitFor } from '../support/wait-for.ts'

const all = { kind: 'all' } as const
const LEAF = 65_536
const MiB = 2 ** 20
/** No time passes but what the test lets pass, so that what has come by then says what the rate was. */
const clockOfTest = () => new FakeClock(Date.now())

/** A receiver `b` of raw origins, and what they were asked for in leaves. */
async function receiver(names: readonly string[]) {
  const clock = clockOfTest()
  const { server } = await createNetwork(['b'], { spaceCheckMs: 3_600_000 }, clock)
  const here = server('b')
  const asked: Record<string, number> = {}
  const sizes: number[] = []
  const raws: Record<string, RawPeer> = {}
  for (const name of names) {
    const raw = (await RawPeer.start(name)).serve()
    const honest = raw.onContent
    asked[name] = 0
    raw.onContent = async (request) => {
      if (request.what === 'leaves') {
        asked[name] = (asked[name] ?? 0) + request.run.count * LEAF
        sizes.push(request.run.count)
      }
      return await honest(request)
    }
    await raw.registerOn(here, name)
    raws[name] = raw
  }
  return { clock, here, asked, sizes, raws }
}

/** Waits until as much as a rate allows was counted, but for 5 % and a leaf. */
async function comes(count: () => number, bytes: number): Promise<void> {
  await waitFor(() => count() >= bytes * 0.95 - LEAF, { what: `${bytes} bytes`, dump: () => count() })
  expect(count()).toBeLessThanOrEqual(bytes * 1.05 + LEAF)
}

/** Lets time pass from one moment to the next at which something may move; nothing else sleeps for so short a time. */
async function pass(clock: FakeClock, ms: number): Promise<void> {
  const end = clock.now() + ms
  while (clock.now() < end) {
    const next = await waitFor(() => clock.sleeping.find((each) => each < 5_000), {
      what: 'somebody who waits for a rate',
      timeoutMs: 20_000,
    })
    await clock.advance(Math.max(1, Math.min(next, end - clock.now())))
    await new Promise((resolve) => setTimeout(resolve, 1)) // what moves now comes back for more
  }
}

function content(seed: string, length = 4 * MiB): RawContent {
  return rawContent(randomBytes(length, seed))
}

async function instantiate(here: TestServer, server: string, rate?: number): Promise<void> {
  await here.client.subscribe({ server, selector: all, ...(rate === undefined ? {} : { rate }) })
}

test('a receiver asks for no more than its rate allows, leaf by leaf; a change counts at once', async () => {
  const { clock, here, asked, sizes, raws } = await receiver(['raw'])
  const count = () => asked['raw'] ?? 0
  await here.client.modifyPeer('raw', { rateIn: 100_000 })
  const held = content('gold')
  raws['raw']?.publish('gold', held)
  await instantiate(here, 'raw')
  await pass(clock, 5_000)
  await comes(count, 500_000)
  await here.client.modifyPeer('raw', { rateIn: 1_000_000 })
  await pass(clock, 1_000)
  await comes(count, 1_500_000)
  await here.client.modifyServer({ rateIn: 200_000 })
  await pass(clock, 2_000)
  await comes(count, 1_900_000)
  expect(new Set(sizes)).toEqual(new Set([1]))
  expect(await here.client.server()).toMatchObject({ rateIn: 200_000, rateOut: null })
  expect(await here.peer('raw')).toMatchObject({ rateIn: 1_000_000, rateOut: null })
  // They hold over a restart.
  await here.stop()
  await here.start()
  await here.waitLink('raw', 'up')
  const before = count()
  await pass(clock, 2_000)
  await comes(() => count() - before, 400_000)
  await here.client.modifyServer({ rateIn: null })
  await here.client.modifyPeer('raw', { rateIn: null })
  const image = await here.waitImage('raw/gold')
  expect(await sha256OfFile(image.path as string)).toBe(held.sha256)
})

test('the jobs of one selector share its rate, the most specific one counts, and it changes while they run', async () => {
  const { clock, here, asked, raws } = await receiver(['one', 'two'])
  const [one, two] = [() => asked['one'] ?? 0, () => asked['two'] ?? 0]
  for (const name of ['gold', 'silver']) raws['one']?.publish(name, content(name))
  raws['two']?.publish('other', content('other', MiB))
  await instantiate(here, 'one', 100_000)
  await pass(clock, 5_000)
  await comes(one, 500_000)
  await instantiate(here, 'two')
  await here.waitImage('two/other') // a peer without a rate is not held back
  expect(two()).toBe(MiB)
  await here.client.modifySubscription({ server: 'one', selector: all, rate: 400_000 })
  await pass(clock, 2_000)
  await comes(one, 1_300_000)
  expect((await here.client.subscriptions({ server: 'one' })).subscriptions).toMatchObject([
    { rate: 400_000 },
  ])
  await here.subscribeImage('one', 'gold')
  await here.waitImage('one/gold')
  expect(await here.job('one/silver')).toMatchObject({ state: 'FETCHING' })
  await here.client.modifySubscription({ server: 'one', selector: all, rate: null })
  await here.waitImage('one/silver')
})

test('what was asked for in large pieces before a rate is asked for in small ones after it', async () => {
  const { clock, here, asked, sizes, raws } = await receiver(['raw'])
  const held = content('large', 48 * MiB)
  const honest = raws['raw']?.onContent
  const gate = Promise.withResolvers<void>()
  if (raws['raw'] !== undefined && honest !== undefined)
    raws['raw'].onContent = async (request) => {
      if (request.what === 'leaves') await gate.promise
      return await honest(request)
    }
  raws['raw']?.publish('large', held)
  await instantiate(here, 'raw')
  await waitFor(() => raws['raw']?.requests.some(({ what }) => what === 'leaves') === true, {
    what: 'requests in large pieces',
  })
  await here.client.modifyServer({ rateIn: 16_384 })
  gate.resolve()
  await waitFor(() => (asked['raw'] ?? 0) >= 24 * MiB, { what: 'what was under way' })
  const before = sizes.length
  await clock.advance(3_600_000)
  await waitFor(() => sizes.length > before, { what: 'the next request' })
  expect(new Set(sizes.slice(before))).toEqual(new Set([1]))
  await here.client.modifyServer({ rateIn: null })
  expect(await sha256OfFile((await here.waitImage('raw/large')).path as string)).toBe(held.sha256)
})

test('an origin sends no more than its rates allow, to one peer and to all', async () => {
  const clock = clockOfTest()
  const { server } = await createNetwork(['a'], {}, clock)
  const origin = server('a')
  const { id } = await origin.importImage('gold', { length: 4 * MiB })
  await origin.client.modifyServer({ rateOut: 200_000 })
  const came: Record<string, () => number> = {}
  for (const name of ['one', 'two']) {
    const raw = (await RawPeer.start(name)).serve()
    await raw.registerOn(origin, name)
    if (name === 'one') await origin.client.modifyPeer('one', { rateOut: 50_000 })
    const streams = await raw.contentStreams(origin, 4)
    came[name] = () => streams.reduce((sum, { received }) => sum + received, 0)
    for (const stream of streams) {
      await stream.ask({ image: id as `sha256:${string}`, what: 'leaves', run: { first: 0, count: 64 } })
      stream.answer(Buffer.alloc(4 * MiB)).catch(() => {}) // it ends with the test
    }
  }
  await pass(clock, 10_000)
  await comes(() => came['one']?.() ?? 0, 500_000)
  await comes(() => came['two']?.() ?? 0, 1_500_000)
  await origin.client.modifyPeer('one', { rateOut: null })
  await pass(clock, 5_000)
  await comes(() => came['one']?.() ?? 0, 1_000_000) // now they share what is sent in all
  await comes(() => came['two']?.() ?? 0, 2_000_000)
  await origin.client.modifyPeer('one', { rateOut: 50_000 })
  expect(await origin.peer('one')).toMatchObject({ rateIn: null, rateOut: 50_000 })
})

test('a rate too low to be of use is refused', async () => {
  const { server } = await createNetwork(['a'])
  const { client } = server('a')
  await expect(client.modifyServer({ rateIn: 16_383 })).rejects.toMatchObject({ code: 'usage' })
  await expect(client.modifyServer({})).rejects.toMatchObject({ code: 'usage' })
  await client.modifyServer({ rateIn: 16_384 })
})
