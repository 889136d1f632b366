import { expect, test } from 'vitest'
import { testState, testSubscription } from '../../support/state.ts'

const all = testSubscription({ headSeq: 3, ordinal: 7, createdAt: 1 })

test('a subscription is found as it was made', () => {
  const { subscriptions } = testState()
  const made = {
    ...all,
    selector: 'series lts',
    newOnly: true,
    landAs: 'TESTABLE' as const,
    keep: 3,
    maxBytes: 2 ** 44,
    priority: -5,
    trustPrivileged: true,
    preseed: '/srv/brought',
    rate: 500_000,
    window: '22:00-06:00 Europe/Vienna',
  }
  subscriptions.put(all)
  subscriptions.put(made)
  expect(subscriptions.get('P', 'all')).toEqual({ ...all, id: 1 })
  expect(subscriptions.get('P', 'series lts')).toEqual({ ...made, id: 2 })
  expect(subscriptions.get('Q', 'all')).toBeUndefined()
  expect(subscriptions.get('P', 'series')).toBeUndefined()
})

test('a selector that is there already takes the new options, and stays as old as it was', () => {
  const { subscriptions } = testState()
  subscriptions.put(all)
  const options = {
    newOnly: true,
    landAs: 'RESTRICTED' as const,
    keep: 1,
    maxBytes: 9,
    priority: 2,
    trustPrivileged: true,
    preseed: '/srv/brought',
    rate: 1,
    window: 'sat UTC',
  }
  subscriptions.put({ ...all, ...options, headSeq: 99, ordinal: 99, createdAt: 99 })
  expect(subscriptions.list()).toEqual([{ ...all, ...options, id: 1 }])
  subscriptions.put(all)
  expect(subscriptions.list()).toEqual([{ ...all, id: 1 }])
})

test('subscriptions are listed as they were made, of one peer or all', () => {
  const { subscriptions } = testState()
  subscriptions.put({ ...all, selector: 'imagetype ISO' })
  subscriptions.put({ ...all, peer: 'Q' })
  subscriptions.put(all)
  expect(subscriptions.list('P').map(({ selector }) => selector)).toEqual(['imagetype ISO', 'all'])
  expect(subscriptions.list().map(({ peer }) => peer)).toEqual(['P', 'Q', 'P'])
})

test('exactly the named selector goes', () => {
  const { subscriptions } = testState()
  subscriptions.put(all)
  subscriptions.put({ ...all, peer: 'Q' })
  subscriptions.put({ ...all, selector: 'imagetype ISO' })
  expect(subscriptions.remove('P', 'all')).toBe(true)
  expect(subscriptions.remove('P', 'all')).toBe(false)
  expect(subscriptions.list().map(({ peer, selector }) => `${peer} ${selector}`)).toEqual([
    'Q all',
    'P imagetype ISO',
  ])
})

test('all of a peer go with the relation', () => {
  const { subscriptions } = testState()
  subscriptions.put(all)
  subscriptions.put({ ...all, peer: 'Q' })
  subscriptions.clear('P')
  expect(subscriptions.list().map(({ peer }) => peer)).toEqual(['Q'])
})
