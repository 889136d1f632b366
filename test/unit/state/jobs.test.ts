import { describe, expect, test } from 'vitest'
import { finalJobStates, runningJobStates, type JobOptions, type JobState } from '../../../src/state/job.ts'
import type { Jobs } from '../../../src/state/jobs.ts'
import { testDigest } from '../../support/manifests.ts'
import { enqueueJob as enqueue, testJob, testState } from '../../support/state.ts'

const image = testDigest('image')
const other = testDigest('other')
const job = testJob({ image })

/** Brings the live job of an image to a state. */
function finish(jobs: Jobs, state: JobState): void {
  const live = jobs.liveOf('P', image)
  if (live === undefined) throw new Error('no live job')
  jobs.update({ ...live, state })
}

test('a job begins queued, with nothing done', () => {
  const { jobs } = testState()
  jobs.enqueue(job)
  expect(jobs.list()).toEqual([
    {
      ...job,
      id: 1,
      replaces: false,
      state: 'QUEUED',
      reason: undefined,
      error: undefined,
      bytesDone: 0,
      bytesLocal: 0,
      bytesWire: 0,
      attempts: 0,
      retryAt: undefined,
      startedAt: undefined,
      finishedAt: undefined,
    },
  ])
})

describe('an image has one job that is not final', () => {
  test('a second one is not queued', () => {
    const { jobs } = testState()
    jobs.enqueue(job)
    jobs.enqueue(job)
    expect(jobs.list()).toHaveLength(1)
  })

  test.each<JobState>(['PLANNING', 'FETCHING', 'ENABLING', 'WAITING', 'CONFLICT'])(
    'also while it is %s',
    (state) => {
      const { jobs } = testState()
      jobs.enqueue(job)
      finish(jobs, state)
      jobs.enqueue(job)
      expect(jobs.list()).toHaveLength(1)
    },
  )

  test.each(finalJobStates)('%s makes room for another', (state) => {
    const { jobs } = testState()
    jobs.enqueue(job)
    finish(jobs, state)
    expect(jobs.liveOf('P', image)).toBeUndefined()
    jobs.enqueue(job)
    expect(jobs.list()).toHaveLength(2)
    expect(jobs.list({ live: true }).map(({ id }) => id)).toEqual([2])
    expect(jobs.latest('P', image)?.id).toBe(2)
  })

  test('another image, or another peer, has its own', () => {
    const { jobs } = testState()
    jobs.enqueue(job)
    jobs.enqueue({ ...job, image: other })
    jobs.enqueue({ ...job, peer: 'Q' })
    expect(jobs.list({ live: true })).toHaveLength(3)
    expect(jobs.liveOfPeer('P').map((each) => each.image)).toEqual([image, other])
    expect(jobs.liveOf('Q', image)?.id).toBe(3)
  })
})

test('an update keeps all that changes', () => {
  const { jobs } = testState()
  jobs.enqueue(job)
  const changed = {
    ...jobs.require(1),
    name: 'debian-old',
    replaces: true,
    state: 'WAITING' as const,
    reason: 'peer down',
    error: 'timeout',
    bytesDone: 2 ** 44,
    bytesLocal: 2,
    bytesWire: 3,
    attempts: 4,
    retryAt: 5,
    startedAt: 6,
    finishedAt: 7,
  }
  jobs.update(changed)
  expect(jobs.byId(1)).toEqual(changed)
  const cleared = {
    ...changed,
    reason: undefined,
    error: undefined,
    retryAt: undefined,
    finishedAt: undefined,
  }
  jobs.update(cleared)
  expect(jobs.byId(1)).toEqual(cleared)
})

test('the number of a job is not used again', () => {
  const { jobs, db } = testState()
  jobs.enqueue(job)
  db.run('DELETE FROM job')
  jobs.enqueue(job)
  expect(jobs.list()[0]?.id).toBe(2)
})

test('a job that is not there is not found', () => {
  const { jobs } = testState()
  expect(jobs.byId(9)).toBeUndefined()
  expect(() => jobs.require(9)).toThrow(expect.objectContaining({ code: 'not-found' }))
})

test('a job has the options of the subscription that wants it, also when they change', () => {
  const { jobs } = testState()
  const unchanged: JobOptions = {
    priority: 0,
    landAs: 'PUBLISHED',
    trustPrivileged: false,
    subscription: undefined,
  }
  const other: JobOptions = { priority: -3, landAs: 'TESTABLE', trustPrivileged: true, subscription: 7 }
  enqueue(jobs, 'a', other)
  enqueue(jobs, 'b')
  expect(jobs.byId(1)).toMatchObject(other)
  jobs.setOptions(2, other)
  jobs.setOptions(1, unchanged)
  expect([jobs.byId(1), jobs.byId(2)]).toMatchObject([unchanged, other])
})

test('what an earlier process left running is queued again, and nothing else', () => {
  const { jobs } = testState()
  const states: JobState[] = ['WAITING', 'PAUSED', 'CONFLICT', 'DONE', ...runningJobStates]
  for (const state of states) jobs.update({ ...enqueue(jobs, state), state })
  jobs.requeueRunning()
  expect(jobs.list().map(({ state }) => state)).toEqual([
    'WAITING',
    'PAUSED',
    'CONFLICT',
    'DONE',
    ...runningJobStates.map(() => 'QUEUED'),
  ])
})

test('a failure is forgotten for the image that is asked for again, and for no other', () => {
  const { jobs } = testState()
  const failed = { state: 'FAILED' as const }
  jobs.update({ ...enqueue(jobs, 'a'), ...failed })
  jobs.update({ ...enqueue(jobs, 'b'), ...failed })
  jobs.update({ ...enqueue(jobs, 'a', { peer: 'Q' }), ...failed })
  jobs.forgetFailure('P', testDigest('a'))
  expect(jobs.list().map(({ state }) => state)).toEqual(['CANCELLED', 'FAILED', 'FAILED'])
  enqueue(jobs, 'c')
  jobs.forgetFailure('P', testDigest('c'))
  expect(jobs.byId(4)?.state).toBe('QUEUED')
})
