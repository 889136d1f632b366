import { beforeAll, expect, test } from 'vitest'
import { systemClock } from '../../../src/core/clock.ts'
import { EventBus } from '../../../src/core/events.ts'
import { defaultLimits } from '../../../src/core/limits.ts'
import { silentLogger } from '../../../src/core/logger.ts'
import { PerMinute } from '../../../src/core/per-minute.ts'
import type { KnownEvent } from '../../../src/image/journal.ts'
import type { SealedManifest } from '../../../src/image/manifest.ts'
import { applyEvent, usageOf } from '../../../src/replicate/events.ts'
import { decide, decideAll, standingsOf } from '../../../src/replicate/decide.ts'
import { Room } from '../../../src/replicate/room.ts'
import type { AnnouncedImage } from '../../../src/state/announced.ts'
import type { State } from '../../../src/state/state.ts'
import { encodeEvent } from '../../../src/wire/journal.ts'
import { testKey } from '../../support/keys.ts'
import { testImage } from '../../support/manifests.ts'
import { seededRandom } from '../../support/random.ts'
import { testAnnounced, testState, testSubscription } from '../../support/state.ts'

const IMAGES = 60
const BOUND = 2000

const images: SealedManifest[] = []
beforeAll(async () => {
  const key = await testKey('P')
  for (let i = 0; i < IMAGES; i++) {
    const type = i % 4 === 0 ? 'ISO' : 'DISK'
    images.push(testImage(key, { name: `i${i}`, size: 10 + 37 * (i % 7), type, baseType: type }))
  }
})

/** Counts how often the jobs of a peer are read as a whole from now on. */
function countSums(state: State): () => number {
  let sums = 0
  const { db } = state
  const [all, get] = [db.all.bind(db), db.get.bind(db)]
  const look = (sql: string) => {
    if (/FROM job (CROSS )?JOIN announced/.test(sql)) sums++
  }
  db.all = (sql, ...values) => (look(sql), all(sql, ...values))
  db.get = (sql, ...values) => (look(sql), get(sql, ...values))
  return () => sums
}

/** What the rule says, summed up anew for one image. */
function takenBefore(state: State, { peer, sealed, ordinal }: AnnouncedImage): number {
  const earlier = state.jobs.liveOf(peer, sealed.id) === undefined ? Number.MAX_SAFE_INTEGER : ordinal
  const claimed = state.jobs
    .liveOfPeer(peer)
    .map((job) => ({ job, announced: state.announced.get(peer, job.image) }))
    .filter(({ announced }) => announced?.decision === 'wanted')
    .filter(({ job, announced }) => job.image !== sealed.id && (announced?.ordinal ?? 0) < earlier)
  return state.images.bytesOf(peer) + claimed.reduce((sum, { job }) => sum + job.bytesTotal, 0)
}

test('what goes before an image is what the rule says, whatever was decided since it was read', () => {
  const random = seededRandom(7)
  const state = testState()
  const components = { state, clock: systemClock }
  state.subscriptions.put(testSubscription({ maxBytes: BOUND }))
  state.subscriptions.put(testSubscription({ selector: 'imagetype ISO' })) // without a bound
  let ordinal = 0
  const decisions = new Set<string>()
  for (let batch = 0; batch < 25; batch++) {
    const standings = standingsOf(state, 'P')
    const room = new Room(state, 'P')
    for (let i = 0; i < 20; i++) {
      const sealed = images[Math.floor(random() * IMAGES)] as SealedManifest
      const known = state.announced.get('P', sealed.id)
      ordinal += Math.floor(random() * 200) + 1
      if (known?.status === 'announced' && random() < 0.3) {
        state.announced.setStatus('P', sealed.id, 'withdrawn')
        continue
      }
      const announced = testAnnounced(sealed, {
        decision: 'not-wanted',
        ordinal: known?.status === 'announced' ? known.ordinal : ordinal,
      })
      state.announced.put(announced)
      expect(room.takenBefore(announced)).toBe(takenBefore(state, announced))
      decide(components, announced, standings, room)
      decisions.add(state.announced.get('P', sealed.id)?.decision ?? '')
    }
    // Some end, and some of them badly.
    for (const job of state.jobs.liveOfPeer('P'))
      if (random() < 0.2) state.jobs.update({ ...job, state: random() < 0.5 ? 'CANCELLED' : 'FAILED' })
  }
  expect(decisions).toEqual(new Set(['wanted', 'refused']))
})

/** A state in which P announced all images, and a bound that only some of them keep. */
function announcedAll() {
  const state = testState()
  state.subscriptions.put(testSubscription({ maxBytes: BOUND }))
  for (const [i, sealed] of images.entries())
    state.announced.put(testAnnounced(sealed, { ordinal: i + 1, decision: 'not-wanted' }))
  return { state, components: { state, clock: systemClock } }
}

test('deciding about all that a peer announces reads its jobs once, and takes what fits in the order of publication', () => {
  const { state, components } = announcedAll()
  const sums = countSums(state)
  state.db.transaction(() => decideAll(components, 'P'))
  state.db.transaction(() => decideAll(components, 'P')) // the same, with jobs
  expect(sums()).toBe(2)
  let taken = 0
  for (const { sealed, decision } of state.announced.each('P')) {
    const fits = taken + sealed.manifest.size <= BOUND
    if (fits) taken += sealed.manifest.size
    expect(decision).toBe(fits ? 'wanted' : 'refused')
  }
  expect(state.jobs.liveOfPeer('P').length).toBeLessThan(IMAGES)
})

test('entries that are taken in together read the jobs of their peer once', () => {
  const state = testState()
  const peerId = images[0]?.manifest.origin as string
  state.subscriptions.put(testSubscription({ peer: peerId, maxBytes: BOUND }))
  const [standings, room] = [standingsOf(state, peerId), new Room(state, peerId)]
  const sums = countSums(state)
  const series = 'series'
  const events: KnownEvent[] = [
    ...images.map((image) => ({ type: 'image-published' as const, image })),
    { type: 'series-created', series },
    ...images.map(({ id }) => ({ type: 'series-inserted' as const, series, image: id, place: 1 })),
    ...images.map(({ id }) => ({ type: 'series-removed' as const, series, image: id })),
  ]
  const limits = defaultLimits
  const components = { state, events: new EventBus(), clock: systemClock, limits, logger: silentLogger }
  const refusals = new PerMinute(1)
  for (const [i, event] of events.entries()) {
    const body = encodeEvent(event)
    const [at, usage] = [i + 1, usageOf(state, peerId)]
    applyEvent(components, { peerId, seq: at, ordinal: at, body, gone: [], usage, standings, room, refusals })
  }
  expect(sums()).toBe(1)
  expect(state.jobs.liveOfPeer(peerId).length).toBeGreaterThan(5)
  expect(state.jobs.liveOfPeer(peerId).length).toBeLessThan(IMAGES)
})
