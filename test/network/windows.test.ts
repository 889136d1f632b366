import { expect, test } from 'vitest'
import { randomBytes, sha256OfFile } from '../support/files.ts'
import { createNetwork, type TestServer } from '../support/network.ts'
import { rawContent } from '../support/raw-content.ts'
import { RawPeer, stallAt } from '../support/raw-peer.ts'
import { TurnedClock } from '../support/turned-clock.ts'
import { waitFor } from '../support/wait-for.ts'

const all = { kind: 'all' } as const
const utc = (text: string) => Date.parse(`${text}Z`)
const night = '22:00-06:00 Europe/Vienna' // 21:00 to 05:00 UTC in winter
const small = (name: string) => rawContent(randomBytes(200_000, name))

/** A receiver `b`, by a clock that the test turns, of a raw origin. */
async function receiver(now: string, limits = {}) {
  const clock = new TurnedClock(utc(now))
  const raw = (await RawPeer.start('raw')).serve()
  const { server } = await createNetwork(['b'], limits, clock)
  const here = server('b')
  await raw.registerOn(here, 'raw')
  return { clock, raw, here }
}

async function outside(here: TestServer, image: string, opens: string): Promise<void> {
  await here.waitJob(
    image,
    ({ state, reason, retryAt }) =>
      state === 'WAITING' && reason === 'window' && retryAt?.slice(0, 16) === opens,
  )
}

test('a job waits for its window, runs in it, stands still when it closes, and goes on where it was', async () => {
  const { clock, raw, here } = await receiver('2026-01-10T12:00', { requestLeaves: 16 })
  const content = rawContent(randomBytes(12_000_000, 'large'))
  const line = stallAt(raw, 128) // the first segments pass
  await here.client.subscribe({ server: 'raw', selector: all, window: night })
  raw.publish('large', content)
  await outside(here, 'raw/large', '2026-01-10T21:00')
  const waiting = await here.job('raw/large')
  expect(waiting).toMatchObject({ attempts: 0, bytesDone: 0 })
  await expect(here.client.controlJob(waiting?.id ?? 0, 'retry')).rejects.toMatchObject({
    code: 'conflict',
    message: expect.stringContaining('opens at 2026-01-10T21:00') as string,
    hint: expect.stringContaining('--window') as string,
  })
  expect((await here.client.status()).jobs).toMatchObject({ running: 0, waiting: 1, outsideWindow: 1 })
  const { checks } = await here.client.doctor()
  expect(checks.find(({ check }) => check === 'jobs')).toMatchObject({ result: 'ok' })

  clock.turn(utc('2026-01-10T21:00'))
  await waitFor(() => line.served >= 128, { what: 'the first segments', timeoutMs: 20_000 })
  const { id = 0 } = (await here.job('raw/large')) ?? {}
  await waitFor(async () => (await here.stagedBytes(id)) > 6_000_000, { what: 'them on the disk' })
  clock.turn(utc('2026-01-11T05:00'))
  await outside(here, 'raw/large', '2026-01-11T21:00')
  const paused = await here.job('raw/large')
  expect(paused?.bytesDone).toBeGreaterThan(65_536)
  expect(await here.list('images', 'staging')).toEqual([`job-${paused?.id}`])
  await waitFor(() => raw.receipts.some(({ state, reason }) => state === 'wanted' && reason === 'window'), {
    what: 'the receipt',
  })

  // What is outside its window keeps nobody else waiting, not even a descendant; over a restart it waits on.
  line.stalls = false
  line.served = 0
  await here.stop()
  await here.start()
  await here.waitLink('raw', 'up')
  await here.client.subscribe({ server: 'raw', selector: { kind: 'imagetype', imageType: 'ISO' } })
  const ancestors = [(await here.client.images({ image: 'raw/large' })).images[0]?.id as `sha256:${string}`]
  raw.publish('free', small('free'), { type: 'ISO', baseType: 'ISO', ancestors })
  await here.waitImage('raw/free')
  await outside(here, 'raw/large', '2026-01-11T21:00')
  expect(line.served).toBe(4)

  line.served = 0
  clock.turn(utc('2026-01-11T21:00'))
  const image = await here.waitImage('raw/large')
  expect(await sha256OfFile(image.path as string)).toBe(content.sha256)
  expect(line.served).toBe(Math.ceil((12_000_000 - (paused?.bytesDone ?? 0)) / 65_536))
})

test('a changed window counts at once, for what runs and for what waits', async () => {
  const { raw, here } = await receiver('2026-01-10T12:00')
  const release = raw.hold(raw.publish('gold', small('gold')).id)
  await here.client.subscribe({ server: 'raw', selector: all })
  await here.waitJob('raw/gold', ({ state }) => state === 'FETCHING')
  expect(
    await here.client.modifySubscription({ server: 'raw', selector: all, window: 'SUN 10:00-11:00 utc' }),
  ).toMatchObject({ window: 'sun 10:00-11:00 UTC' })
  await outside(here, 'raw/gold', '2026-01-11T10:00')
  raw.publish('silver', small('silver'))
  await outside(here, 'raw/silver', '2026-01-11T10:00')
  await here.client.modifySubscription({ server: 'raw', selector: all, window: night })
  await outside(here, 'raw/gold', '2026-01-10T21:00')
  await outside(here, 'raw/silver', '2026-01-10T21:00')
  // The most specific selector decides.
  release()
  await here.subscribeImage('raw', 'silver')
  await here.waitImage('raw/silver')
  expect(await here.job('raw/gold')).toMatchObject({ state: 'WAITING', reason: 'window' })
  const wrong = { server: 'raw', selector: all, window: '22:00-06:00 Vienna' }
  await expect(here.client.modifySubscription(wrong)).rejects.toMatchObject({ code: 'usage' })
  await here.client.modifySubscription({ server: 'raw', selector: all, window: null })
  await here.waitImage('raw/gold')
  expect((await here.client.subscriptions({})).subscriptions).toMatchObject([
    { window: null },
    { window: null },
  ])
})

test('a clock that is set is noticed without anything else that happens', async () => {
  const { clock, raw, here } = await receiver('2026-01-10T12:00', { windowCheckMs: 100 })
  await here.client.subscribe({ server: 'raw', selector: all, window: night })
  raw.publish('gold', small('gold'))
  await outside(here, 'raw/gold', '2026-01-10T21:00')
  clock.turn(utc('2026-01-09T12:00'), 'steps')
  await outside(here, 'raw/gold', '2026-01-09T21:00')
  clock.turn(utc('2026-01-09T22:00'), 'steps')
  await here.waitImage('raw/gold')
})

test('a paused job that is resumed waits for its window; a cancelled one is not tried again before', async () => {
  const { clock, raw, here } = await receiver('2026-01-10T12:00')
  await here.client.subscribe({ server: 'raw', selector: all, window: night })
  raw.publish('gold', small('gold'))
  await outside(here, 'raw/gold', '2026-01-10T21:00')
  const id = (await here.job('raw/gold'))?.id ?? 0
  await here.client.controlJob(id, 'pause')
  clock.turn(utc('2026-01-10T21:30'))
  clock.turn(utc('2026-01-11T12:00'))
  expect(await here.client.controlJob(id, 'resume')).toMatchObject({ state: 'WAITING', reason: 'window' })
  await here.client.controlJob(id, 'cancel')
  await expect(here.client.controlJob(id, 'retry')).rejects.toMatchObject({ code: 'conflict' })
  expect((await here.client.explainImage({ server: 'raw', image: 'gold' })).declined).not.toBeNull()
})
