import { expect, test } from 'vitest'
import { systemClock, type Clock } from '../../../src/core/clock.ts'
import { EventBus } from '../../../src/core/events.ts'
import { defaultLimits } from '../../../src/core/limits.ts'
import { silentLogger } from '../../../src/core/logger.ts'
import type { Links } from '../../../src/net/links.ts'
import { TransferRates } from '../../../src/net/transfer-rates.ts'
import type { JobComponents } from '../../../src/replicate/job.ts'
import { JobQueue } from '../../../src/replicate/queue.ts'
import { decideAll } from '../../../src/replicate/decide.ts'
import type { State } from '../../../src/state/state.ts'
import { ContentCollector } from '../../../src/store/collect.ts'
import { Layout } from '../../../src/store/layout.ts'
import { Preseed } from '../../../src/store/preseed.ts'
import { WorkPool } from '../../../src/store/work/pool.ts'
import { SpaceLedger } from '../../../src/store/space.ts'
import { testKey } from '../../support/keys.ts'
import { testDigest, testImage } from '../../support/manifests.ts'
import { testAnnounced, testState, testSubscription } from '../../support/state.ts'
import { tempDir } from '../../support/temp-dir.ts'
import { TurnedClock } from '../../support/turned-clock.ts'
import { waitFor } from '../../support/wait-for.ts'

/** What a queue by a clock is made of; `isLinked`: every peer has a link. */
async function componentsFor(state: State, clock: Clock, isLinked: boolean): Promise<JobComponents> {
  const layout = new Layout(await tempDir())
  return {
    // Never used.
    links: { get: () => (isLinked ? {} : undefined), onUp: () => {} } as unknown as Links,
    rates: new TransferRates({ state, clock, limits: defaultLimits }),
    state,
    layout,
    space: new SpaceLedger(layout.images, 0),
    events: new EventBus(),
    clock,
    random: Math.random,
    limits: defaultLimits,
    logger: silentLogger,
    collector: new ContentCollector({ layout, isUsed: () => true, forget: () => {} }),
    work: new WorkPool({ threads: 1, niceness: 0 }),
    onUnchecked: () => {},
    preseed: new Preseed({
      directory: layout.images,
      cache: layout.images,
      limits: defaultLimits,
      work: new WorkPool({ threads: 1, niceness: 0 }),
    }),
    onReceipt: () => {},
  }
}

/** A queue by a clock, with one job that waits until `due`: its image is not announced, so that it ends as soon as it runs. */
async function waitingJob(clock: Clock, due: number) {
  const state = testState()
  const components = await componentsFor(state, clock, true)
  state.peers.register({ id: 'peer', name: 'peer', addresses: [], registeredAt: 1 })
  const job = {
    peer: 'peer',
    image: testDigest('image'),
    name: 'image',
    bytesTotal: 1,
    ordinal: 1,
    createdAt: 1,
  }
  state.jobs.enqueue({
    ...job,
    priority: 0,
    landAs: 'PUBLISHED',
    trustPrivileged: false,
    subscription: undefined,
  })
  state.jobs.update({ ...state.jobs.require(1), state: 'WAITING', reason: 'link-lost', retryAt: due })
  const queue = new JobQueue(components)
  queue.start()
  const ended = async () => {
    await waitFor(() => state.jobs.require(1).state === 'CANCELLED', {
      what: `the job that was due at ${due}`,
      dump: () => state.jobs.list(),
    })
    await queue.stop()
    expect(state.jobs.require(1).attempts).toBe(1)
  }
  return { ended }
}

test('a job that falls due while the queue looks for work runs all the same', async () => {
  for (let due = 1; due <= 12; due++) {
    let now = 0
    const clock = { ...systemClock, now: () => now++ } // time passes between any two looks at it
    await (await waitingJob(clock, due)).ended()
  }
})

test('a job that waits runs all the same when the clock was set back by a year', async () => {
  const clock = new TurnedClock(Date.UTC(2026, 6, 1))
  const { ended } = await waitingJob(clock, clock.now() + 100)
  clock.turn(Date.UTC(2025, 6, 1), 'steps')
  await ended()
})

test('after a job ends its room goes to what is older first, and of many images no more than a page is decided about in one go', async () => {
  const state = testState()
  const components = await componentsFor(state, systemClock, false)
  const key = await testKey('P')
  state.peers.register({ id: 'P', name: 'peer', addresses: [], registeredAt: 1 })
  state.subscriptions.put(testSubscription({ maxBytes: 100 }))
  const sizes = [60, 40, ...Array.from({ length: 700 }, (_, i) => (i % 100 === 99 ? 30 : 101))]
  const images = sizes.map((size, i) => testImage(key, { name: `i${i}`, size }))
  for (const [i, sealed] of images.entries())
    state.announced.put(testAnnounced(sealed, { ordinal: i + 1, decision: 'not-wanted' }))
  state.db.transaction(() => decideAll(components, 'P'))
  const wanted = () =>
    [...state.announced.each('P')].flatMap((each, i) => (each.decision === 'wanted' ? [i] : []))
  expect(wanted()).toEqual([0, 1])

  const queue = new JobQueue(components)
  queue.start()
  let [decided, most] = [0, 0]
  const declined = state.declined.get.bind(state.declined)
  state.declined.get = (...image) => {
    most = Math.max(most, ++decided)
    return declined(...image)
  }
  const turn = () => {
    decided = 0
    if (!ended) setImmediate(turn)
  }
  let ended = false
  turn()
  const [first, second] = state.jobs.liveOfPeer('P')
  // The operator does not want them.
  for (const job of [first, second]) {
    if (job === undefined) throw new Error('no job')
    state.declined.put('P', job.image, { why: 'cancelled', time: 1 })
    await queue.cancel(job.id, 'by the operator')
  }
  await waitFor(() => wanted().length === 3, { what: 'what fits now', dump: wanted })
  ended = true
  await queue.stop()
  expect(wanted()).toEqual([101, 201, 301])
  expect(most).toBeGreaterThan(100)
  expect(most).toBeLessThanOrEqual(256)
})
