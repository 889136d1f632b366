import { expect, test } from 'vitest'
import { systemClock, type Clock } from '../../../src/core/clock.ts'
import { EventBus } from '../../../src/core/events.ts'
import { defaultLimits } from '../../../src/core/limits.ts'
import { silentLogger } from '../../../src/core/logger.ts'
import type { Links } from '../../../src/net/links.ts'
import { TransferRates } from '../../../src/net/transfer-rates.ts'
import type { JobComponents } from '../../../src/replicate/job.ts'
import { JobQueue } from '../../../src/replicate/queue.ts'
import { ContentCollector } from '../../../src/store/collect.ts'
import { Layout } from '../../../src/store/layout.ts'
import { Preseed } from '../../../src/store/preseed.ts'
import { WorkPool } from '../../../src/store/work/pool.ts'
import { SpaceLedger } from '../../../src/store/space.ts'
import { testDigest } from '../../support/manifests.ts'
import { testState } from '../../support/state.ts'
import { tempDir } from '../../support/temp-dir.ts'
import { TurnedClock } from '../../support/turned-clock.ts'
import { waitFor } from '../../support/wait-for.ts'

/** A queue by a clock, with one job that waits until `due`: its image is not announced, so that it ends as soon as it runs. */
async function waitingJob(clock: Clock, due: number) {
  const state = testState()
  const layout = new Layout(await tempDir())
  const components: JobComponents = {
    // Up, and never used.
    links: { get: () => ({}), onUp: () => {} } as unknown as Links,
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
