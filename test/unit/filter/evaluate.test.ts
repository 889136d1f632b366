import { beforeAll, describe, expect, test } from 'vitest'
import { evaluate, matches } from '../../../src/filter/evaluate.ts'
import type { Selector } from '../../../src/filter/selector.ts'
import type { SealedManifest } from '../../../src/image/manifest.ts'
import { testKey } from '../../support/keys.ts'
import { testDigest, testImage } from '../../support/manifests.ts'

let image: SealedManifest
beforeAll(async () => {
  const ancestors = [testDigest('parent'), testDigest('root')]
  image = testImage(await testKey('origin'), { type: 'web-vm', baseType: 'OS', ancestors })
})

const imagetype = (imageType: string): Selector => ({ kind: 'imagetype', imageType })
const follows = (seed: string): Selector => ({ kind: 'image', image: testDigest(seed), name: seed })

describe('a selector', () => {
  test('all takes every image', () => {
    expect(matches({ kind: 'all' }, image)).toBe(true)
  })

  test('image takes the image itself', () => {
    expect(matches({ kind: 'image', image: image.id, name: 'x' }, image)).toBe(true)
  })

  test('image takes descendants, however far', () => {
    expect(matches(follows('parent'), image)).toBe(true)
    expect(matches(follows('root'), image)).toBe(true)
  })

  test('image takes no stranger', () => {
    expect(matches(follows('sibling'), image)).toBe(false)
    expect(matches({ kind: 'image', image: image.manifest.content, name: 'x' }, image)).toBe(false)
  })

  test('imagetype takes exactly that type, not its base', () => {
    expect(matches(imagetype('web-vm'), image)).toBe(true)
    expect(matches(imagetype('OS'), image)).toBe(false)
    expect(matches(imagetype('WEB-VM'), image)).toBe(false)
  })
})

describe('the wanted set', () => {
  test('is the union, and names the first selector that takes the image', () => {
    const selectors = [imagetype('ISO'), follows('parent'), { kind: 'all' } as const]
    expect(evaluate(selectors, image)).toEqual({ wanted: true, rule: `image ${testDigest('parent')}` })
  })

  test('has nothing that no selector takes', () => {
    expect(evaluate([imagetype('ISO'), follows('sibling')], image)).toEqual({
      wanted: false,
      rule: 'no selector matches',
    })
  })

  test('is empty without a subscription', () => {
    expect(evaluate([], image)).toEqual({ wanted: false, rule: 'no subscription' })
  })
})
