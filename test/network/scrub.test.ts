import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { ImageDocument } from '../../src/control/documents.ts'
import type { Clock } from '../../src/core/clock.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { randomBytes, sha256OfFile } from '../support/files.ts'
import { createNetwork, TestServer } from '../support/network.ts'
import { rawContent, type RawContent } from '../support/raw-content.ts'
import { RawPeer } from '../support/raw-peer.ts'
import { rotLeaves } from '../support/rot.ts'
import { tempDir } from '../support/temp-dir.ts'
import { TurnedClock } from '../support/turned-clock.ts'
import { waitFor } from '../support/wait-for.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const MIB = 2 ** 20

/** A server with a scrub that is set up so; nothing else of it wakes often. */
async function scrubbing(scrub: string, clock: Clock): Promise<TestServer> {
  const home = join(await tempDir(), 'a')
  await mkdir(home, { mode: 0o700 })
  await writeFile(join(home, 'ingot.toml'), `[scrub]\n${scrub}\n`)
  const server = new TestServer('a', home, { spaceCheckMs: 20 * DAY, repairRetryMinMs: 50 }, clock)
  onTestFinished(async () => await server.stop())
  await server.start()
  return server
}

async function imageOf(server: TestServer, image: string): Promise<ImageDocument> {
  return (await server.client.images({ image })).images[0] as ImageDocument
}

/** Lets the time pass in small steps until something holds: what is due between two steps happens. */
async function turnUntil(
  clock: FakeClock,
  { step, what }: { step: number; what: string },
  condition: () => Promise<boolean>,
): Promise<void> {
  await waitFor(
    async () => {
      if (await condition()) return true
      await clock.advance(step)
      return false
    },
    { what, timeoutMs: 20_000 },
  )
}

const verifiedAt = async (server: TestServer, image: string) =>
  Date.parse((await imageOf(server, image)).verifiedAt as string)

test('every image is read when it is due, the one first that was read the longest ago; damage is marked', async () => {
  const clock = new FakeClock()
  const a = await scrubbing('every = "10d"\nrate = 1000000000', clock)
  const begun = clock.now()
  const paths: string[] = []
  for (const name of ['one', 'two', 'three']) {
    paths.push((await a.importImage(name)).path as string)
    await clock.advance(HOUR)
  }
  expect(await verifiedAt(a, 'one')).toBe(begun)
  expect((await a.client.status()).scrub).toEqual({
    state: 'idle',
    next: new Date(begun + 10 * DAY).toISOString(),
  })
  rotLeaves(paths[1] as string, 2)
  await clock.advance(9 * DAY)
  expect(await imageOf(a, 'two')).toMatchObject({ status: 'enabled' })
  await turnUntil(clock, { step: HOUR, what: 'the first' }, async () => (await verifiedAt(a, 'one')) > begun)
  expect(await verifiedAt(a, 'one')).toBeGreaterThanOrEqual(begun + 10 * DAY)
  await turnUntil(
    clock,
    { step: HOUR, what: 'the damage' },
    async () => (await imageOf(a, 'two')).status === 'damaged',
  )
  expect(await imageOf(a, 'two')).toMatchObject({
    damage: { foundBy: 'scrub', ranges: [{ first: 2, count: 1 }] },
  })
  await turnUntil(
    clock,
    { step: HOUR, what: 'the last' },
    async () => (await verifiedAt(a, 'three')) > begun + 9 * DAY,
  )
  expect(await imageOf(a, 'three')).toMatchObject({ status: 'enabled' })
})

test('it reads no faster than it may, and goes on where it stopped after a restart', async () => {
  const clock = new FakeClock()
  const a = await scrubbing(`every = "1d"\nrate = ${4 * MIB}`, clock)
  const { path } = await a.importImage('large', { length: 20 * MIB })
  const begun = clock.now()
  await clock.advance(DAY)
  // One segment of 4 MiB, and then a second of rest.
  await waitFor(() => clock.sleeping.includes(1000), { what: 'the first segment' })
  expect((await a.client.status()).scrub.state).toBe('reading')
  expect(await verifiedAt(a, 'large')).toBe(begun)
  await a.stop()
  // What was read already is not read again now: the damage there is found the next time.
  rotLeaves(path as string, 0)
  await a.start()
  await turnUntil(clock, { step: 500, what: 'the rest' }, async () => (await verifiedAt(a, 'large')) > begun)
  expect(clock.now() - begun - DAY).toBeGreaterThanOrEqual(4000)
  expect(await imageOf(a, 'large')).toMatchObject({ status: 'enabled' })
  await clock.advance(DAY)
  await turnUntil(
    clock,
    { step: 500, what: 'the damage' },
    async () => (await imageOf(a, 'large')).status === 'damaged',
  )
})

