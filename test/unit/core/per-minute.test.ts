import { expect, test } from 'vitest'
import { PerMinute } from '../../../src/core/per-minute.ts'

test('so many of one peer are noted in a minute, the last of them as such; others and later ones are noted again', () => {
  const refusals = new PerMinute(3)
  const count = (peer: string, now: number) => refusals.count(peer, now)
  expect([1, 2, 3, 4, 5].map((now) => count('a', now + 1_000_000))).toEqual([
    'each',
    'each',
    'last',
    'silent',
    'silent',
  ])
  expect(count('b', 1_000_006)).toBe('each')
  expect(count('a', 1_059_000)).toBe('silent')
  expect(count('a', 1_060_001)).toBe('each')
  expect(count('a', 5)).toBe('each') // the clock was set back
})
