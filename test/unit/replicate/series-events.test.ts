import { beforeAll, expect, test } from 'vitest'
import { systemClock } from '../../../src/core/clock.ts'
import { defaultLimits } from '../../../src/core/limits.ts'
import type { SealedManifest } from '../../../src/image/manifest.ts'
import { standingsOf } from '../../../src/replicate/decide.ts'
import { Room } from '../../../src/replicate/room.ts'
import { applySeriesEvent, type SeriesEvent } from '../../../src/replicate/series-events.ts'
import { testKey } from '../../support/keys.ts'
import { testImage } from '../../support/manifests.ts'
import { countRows, testAnnounced, testState, testSubscription } from '../../support/state.ts'

const SERIES = 1000

let image: SealedManifest
let second: SealedManifest
beforeAll(async () => {
  const key = await testKey('origin')
  image = testImage(key)
  second = testImage(key, { name: 'second' })
})

/** A mirror of peer P with many series and two images, and what takes its events in. */
function mirror() {
  const state = testState()
  const limits = { ...defaultLimits, seriesPeer: SERIES }
  for (let i = 0; i < SERIES; i++) state.announcedSeries.create('P', `s${i}`)
  for (const sealed of [image, second]) state.announced.put(testAnnounced(sealed))
  state.subscriptions.put(testSubscription())
  const rows = countRows(state.db)
  return {
    state,
    /** Takes an event in; returns how many rows were read for it. */
    take: (event: SeriesEvent): number => {
      const [standings, room] = [standingsOf(state, 'P'), new Room(state, 'P')]
      const taken = { peerId: 'P', ordinal: 9, usage: { members: 0 }, standings, room }
      const before = rows()
      applySeriesEvent({ state, clock: systemClock, limits }, taken, event)
      return rows() - before
    },
  }
}

test('a series that is created again does not cost more the more series there are; one beyond the bound is refused', () => {
  const { state, take } = mirror()
  expect(take({ type: 'series-created', series: 's1' })).toBeLessThan(5)
  const beyond = () => take({ type: 'series-created', series: 'beyond' })
  expect(beyond).toThrow(expect.objectContaining({ code: 'too-large' }))
  state.announcedSeries.delete('P', 's1')
  expect(beyond()).toBeLessThan(5)
  expect(beyond).not.toThrow() // it is there
})

test('an image that is in many series does not cost more to decide about than one that is in few', () => {
  const { state, take } = mirror()
  for (let i = 0; i < SERIES; i++)
    state.announcedSeries.insert('P', { series: `s${i}`, image: image.id, place: 1, ordinal: 1 })
  expect(take({ type: 'series-inserted', series: 's1', image: image.id, place: 2 })).toBeLessThan(20)
  expect(take({ type: 'series-removed', series: 's1', image: image.id })).toBeLessThan(20)
})

test('the end of a series that no subscription names decides about none of its images, of another about all', () => {
  const { state, take } = mirror()
  for (const series of ['s1', 's2'])
    for (const { id } of [image, second])
      state.announcedSeries.insert('P', { series, image: id, place: 1, ordinal: 1 })
  const decided = () => [image, second].map(({ id }) => state.announced.get('P', id)?.rule)
  for (const { id } of [image, second])
    state.db.run("UPDATE announced SET rule = 'as before' WHERE image = ?", id)
  take({ type: 'series-deleted', series: 's1' })
  expect(decided()).toEqual(['as before', 'as before'])
  state.subscriptions.remove('P', 'all')
  state.subscriptions.put(testSubscription({ selector: 'series s2' }))
  take({ type: 'series-deleted', series: 's2' })
  expect(decided()).toEqual(['no selector matches', 'no selector matches'])
})
