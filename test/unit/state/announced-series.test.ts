import { describe, expect, test } from 'vitest'
import type { AnnouncedSeries } from '../../../src/state/announced-series.ts'
import { testDigest } from '../../support/manifests.ts'
import { testState, testSubscription } from '../../support/state.ts'

const [a, b, c] = [testDigest('a'), testDigest('b'), testDigest('c')]

/** Peer P with a and b in lts, b in web; peer Q with a in lts. */
function mirror(): AnnouncedSeries {
  const { announcedSeries } = testState()
  for (const series of ['web', 'lts']) announcedSeries.create('P', series)
  announcedSeries.create('Q', 'lts')
  announcedSeries.insert('P', { series: 'lts', image: a, place: 10, ordinal: 1 })
  announcedSeries.insert('P', { series: 'lts', image: b, place: 20, ordinal: 2 })
  announcedSeries.insert('P', { series: 'web', image: b, place: 10, ordinal: 3 })
  announcedSeries.insert('Q', { series: 'lts', image: a, place: 10, ordinal: 4 })
  return announcedSeries
}

const inLts = (series: AnnouncedSeries, peer = 'P') => series.members(peer, 'lts').map(({ image }) => image)

test('each peer has series of its own', () => {
  const series = mirror()
  expect([series.names('P'), series.names('Q'), series.names('R')]).toEqual([['lts', 'web'], ['lts'], []])
  expect([series.has('P', 'web'), series.has('Q', 'web')]).toEqual([true, false])
  expect([series.countMembers('P'), series.countMembers('Q'), series.countMembers('R')]).toEqual([3, 1, 0])
})

test('a series that is created twice is one', () => {
  const series = mirror()
  series.create('P', 'lts')
  expect(series.names('P')).toEqual(['lts', 'web'])
  expect(inLts(series)).toEqual([a, b])
})

test('images stand in the order of their places, not in that of their insertion', () => {
  const series = mirror()
  series.insert('P', { series: 'lts', image: c, place: 15, ordinal: 9 })
  expect(series.members('P', 'lts')).toEqual([
    { series: 'lts', image: a, ordinal: 1 },
    { series: 'lts', image: c, ordinal: 9 },
    { series: 'lts', image: b, ordinal: 2 },
  ])
})

test('an image that is inserted again is moved, and came when it came', () => {
  const series = mirror()
  series.insert('P', { series: 'lts', image: a, place: 30, ordinal: 9 })
  expect(series.members('P', 'lts')).toEqual([
    { series: 'lts', image: b, ordinal: 2 },
    { series: 'lts', image: a, ordinal: 1 },
  ])
})

test('an image that was taken out and is inserted again came anew', () => {
  const series = mirror()
  series.remove('P', 'lts', a)
  expect(inLts(series)).toEqual([b])
  expect(inLts(series, 'Q')).toEqual([a])
  series.insert('P', { series: 'lts', image: a, place: 5, ordinal: 9 })
  expect(series.of('P', a)).toEqual([{ series: 'lts', image: a, ordinal: 9 }])
})

test('an image is in all series in which its origin put it, since it did', () => {
  const series = mirror()
  expect(series.of('P', b)).toEqual([
    { series: 'lts', image: b, ordinal: 2 },
    { series: 'web', image: b, ordinal: 3 },
  ])
  expect(series.of('P', c)).toEqual([])
})

test('an image that is withdrawn is in no series of its origin any more', () => {
  const series = mirror()
  series.removeImage('P', b)
  expect(series.of('P', b)).toEqual([])
  expect(inLts(series)).toEqual([a])
  series.removeImage('P', a)
  expect(inLts(series, 'Q')).toEqual([a])
  expect(series.names('P')).toEqual(['lts', 'web'])
})

test('a series goes with its order, and is empty when it is created again', () => {
  const series = mirror()
  series.delete('P', 'lts')
  expect(series.names('P')).toEqual(['web'])
  expect(series.of('P', b)).toEqual([{ series: 'web', image: b, ordinal: 3 }])
  expect(inLts(series, 'Q')).toEqual([a])
  series.create('P', 'lts')
  expect(inLts(series)).toEqual([])
})

describe('of a journal that was given up', () => {
  test('what is not announced anew is forgotten, of that peer alone', () => {
    const series = mirror()
    series.markStale('P')
    expect(series.names('P')).toEqual(['lts', 'web'])
    expect(inLts(series)).toEqual([a, b])
    series.create('P', 'lts')
    series.insert('P', { series: 'lts', image: b, place: 1, ordinal: 9 })
    series.sweep('P')
    expect(series.names('P')).toEqual(['lts'])
    expect(series.members('P', 'lts')).toEqual([{ series: 'lts', image: b, ordinal: 2 }])
    expect(series.of('P', b)).toHaveLength(1)
    expect(inLts(series, 'Q')).toEqual([a])
  })

  test('what was announced anew is not forgotten by a later sweep', () => {
    const series = mirror()
    series.markStale('P')
    series.sweep('P')
    series.create('P', 'lts')
    series.insert('P', { series: 'lts', image: a, place: 1, ordinal: 9 })
    series.sweep('P')
    expect(series.members('P', 'lts')).toEqual([{ series: 'lts', image: a, ordinal: 9 }])
  })
})

test('of the series of an image those count that a subscription on images of that peer names', () => {
  const { announcedSeries, subscriptions } = testState()
  for (const series of ['one', 'two', 'three'])
    announcedSeries.insert('P', { series, image: a, place: 1, ordinal: 7 })
  expect(announcedSeries.subscribedOf('P', a)).toEqual([])
  for (const selector of ['all', 'imagetype one', 'series two', 'series none'])
    subscriptions.put(testSubscription({ selector }))
  subscriptions.put(testSubscription({ peer: 'Q', selector: 'series three' }))
  expect(announcedSeries.subscribedOf('P', a)).toEqual([{ series: 'two', image: a, ordinal: 7 }])
  expect([announcedSeries.subscribedOf('P', b), announcedSeries.subscribedOf('Q', a)]).toEqual([[], []])
})
