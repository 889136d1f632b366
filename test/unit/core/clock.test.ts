import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { backoff, systemClock } from '../../../src/core/clock.ts'

test('a pause lies between half and one and a half times its base, and never far beyond the longest', () => {
  const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
  fc.assert(
    fc.property(fc.nat(2000), random, (attempt, value) => {
      const pause = backoff(attempt, 500, 60_000, () => value)
      const base = Math.min(60_000, 500 * 2 ** Math.min(attempt, 30))
      expect(pause).toBeGreaterThanOrEqual(base * 0.5)
      expect(pause).toBeLessThanOrEqual(base * 1.5)
    }),
  )
})

test('the base of a pause doubles until the longest', () => {
  const pauses = [0, 1, 2, 3, 4, 5].map((attempt) => backoff(attempt, 500, 4_000, () => 0.5))
  expect(pauses).toEqual([500, 1_000, 2_000, 4_000, 4_000, 4_000])
})

test('two servers that lost the same site do not return as one', () => {
  expect(backoff(3, 500, 60_000, () => 0.1)).not.toBe(backoff(3, 500, 60_000, () => 0.9))
})

test('a sleep ends with the reason of the signal that aborts it', async () => {
  const abort = new AbortController()
  const sleep = systemClock.sleep(60_000, abort.signal)
  abort.abort(new Error('woken'))
  await expect(sleep).rejects.toThrow('woken')
  await expect(systemClock.sleep(60_000, abort.signal)).rejects.toThrow('woken')
})

test('a sleep ends by itself', async () => {
  await systemClock.sleep(1, new AbortController().signal)
})
