import { expect, test } from 'vitest'
import { Provenance } from '../../../src/replicate/provenance.ts'
import { testDigest } from '../../support/manifests.ts'
import { enqueueJob, testState } from '../../support/state.ts'

const foreign = testDigest('of another origin')

function begin() {
  const state = testState()
  const job = enqueueJob(state.jobs, 'new')
  return {
    state,
    job,
    attempt: () => new Provenance(state, job),
    isForeign: () => state.jobs.hasForeignBytes(job.id),
  }
}

test('a job that opened nothing on this disk is pure', () => {
  const { attempt, isForeign } = begin()
  expect(attempt().end()).toBe(true)
  expect(isForeign()).toBe(false)
})

test('what is opened counts at once, and not in the end when nothing was taken of it', () => {
  const { attempt, isForeign } = begin()
  const provenance = attempt()
  provenance.use(foreign, 'perhaps')
  expect(isForeign()).toBe(true) // before the first byte: the process may end at any time
  expect(provenance.end()).toBe(true)
  expect(isForeign()).toBe(false)
})

test.each([
  ['bytes of a seed', (one: Provenance) => (one.use(foreign, 'perhaps'), one.noteTaken())],
  ['the base of a patch', (one: Provenance) => one.use(foreign, 'taken')],
  ['a file of the operator', (one: Provenance) => one.use(undefined, 'taken')],
])('a job that took %s is not pure', (_what, take) => {
  const { attempt, isForeign } = begin()
  const provenance = attempt()
  take(provenance)
  expect(provenance.end()).toBe(false)
  expect(isForeign()).toBe(true)
})

test('an attempt that was cut counts for all that follow', () => {
  const { attempt } = begin()
  attempt().use(foreign, 'perhaps') // and never came to its end
  expect(attempt().end()).toBe(false)
})
