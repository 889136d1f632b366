import { expect, test } from 'vitest'
import { systemClock } from '../../../src/core/clock.ts'
import { EventBus } from '../../../src/core/events.ts'
import { defaultLimits } from '../../../src/core/limits.ts'
import { silentLogger } from '../../../src/core/logger.ts'
import { SpaceWatch } from '../../../src/replicate/space-watch.ts'
import { SpaceLedger } from '../../../src/store/space.ts'
import { enqueueJob, testState } from '../../support/state.ts'
import { tempDir } from '../../support/temp-dir.ts'

async function bed(floor = 0) {
  const state = testState()
  const space = new SpaceLedger(await tempDir(), floor)
  const events = new EventBus()
  const told: string[] = []
  const watch = new SpaceWatch(
    { state, space, events, clock: systemClock, limits: defaultLimits, logger: silentLogger },
    { isWriting: () => true, onRoom: () => told.push('room'), onFull: () => told.push('full') },
  )
  /** Looks once; what was told of it. */
  const look = async () => {
    told.length = 0
    await watch.look()
    return told.slice()
  }
  const { bytes } = await space.room()
  /** A job that waits for that share of what is free. */
  const waits = (name: string, share: number, priority = 0) => {
    const job = enqueueJob(state.jobs, name, { priority })
    state.jobs.update({ ...job, state: 'WAITING', reason: 'no-space', error: 'too little' })
    watch.note(job.id, { bytes: Math.floor(bytes * share), inodes: 0 })
    return job.id
  }
  const states = () => state.jobs.list().map((job) => `${job.name} ${job.state}`)
  return { state, space, look, waits, states }
}

test('of what waits for space goes on what fits together, first what goes first', async () => {
  const { state, look, waits, states } = await bed()
  waits('first', 0.5)
  waits('too large beside it', 0.5)
  waits('too large', 5)
  waits('small', 0.1)
  waits('urgent', 0.1, 9)
  state.jobs.update({ ...enqueueJob(state.jobs, 'other'), state: 'WAITING', reason: 'timeout' })
  expect(await look()).toEqual(['room'])
  expect(states()).toEqual([
    'first QUEUED',
    'too large beside it WAITING',
    'too large WAITING',
    'small QUEUED',
    'urgent QUEUED',
    'other WAITING',
  ])
  expect(state.jobs.byId(1)).toMatchObject({ reason: undefined, error: undefined })
})

test('what is promised to others does not count as room', async () => {
  const { space, look, waits, states } = await bed()
  const { bytes } = await space.room()
  waits('a', 0.5)
  const promised = await space.reserve(Math.floor(bytes * 0.8))
  expect(await look()).toEqual([])
  promised.release()
  expect(await look()).toEqual(['room'])
  expect(states()).toEqual(['a QUEUED'])
})

test('of what is not known any more, after a restart, the need is found out by running it', async () => {
  const { state, look } = await bed()
  state.jobs.update({ ...enqueueJob(state.jobs, 'a'), state: 'WAITING', reason: 'no-space' })
  expect(await look()).toEqual(['room'])
  expect(await look()).toEqual([])
})

test('when less is free than shall stay free, what writes is told', async () => {
  const { state, look, states } = await bed(1)
  state.jobs.update({ ...enqueueJob(state.jobs, 'a'), state: 'WAITING', reason: 'no-space' })
  expect(await look()).toEqual(['full'])
  expect(states()).toEqual(['a WAITING'])
})
