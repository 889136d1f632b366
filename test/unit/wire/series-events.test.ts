import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { defaultLimits as limits } from '../../../src/core/limits.ts'
import { isName } from '../../../src/core/names.ts'
import { fromDigest } from '../../../src/image/digest.ts'
import type { KnownEvent } from '../../../src/image/journal.ts'
import { decodeEvent, encodeEvent } from '../../../src/wire/journal.ts'
import { ingot } from '../../../src/wire/generated/messages.js'
import { testDigest } from '../../support/manifests.ts'

const invalid = expect.objectContaining({ name: 'IngotError', code: 'invalid' }) as Error
const image = testDigest('image')

const eventsOf = (series: string): KnownEvent[] => [
  { type: 'series-created', series },
  { type: 'series-inserted', series, image, place: 1 },
  { type: 'series-removed', series, image },
  { type: 'series-deleted', series },
]

describe.each(eventsOf('lts'))('the event $type', (event) => {
  const named = (series: string) => eventsOf(series).find(({ type }) => type === event.type) as KnownEvent

  test('is known', () => {
    expect(decodeEvent(encodeEvent(event), limits)).toEqual(event)
  })

  test.each(['', '.', '../x', 'a/b', 'a b', 'a\n', 'ä', 'a'.repeat(129)])(
    'is refused with the series %j',
    (series) => {
      expect(() => decodeEvent(encodeEvent(named(series)), limits)).toThrow(invalid)
    },
  )

  test('is taken with a name, and with nothing else', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 130 }), (series) => {
        const decode = () => decodeEvent(encodeEvent(named(series)), limits)
        if (isName(series)) expect(decode()).toEqual(named(series))
        else expect(decode).toThrow(invalid)
      }),
    )
  })
})

describe.each(['seriesInserted', 'seriesRemoved'] as const)('%s', (type) => {
  test.each([0, 31, 33])('is refused with an image id of %i bytes', (length) => {
    const body = ingot.Event.encode({ [type]: { series: 'lts', image: new Uint8Array(length) } }).finish()
    expect(() => decodeEvent(body, limits)).toThrow(invalid)
  })

  test('is refused without an image', () => {
    const body = ingot.Event.encode({ [type]: { series: 'lts' } }).finish()
    expect(() => decodeEvent(body, limits)).toThrow(invalid)
  })
})

test('an image that is put into a series without a place has the first', () => {
  const body = ingot.Event.encode({
    seriesInserted: { series: 'lts', image: fromDigest(image) },
  }).finish()
  expect(decodeEvent(body, limits)).toMatchObject({ place: 0 })
})
