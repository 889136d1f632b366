import { expect, test } from 'vitest'
import { testState } from '../../support/state.ts'

const all = { peer: 'P', selector: 'all', name: '', headSeq: 3, createdAt: 1 }

test('a selector that is there already stays as it was', () => {
  const { subscriptions } = testState()
  subscriptions.add(all)
  subscriptions.add({ ...all, headSeq: 99, createdAt: 2 })
  expect(subscriptions.list()).toEqual([{ ...all, id: 1 }])
})

test('subscriptions are listed as they were made, of one peer or all', () => {
  const { subscriptions } = testState()
  subscriptions.add({ ...all, selector: 'imagetype ISO' })
  subscriptions.add({ ...all, peer: 'Q' })
  subscriptions.add(all)
  expect(subscriptions.list('P').map(({ selector }) => selector)).toEqual(['imagetype ISO', 'all'])
  expect(subscriptions.list().map(({ peer }) => peer)).toEqual(['P', 'Q', 'P'])
})

test('exactly the named selector goes', () => {
  const { subscriptions } = testState()
  subscriptions.add(all)
  subscriptions.add({ ...all, peer: 'Q' })
  subscriptions.add({ ...all, selector: 'imagetype ISO' })
  expect(subscriptions.remove('P', 'all')).toBe(true)
  expect(subscriptions.remove('P', 'all')).toBe(false)
  expect(subscriptions.list().map(({ peer, selector }) => `${peer} ${selector}`)).toEqual([
    'Q all',
    'P imagetype ISO',
  ])
})

test('all of a peer go with the relation', () => {
  const { subscriptions } = testState()
  subscriptions.add(all)
  subscriptions.add({ ...all, peer: 'Q' })
  subscriptions.clear('P')
  expect(subscriptions.list().map(({ peer }) => peer)).toEqual(['Q'])
})
