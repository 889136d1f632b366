import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { finalJobStates, runningJobStates, type Job, type JobState } from '../../../src/state/job.ts'
import type { Jobs } from '../../../src/state/jobs.ts'
import { testKey } from '../../support/keys.ts'
import { testDigest, testImage } from '../../support/manifests.ts'
import { enqueueJob as enqueue, testAnnounced, testState } from '../../support/state.ts'

const names = (jobs: readonly Job[]) => jobs.map(({ name }) => name)

describe('what may run', () => {
  const page = { offset: 0, limit: 100 }

  test('goes by priority, then as it was announced, then as it was queued', () => {
    const { jobs } = testState()
    enqueue(jobs, 'late', { ordinal: 9 })
    enqueue(jobs, 'early', { ordinal: 2 })
    enqueue(jobs, 'early too', { ordinal: 2 })
    enqueue(jobs, 'least', { ordinal: 1, priority: -1 })
    enqueue(jobs, 'urgent', { ordinal: 8, priority: 5 })
    expect(names(jobs.runnable('P', 0, page))).toEqual(['urgent', 'early', 'early too', 'late', 'least'])
  })

  test('comes in pages that make up the whole, in that order', () => {
    const queued = fc.record({ priority: fc.integer({ min: -2, max: 2 }), ordinal: fc.nat(4) })
    const { jobs, db } = testState()
    fc.assert(
      fc.property(fc.array(queued, { maxLength: 12 }), fc.integer({ min: 1, max: 5 }), (all, limit) => {
        db.run('DELETE FROM job')
        const made = all.map((each, at) => enqueue(jobs, String(at), each))
        const expected = made.toSorted(
          (one, other) => other.priority - one.priority || one.ordinal - other.ordinal || one.id - other.id,
        )
        const pages: Job[] = []
        for (let offset = 0; offset < made.length; offset += limit)
          pages.push(...jobs.runnable('P', 0, { offset, limit }))
        expect(pages).toEqual(expected)
      }),
    )
  })

  test('is queued, or has waited long enough; of that peer alone', () => {
    const { jobs } = testState()
    const states: [string, JobState, number | undefined][] = [
      ['queued', 'QUEUED', undefined],
      ['queued after a wait', 'QUEUED', 99],
      ['due', 'WAITING', 10],
      ['not due', 'WAITING', 11],
      ['without a time', 'WAITING', undefined],
      ['running', 'FETCHING', undefined],
      ['paused', 'PAUSED', 5],
      ['in conflict', 'CONFLICT', 5],
      ['final', 'FAILED', 5],
    ]
    for (const [name, state, retryAt] of states) jobs.update({ ...enqueue(jobs, name), state, retryAt })
    enqueue(jobs, 'of another peer', { peer: 'Q' })
    expect(names(jobs.runnable('P', 10, page))).toEqual(['queued', 'queued after a wait', 'due'])
    expect(names(jobs.runnable('Q', 10, page))).toEqual(['of another peer'])
  })

  test('is what waited for a peer, once that is back', () => {
    const { jobs } = testState()
    const waiting = { state: 'WAITING' as const, retryAt: 1000 }
    jobs.update({ ...enqueue(jobs, 'a'), ...waiting, reason: 'peer-unreachable' })
    jobs.update({ ...enqueue(jobs, 'b'), ...waiting, reason: 'no-space' })
    jobs.update({ ...enqueue(jobs, 'c', { peer: 'Q' }), ...waiting, reason: 'peer-unreachable' })
    jobs.wakeUnreachable('P', 10)
    expect(names(jobs.runnable('P', 10, page))).toEqual(['a'])
    expect(jobs.runnable('Q', 10, page)).toEqual([])
  })
})

