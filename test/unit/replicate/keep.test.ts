import { beforeAll, expect, onTestFinished, test } from 'vitest'
import { systemClock } from '../../../src/core/clock.ts'
import { EventBus } from '../../../src/core/events.ts'
import { defaultLimits } from '../../../src/core/limits.ts'
import { silentLogger } from '../../../src/core/logger.ts'
import { PerMinute } from '../../../src/core/per-minute.ts'
import type { KnownEvent } from '../../../src/image/journal.ts'
import type { SealedManifest } from '../../../src/image/manifest.ts'
import { decideKept, judge, standingsOf } from '../../../src/replicate/decide.ts'
import { applyEvent, usageOf } from '../../../src/replicate/events.ts'
import { prune } from '../../../src/replicate/prune.ts'
import type { RemoveComponents } from '../../../src/replicate/remove.ts'
import { Room } from '../../../src/replicate/room.ts'
import { openState } from '../../../src/state/state.ts'
import { encodeEvent } from '../../../src/wire/journal.ts'
import { openManifest } from '../../../src/wire/manifest.ts'
import { testKey, type TestKey } from '../../support/keys.ts'
import { testImage } from '../../support/manifests.ts'
import { pick, seededRandom } from '../../support/random.ts'
import { testSubscription } from '../../support/state.ts'

let key: TestKey
beforeAll(async () => {
  key = await testKey('origin')
})

/** The mirror of one peer: takes in its entries as intake does, and counts the manifests that are decoded. */
function mirror() {
  let decoded = 0
  const state = openState(':memory:', (bytes, signature) => {
    decoded++
    return openManifest(bytes, signature, defaultLimits)
  })
  onTestFinished(() => state.db.close())
  const { peerId } = key
  const limits = defaultLimits
  const components = { state, events: new EventBus(), clock: systemClock, limits, logger: silentLogger }
  const refusals = new PerMinute(1)
  let at = 0
  return {
    state,
    peerId,
    decoded: () => decoded,
    subscribe: (selector: string, keep: number) =>
      state.subscriptions.put(testSubscription({ peer: peerId, selector, keep })),
    take: (...entries: KnownEvent[]) =>
      state.db.transaction(() => {
        const [standings, room] = [standingsOf(state, peerId), new Room(state, peerId)]
        for (const event of entries) {
          const [body, usage] = [encodeEvent(event), usageOf(state, peerId)]
          at++
          applyEvent(components, {
            peerId,
            seq: at,
            ordinal: at,
            body,
            gone: [],
            usage,
            standings,
            room,
            refusals,
          })
        }
        decideKept(components, peerId, standings, room)
      }),
    wanted: () =>
      state.announced
        .list(peerId)
        .filter(({ decision }) => decision === 'wanted')
        .map(({ sealed }) => sealed.manifest.name),
  }
}

const published = (image: SealedManifest): KnownEvent => ({ type: 'image-published', image })

test('where only so many of a line stay, an entry does not cost more the more the peer announces', () => {
  const { take, subscribe, decoded, wanted, state, peerId } = mirror()
  const base = testImage(key, { name: 'base', ancestors: [] })
  subscribe(`image ${base.id}`, 2)
  subscribe('series s', 2)
  const line = Array.from({ length: 500 }, (_, i) => testImage(key, { name: `i${i}`, ancestors: [base.id] }))
  take(published(base), { type: 'series-created', series: 's' }, ...line.map(published))
  take(...line.map(({ id }, place) => ({ type: 'series-inserted' as const, series: 's', image: id, place })))
  const costs = (...entries: KnownEvent[]) => {
    const before = decoded()
    take(...entries)
    return decoded() - before
  }
  expect(wanted()).toEqual(['i498', 'i499'])
  expect(costs(published(testImage(key, { name: 'other', ancestors: [] })))).toBeLessThan(10)
  expect(costs(published(testImage(key, { name: 'new', ancestors: [base.id] })))).toBeLessThan(20)
  expect(wanted()).toEqual(['i498', 'i499', 'new'])
  const last = line.at(-1)?.id as SealedManifest['id']
  expect(costs({ type: 'image-withdrawn', image: last })).toBeLessThan(20)
  expect(wanted()).toEqual(['i497', 'i498', 'new'])
  // What a transaction held that was taken back does not count.
  expect(() =>
    state.db.transaction(() => {
      for (const { id } of line) state.announced.setStatus(peerId, id, 'withdrawn')
      for (const { id } of line) state.announcedSeries.removeImage(peerId, id)
      standingsOf(state, peerId)
      throw new Error('full disk')
    }),
  ).toThrow('full disk')
  expect(standingsOf(state, peerId).map(({ kept }) => kept?.size)).toEqual([2, 2])
  take(published(testImage(key, { name: 'newer', ancestors: [base.id] })))
  expect(wanted()).toEqual(['i497', 'i498', 'new', 'newer'])
})

