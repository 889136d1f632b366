import { describe, expect, test } from 'vitest'
import { defaultLimits as limits } from '../../../src/core/limits.ts'
import { decodeSubscriptions, encodeSubscriptions } from '../../../src/wire/subscriptions.ts'
import { ingot } from '../../../src/wire/generated/messages.js'

const invalid = expect.objectContaining({ name: 'IngotError', code: 'invalid' }) as Error

/** A message of selectors, each given in bytes. */
const message = (...selectors: Uint8Array[]) =>
  Buffer.concat(selectors.flatMap((selector) => [Buffer.from([0x0a, selector.length]), selector]))

const encoded = (selector: ingot.Selector.$Properties) => ingot.Selector.encode(selector).finish()

/** Field 15 of a selector, which this version does not have. */
const later = Buffer.from([0x7a, 0x01, 0x78])

test('a receiver may subscribe to nothing', () => {
  expect(decodeSubscriptions(encodeSubscriptions([]), limits)).toEqual([])
})

test('a selector of a later version is left out, and the others stay', () => {
  const bytes = message(later, encoded({ all: {} }), new Uint8Array(), encoded({ series: 'lts' }))
  expect(decodeSubscriptions(bytes, limits)).toEqual([{ kind: 'all' }, { kind: 'series', series: 'lts' }])
})

describe('so many selectors', () => {
  const all = encoded({ all: {} })

  test('as the limit says are taken', () => {
    const bytes = message(...Array<Uint8Array>(limits.subscriptionsPeer).fill(all))
    expect(decodeSubscriptions(bytes, limits)).toHaveLength(limits.subscriptionsPeer)
  })

  test.each([
    ['that are known', all],
    ['that are not known', later],
  ])('more than the limit are refused: %s', (_, selector) => {
    const bytes = message(...Array<Uint8Array>(limits.subscriptionsPeer + 1).fill(selector))
    expect(() => decodeSubscriptions(bytes, limits)).toThrow(invalid)
  })
})

test.each([1, 31, 33])('an image id of %i bytes is refused', (length) => {
  const bytes = message(encoded({ image: new Uint8Array(length) }))
  expect(() => decodeSubscriptions(bytes, limits)).toThrow(invalid)
})

test.each(['', 'a/b', '..', 'a b', 'a\u001b[31m', 'a'.repeat(129)])('the name %j is refused', (name) => {
  for (const selector of [{ series: name }, { imageType: name }]) {
    const bytes = ingot.Subscriptions.encode({ selectors: [selector] }).finish()
    expect(() => decodeSubscriptions(bytes, limits)).toThrow(invalid)
  }
})