describe('the jobs of a subscription', () => {
  const put = (jobs: Jobs, name: string, changes: Partial<Job>) =>
    jobs.update({ ...enqueue(jobs, name, { subscription: changes.subscription ?? 1 }), ...changes })
  const rows = (jobs: Jobs) =>
    jobs.list().map(({ name, state, reason, retryAt }) => [name, state, reason, retryAt])

  test('that would run now are held until a time, and those that are held already', () => {
    const { jobs } = testState()
    put(jobs, 'queued', {})
    put(jobs, 'due', { state: 'WAITING', reason: 'timeout', retryAt: 10 })
    put(jobs, 'later', { state: 'WAITING', reason: 'timeout', retryAt: 11 })
    put(jobs, 'without a time', { state: 'WAITING', reason: 'no-space' })
    put(jobs, 'held', { state: 'WAITING', reason: 'window', retryAt: 50 })
    put(jobs, 'held as it should', { state: 'WAITING', reason: 'window', retryAt: 99 })
    put(jobs, 'paused', { state: 'PAUSED' })
    put(jobs, 'running', { state: 'FETCHING' })
    put(jobs, 'of another', { subscription: 2 })
    const changed = jobs.hold(1, { reason: 'window', now: 10, until: 99 })
    expect(names(changed)).toEqual(['queued', 'due', 'held'])
    expect(changed).toEqual(jobs.list().filter(({ name }) => names(changed).includes(name)))
    expect(rows(jobs)).toEqual([
      ['queued', 'WAITING', 'window', 99],
      ['due', 'WAITING', 'window', 99],
      ['later', 'WAITING', 'timeout', 11],
      ['without a time', 'WAITING', 'no-space', undefined],
      ['held', 'WAITING', 'window', 99],
      ['held as it should', 'WAITING', 'window', 99],
      ['paused', 'PAUSED', undefined, undefined],
      ['running', 'FETCHING', undefined, undefined],
      ['of another', 'QUEUED', undefined, undefined],
    ])
  })

  test('that wait for one reason are queued again, and counted', () => {
    const { jobs } = testState()
    const window = { state: 'WAITING', reason: 'window', retryAt: 5 } as const
    put(jobs, 'a', { ...window, subscription: 1 })
    put(jobs, 'b', { ...window, subscription: 2 })
    put(jobs, 'c', { ...window, reason: 'timeout', subscription: 1 })
    jobs.update({ ...enqueue(jobs, 'of an earlier version'), ...window })
    expect(jobs.countWaitingFor('window')).toBe(3)
    expect(new Set(jobs.subscriptionsWaiting('window'))).toEqual(new Set([1, 2, undefined]))
    expect(names(jobs.release(1, 'window'))).toEqual(['a'])
    expect(names(jobs.release(undefined, 'window'))).toEqual(['of an earlier version'])
    expect(rows(jobs).map(([, state]) => state)).toEqual(['QUEUED', 'WAITING', 'WAITING', 'QUEUED'])
    expect(jobs.byId(1)?.retryAt).toBeUndefined()
    expect(names(jobs.waitingFor('window'))).toEqual(['b'])
  })
})

test('what waits longer than anything does runs now, unless it waits for its window', () => {
  const { jobs } = testState()
  const put = (name: string, reason: string, retryAt: number) =>
    jobs.update({ ...enqueue(jobs, name), state: 'WAITING', reason, retryAt })
  put('soon', 'timeout', 150)
  put('late', 'timeout', 201)
  put('window', 'window', 5000)
  jobs.wakeBeyond({ now: 100, latest: 200, except: 'window' })
  expect(jobs.list().map(({ retryAt }) => retryAt)).toEqual([150, 100, 5000])
})

test('the next retry is the first one that is still to come, of jobs that wait', () => {
  const { jobs } = testState()
  expect(jobs.nextRetry(0)).toBeUndefined()
  const at = (name: string, state: JobState, retryAt: number | undefined) =>
    jobs.update({ ...enqueue(jobs, name), state, retryAt })
  at('paused', 'PAUSED', 1)
  at('queued', 'QUEUED', 2)
  at('final', 'FAILED', 3)
  at('without a time', 'WAITING', undefined)
  expect(jobs.nextRetry(0)).toBeUndefined()
  at('later', 'WAITING', 20)
  at('first', 'WAITING', 10)
  expect([jobs.nextRetry(0), jobs.nextRetry(9), jobs.nextRetry(10), jobs.nextRetry(20)]).toEqual([
    10,
    10,
    20,
    undefined,
  ])
})