test('it stands still while its window is closed, and when it is off', async () => {
  const clock = new FakeClock(Date.UTC(2026, 0, 1, 12)) // a Thursday
  const a = await scrubbing('every = "1h"\nwindow = "fri 02:00-03:00 UTC"', clock)
  const begun = clock.now()
  await a.importImage('gold')
  await clock.advance(13 * HOUR)
  expect((await a.client.status()).scrub.state).toBe('window')
  expect(await verifiedAt(a, 'gold')).toBe(begun)
  await clock.advance(HOUR)
  await turnUntil(clock, { step: 100, what: 'the window' }, async () => (await verifiedAt(a, 'gold')) > begun)
  expect(new Date(await verifiedAt(a, 'gold')).toISOString()).toMatch(/^2026-01-02T02:/)

  const off = await scrubbing('enabled = false\nevery = "1h"', clock)
  await off.importImage('gold')
  const at = clock.now()
  await clock.advance(DAY)
  expect(await verifiedAt(off, 'gold')).toBe(at)
  expect((await off.client.status()).scrub).toEqual({ state: 'off', next: null })
})

test('a receiver that reports wrong leaves lets an origin look at its own disk', async () => {
  const { server, peer } = await createNetwork(['a', 'b'], { scrubReportMs: 1, repairRetryMinMs: 50 })
  await peer('a', 'b')
  const [a, b] = [server('a'), server('b')]
  const made = await a.importImage('gold')
  rotLeaves(made.path as string, 1)
  await b.subscribeAll('a')
  await waitFor(async () => (await imageOf(a, 'gold')).status === 'damaged', {
    what: 'the damage being found',
    timeoutMs: 20_000,
    dump: async () => await b.job('a/gold'),
  })
  expect((await imageOf(a, 'gold')).damage).toMatchObject({ foundBy: 'scrub', leaves: 1 })
})

/** A server with a replica of an image of a raw peer, which is read once a day. */
async function scrubbedReplica(
  clock: Clock,
): Promise<{ b: TestServer; raw: RawPeer; content: RawContent; path: string }> {
  const b = await scrubbing('every = "1d"\nrate = 1000000000', clock)
  const raw = await RawPeer.start('raw')
  const content = rawContent(randomBytes(300_000, 'content'))
  raw.serve().publish('gold', content)
  await raw.registerOn(b, 'raw')
  await b.subscribeAll('raw')
  const { path } = await b.waitImage('raw/gold')
  return { b, raw, content, path: path as string }
}

test('what the scrub finds of a replica is repaired by itself', async () => {
  const clock = new TurnedClock(Date.UTC(2026, 0, 1))
  const { b, raw, content, path } = await scrubbedReplica(clock)
  const events = await b.follow()
  rotLeaves(path, 3)
  raw.requests.length = 0
  clock.turn(clock.now() + 2 * DAY)
  await waitFor(
    () => events.some(({ type, operation }) => type === 'audit' && operation === 'repair image'),
    {
      what: 'the repair',
      timeoutMs: 20_000,
      dump: async () => await imageOf(b, 'raw/gold'),
    },
  )
  expect(raw.requests).toMatchObject([{ what: 'leaves', run: { first: 3, count: 1 } }])
  expect(await imageOf(b, 'raw/gold')).toMatchObject({ status: 'enabled', damage: null })
  expect(await sha256OfFile(path)).toBe(content.sha256)
})

test('a clock that is set back delays neither the scrub nor the repair of what it found', async () => {
  const clock = new TurnedClock(Date.UTC(2026, 0, 31))
  const { b, raw, content, path } = await scrubbedReplica(clock)
  rotLeaves(path, 3)
  const honest = raw.onContent
  let refused = 0
  raw.onContent = () => {
    refused++
    return { code: 'changed-on-disk' }
  }
  // It was read in a time that is still to come.
  await b.stop()
  clock.turn(Date.UTC(2026, 0, 1), 'steps')
  await b.start()
  await waitFor(() => refused > 0, { what: 'an attempt to repair', timeoutMs: 20_000 })
  expect(await imageOf(b, 'raw/gold')).toMatchObject({ status: 'damaged' })
  clock.turn(Date.UTC(2025, 0, 1), 'steps')
  raw.onContent = honest
  await waitFor(async () => (await imageOf(b, 'raw/gold')).status === 'enabled', {
    what: 'the repair',
    timeoutMs: 20_000,
  })
  expect(await sha256OfFile(path)).toBe(content.sha256)
})