test('looking for replicas that may go does not cost more the more of them are to stay', async () => {
  const { take, subscribe, decoded, state, peerId } = mirror()
  const base = testImage(key, { name: 'base', ancestors: [] })
  subscribe(`image ${base.id}`, 1)
  state.subscriptions.put(testSubscription({ peer: peerId }))
  const images = Array.from({ length: 300 }, (_, i) => testImage(key, { name: `i${i}` }))
  take(...[base, ...images].map(published))
  const { content, size, sha256 } = base.manifest
  const stored = { inPlace: undefined, privileged: 'none', createdAt: 1 } as const
  state.images.putContent({ digest: content, kind: 'file', size, sha256, ...stored })
  for (const sealed of [base, ...images])
    state.images.insert({
      name: sealed.manifest.name,
      sealed,
      state: 'PUBLISHED',
      private: false,
      enabledAt: 1,
    })
  const before = decoded()
  // Nothing goes, so nothing else is asked for.
  expect(await prune({ state } as RemoveComponents, peerId)).toEqual([])
  expect(decoded() - before).toBeLessThan(10)
})

test('whatever a peer tells, each image is decided about as if all were decided about anew', () => {
  const random = seededRandom(11)
  const { take, subscribe, state, peerId } = mirror()
  const some = (most: number) => Math.floor(random() * most)
  const bases = ['one', 'two'].map((name) => testImage(key, { name, ancestors: [] }))
  const images = Array.from({ length: 150 }, (_, i) => {
    const ancestors = bases.filter(() => random() < 0.5).map(({ id }) => id)
    return testImage(key, {
      name: `i${i}`,
      ancestors,
      type: i % 3 === 0 ? 'ISO' : 'DISK',
      baseType: i % 3 === 0 ? 'ISO' : 'DISK',
    })
  })
  for (const [i, { id }] of bases.entries()) subscribe(`image ${id}`, 1 + 2 * i)
  for (const series of ['s', 't']) subscribe(`series ${series}`, 3)
  take(...[...bases, ...images].map(published))
  const decisions = new Set<string>()
  for (let batch = 0; batch < 60; batch++) {
    const events = Array.from({ length: 1 + some(15) }, (): KnownEvent => {
      const sealed = pick([...images, ...bases], some(1000)) as SealedManifest
      const image = sealed.id
      const series = pick(['s', 't', 'u'], some(1000)) as string
      switch (some(8)) {
        case 0:
        case 1:
        case 2:
          return { type: 'image-withdrawn', image }
        case 3:
        case 4:
          return published(sealed)
        case 5:
          return { type: 'series-created', series }
        case 6:
          return random() < 0.1
            ? { type: 'series-deleted', series }
            : { type: 'series-removed', series, image }
        default:
          return { type: 'series-inserted', series, image, place: some(1000) }
      }
    })
    take(...events)
    const standings = standingsOf(state, peerId)
    const newest = (of: (name: SealedManifest) => boolean, most: number) =>
      state.announced
        .list(peerId)
        .filter(({ sealed }) => of(sealed))
        .slice(-most)
        .map(({ sealed }) => sealed.id)
    for (const { selector, kept, subscription } of standings) {
      const most = subscription.keep as number
      const expected =
        selector.kind === 'image'
          ? newest(
              ({ id, manifest }) => id === selector.image || manifest.ancestors.includes(selector.image),
              most,
            )
          : selector.kind === 'series'
            ? state.announcedSeries
                .members(peerId, selector.series)
                .slice(-most)
                .map(({ image }) => image)
            : []
      expect([...(kept ?? [])]).toEqual(expected)
    }
    for (const image of state.announced.list(peerId)) {
      const { decision, rule } = judge(state, image, standings)
      expect({ decision: image.decision, rule: image.rule }).toEqual({ decision, rule })
      decisions.add(decision)
    }
  }
  expect(decisions).toEqual(new Set(['wanted', 'not-wanted']))
})
