import * as fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import type { SealedManifest } from '../../../src/image/manifest.ts'
import type { State } from '../../../src/state/state.ts'
import { testKey } from '../../support/keys.ts'
import { testImage } from '../../support/manifests.ts'
import { testState } from '../../support/state.ts'

let images: SealedManifest[]
let ids: SealedManifest['id'][]
beforeAll(async () => {
  const key = await testKey('origin')
  images = ['a', 'b', 'c', 'd'].map((name) => testImage(key, { name }))
  ids = images.map(({ id }) => id)
})

/** A state in which the images are, and the series lts and web. */
function stateWithImages(): State {
  const state = testState()
  for (const sealed of images) {
    const { name, content, size, sha256 } = sealed.manifest
    const here = { kind: 'file', inPlace: undefined, privileged: 'none', createdAt: 1 } as const
    state.images.putContent({ digest: content, size, sha256, ...here })
    state.images.insert({ name, sealed, state: 'PUBLISHED', private: false, enabledAt: 1 })
  }
  state.series.add('web', 1)
  state.series.add('lts', 2)
  return state
}

const pick = (...places: number[]) => places.map((place) => ids[place] as SealedManifest['id'])

test('series are known by name', () => {
  const { series } = stateWithImages()
  expect(series.names()).toEqual(['lts', 'web'])
  expect([series.has('lts'), series.has('LTS')]).toEqual([true, false])
  expect(() => series.add('lts', 3)).toThrow('UNIQUE')
})

test('an image is in the series in which it was put', () => {
  const { series } = stateWithImages()
  series.setMembers('web', pick(1))
  series.setMembers('lts', pick(0, 1))
  expect(pick(0, 1, 2).map((image) => series.of(image))).toEqual([['lts'], ['lts', 'web'], []])
})

test('a series goes without its images, and without another series', () => {
  const { series, images: rows } = stateWithImages()
  series.setMembers('web', pick(0))
  series.setMembers('lts', pick(0, 1))
  series.delete('lts')
  expect(series.names()).toEqual(['web'])
  expect(series.of(pick(0)[0] as SealedManifest['id'])).toEqual(['web'])
  expect(rows.list()).toHaveLength(images.length)
  series.add('lts', 9)
  expect(series.members('lts')).toEqual([])
})

test('an image that is in a series cannot be deleted', () => {
  const { series, images: rows } = stateWithImages()
  const [image] = pick(2) as [SealedManifest['id']]
  series.setMembers('lts', [image])
  expect(() => rows.delete(image)).toThrow('FOREIGN KEY')
  series.setMembers('lts', [])
  rows.delete(image)
  expect(rows.byId(image)).toBeUndefined()
})

test('only what is here is in a series, and only in one that there is', () => {
  const { series } = testState()
  series.add('lts', 1)
  expect(() => series.setMembers('lts', pick(0))).toThrow('FOREIGN KEY')
  expect(() => stateWithImages().series.setMembers('none', pick(0))).toThrow('FOREIGN KEY')
})

describe('the announced order', () => {
  test('is that of one image in one series, until it is taken away', () => {
    const { series } = stateWithImages()
    const [image, other] = pick(0, 1) as [SealedManifest['id'], SealedManifest['id']]
    for (const name of ['lts', 'web']) series.setMembers(name, [image, other])
    series.setAnnouncedOrder('lts', image, 3)
    expect(series.members('lts')).toEqual([
      { image, announcedOrder: 3 },
      { image: other, announcedOrder: undefined },
    ])
    expect(series.members('web').map(({ announcedOrder }) => announcedOrder)).toEqual([undefined, undefined])
    series.setAnnouncedOrder('lts', image, undefined)
    expect(series.members('lts')[0]).toEqual({ image, announcedOrder: undefined })
  })

  test('stays with an image that is moved, and goes with one that is taken out', () => {
    const { series } = stateWithImages()
    const held = fc.shuffledSubarray([0, 1, 2, 3])
    fc.assert(
      fc.property(fc.array(held, { maxLength: 6 }), (steps) => {
        series.setMembers('lts', [])
        let order = 0
        let expected: { image: string; announcedOrder: number }[] = []
        for (const step of steps) {
          const next = pick(...step)
          series.setMembers('lts', next)
          const before = new Map(expected.map((each) => [each.image, each.announcedOrder]))
          expect(series.members('lts')).toEqual(
            next.map((image) => ({ image, announcedOrder: before.get(image) })),
          )
          expected = next.map((image) => ({ image, announcedOrder: before.get(image) ?? ++order }))
          for (const { image, announcedOrder } of expected)
            series.setAnnouncedOrder('lts', image as SealedManifest['id'], announcedOrder)
        }
      }),
    )
  })
})
