import { expect, test } from 'vitest'
import type { DeclinedWhy } from '../../../src/state/declined.ts'
import { testDigest } from '../../support/manifests.ts'
import { testState } from '../../support/state.ts'

const image = testDigest('image')

test.each<DeclinedWhy>(['deleted', 'cancelled', 'kept'])('an image that was %s stays declined', (why) => {
  const { declined } = testState()
  declined.put('P', image, { why, time: 5 })
  expect(declined.get('P', image)).toEqual({ why, time: 5 })
})

test('what was declined of one peer is not declined of another, nor another image', () => {
  const { declined } = testState()
  declined.put('P', image, { why: 'deleted', time: 5 })
  expect(declined.get('Q', image)).toBeUndefined()
  expect(declined.get('P', testDigest('other'))).toBeUndefined()
})

test('the last reason counts', () => {
  const { declined } = testState()
  declined.put('P', image, { why: 'cancelled', time: 5 })
  declined.put('P', image, { why: 'deleted', time: 6 })
  expect(declined.get('P', image)).toEqual({ why: 'deleted', time: 6 })
})

test('an image that was asked for by name is declined no more', () => {
  const { declined } = testState()
  for (const peer of ['P', 'Q']) declined.put(peer, image, { why: 'deleted', time: 5 })
  declined.remove('P', image)
  expect(declined.get('P', image)).toBeUndefined()
  expect(declined.get('Q', image)).toBeDefined()
})