describe('the job of an image, of whatever peer,', () => {
  test.each<JobState>(['QUEUED', ...runningJobStates])('is under way while it is %s', (state) => {
    const { jobs } = testState()
    jobs.update({ ...enqueue(jobs, 'a', { peer: 'Q' }), state })
    expect(jobs.underWay(testDigest('a'))?.id).toBe(1)
    expect(jobs.underWay(testDigest('b'))).toBeUndefined()
  })

  test.each<JobState>(['WAITING', 'PAUSED', 'CONFLICT', ...finalJobStates])(
    'is not under way while it is %s',
    (state) => {
      const { jobs } = testState()
      jobs.update({ ...enqueue(jobs, 'a'), state })
      expect(jobs.underWay(testDigest('a'))).toBeUndefined()
    },
  )
})

test('what is wanted and under way of a peer is told with its bytes, and when it was announced', async () => {
  const { jobs, announced } = testState()
  const key = await testKey('P')
  const wanted = (name: string, ordinal: number, bytesTotal: number) => {
    const sealed = testImage(key, { name })
    announced.put(testAnnounced(sealed, { ordinal }))
    return enqueue(jobs, name, { image: sealed.id, ordinal, bytesTotal })
  }
  wanted('a', 1, 1)
  const second = wanted('b', 2, 10)
  jobs.update({ ...wanted('c', 3, 100), state: 'DONE' })
  jobs.update({ ...second, state: 'PAUSED', bytesDone: 9 })
  enqueue(jobs, 'unknown', { bytesTotal: 1000 })
  const claims = jobs.claims('P').map(({ ordinal, bytes }) => ({ ordinal, bytes }))
  expect(claims.toSorted((one, other) => one.ordinal - other.ordinal)).toEqual([
    { ordinal: 1, bytes: 1 },
    { ordinal: 2, bytes: 10 },
  ])
  expect(jobs.claims('Q')).toEqual([])
})

test('jobs are counted by state, without those that are final', () => {
  const { jobs } = testState()
  expect(jobs.counts()).toEqual({})
  for (const [at, state] of ['QUEUED', 'FETCHING', 'QUEUED', ...finalJobStates].entries())
    jobs.update({ ...enqueue(jobs, String(at), { peer: `P${at}` }), state: state as JobState })
  expect(jobs.counts()).toEqual({ QUEUED: 2, FETCHING: 1 })
})

test('unwanted are the jobs of a peer that are not final and whose image is not wanted', async () => {
  const { jobs, announced } = testState()
  const key = await testKey('origin')
  const put = (name: string, changes: Parameters<typeof testAnnounced>[1], state: JobState = 'QUEUED') => {
    const sealed = testImage(key, { name })
    const record = testAnnounced(sealed, changes)
    announced.put(record)
    jobs.update({ ...enqueue(jobs, name, { peer: record.peer, image: sealed.id }), state })
  }
  put('wanted', {})
  put('not-wanted', { decision: 'not-wanted' })
  put('refused', { decision: 'refused' }, 'CONFLICT')
  put('final', { decision: 'not-wanted' }, 'DONE')
  put('of-another-peer', { peer: 'Q', decision: 'not-wanted' })
  expect(names(jobs.unwanted('P'))).toEqual(['not-wanted', 'refused'])
  expect(jobs.unwanted('P')[0]).toEqual(jobs.byId(2))
})

test('what another peer says of an image ends no job of this one', async () => {
  const { jobs, announced } = testState()
  const sealed = testImage(await testKey('origin'))
  announced.put(testAnnounced(sealed))
  announced.put(testAnnounced(sealed, { peer: 'Q', decision: 'not-wanted' }))
  enqueue(jobs, 'a', { image: sealed.id })
  expect(jobs.unwanted('P')).toEqual([])
})
