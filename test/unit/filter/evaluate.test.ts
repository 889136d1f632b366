import * as fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import {
  bySpecificity,
  evaluate,
  match,
  matchSelector,
  type Candidate,
  type Standing,
} from '../../../src/filter/evaluate.ts'
import { selectorText, type Selector } from '../../../src/filter/selector.ts'
import type { SealedManifest } from '../../../src/image/manifest.ts'
import { testKey } from '../../support/keys.ts'
import { testDigest, testImage } from '../../support/manifests.ts'

let image: SealedManifest
/** Published as the tenth, and put into the series lts as the twentieth that came of its peer. */
let candidate: Candidate
beforeAll(async () => {
  const ancestors = [testDigest('parent'), testDigest('root')]
  image = testImage(await testKey('origin'), { type: 'web-vm', baseType: 'OS', ancestors })
  candidate = { sealed: image, ordinal: 10, series: [{ series: 'lts', ordinal: 20 }] }
})

const all: Selector = { kind: 'all' }
const imagetype = (imageType: string): Selector => ({ kind: 'imagetype', imageType })
const inSeries = (series: string): Selector => ({ kind: 'series', series })
const follows = (seed: string): Selector => ({ kind: 'image', image: testDigest(seed), name: seed })

const standing = (selector: Selector, changes: Partial<Standing> = {}): Standing => ({
  selector,
  newOnly: false,
  ordinal: 0,
  kept: undefined,
  ...changes,
})

describe('a selector', () => {
  const matches = (selector: Selector) => matchSelector(selector, candidate).matches

  test('all takes every image', () => {
    expect(matches(all)).toBe(true)
  })

  test('image takes the image itself', () => {
    expect(matches({ kind: 'image', image: image.id, name: 'x' })).toBe(true)
  })

  test('image takes descendants, however far', () => {
    expect(matches(follows('parent'))).toBe(true)
    expect(matches(follows('root'))).toBe(true)
  })

  test('image takes no stranger', () => {
    expect(matches(follows('sibling'))).toBe(false)
    expect(matches({ kind: 'image', image: image.manifest.content, name: 'x' })).toBe(false)
  })

  test('series takes exactly what is in it now', () => {
    expect(matches(inSeries('lts'))).toBe(true)
    expect(matches(inSeries('LTS'))).toBe(false)
    expect(matches(inSeries('lts-2'))).toBe(false)
    expect(matchSelector(inSeries('lts'), { ...candidate, series: [] }).matches).toBe(false)
  })

  test('imagetype takes exactly that type, not its base', () => {
    expect(matches(imagetype('web-vm'))).toBe(true)
    expect(matches(imagetype('OS'))).toBe(false)
    expect(matches(imagetype('WEB-VM'))).toBe(false)
  })

  test('says why', () => {
    const why = (selector: Selector) => matchSelector(selector, candidate).why
    expect(why({ kind: 'image', image: image.id, name: 'x' })).toContain('this image')
    expect(why(follows('root'))).toContain('descendant')
    expect(why(follows('sibling'))).toContain('neither')
    expect(why(inSeries('x'))).toContain('not in this series')
    expect(why(imagetype('OS'))).toContain('web-vm')
  })
})

describe('new-only', () => {
  const takes = (selector: Selector, ordinal: number) =>
    match(standing(selector, { newOnly: true, ordinal }), candidate).matches

  test.each<Selector>([all, imagetype('web-vm'), follows('root')])(
    '$kind takes what was published after it was made, and nothing before',
    (selector) => {
      expect(takes(selector, 9)).toBe(true)
      expect(takes(selector, 10)).toBe(false)
      expect(takes(selector, 11)).toBe(false)
    },
  )

  test('series takes an image that is older, when it was inserted afterwards', () => {
    expect(takes(inSeries('lts'), 10)).toBe(true)
    expect(takes(inSeries('lts'), 19)).toBe(true)
    expect(takes(inSeries('lts'), 20)).toBe(false)
  })

  test('series is not moved by an insertion into another series', () => {
    const both = [
      { series: 'lts', ordinal: 11 },
      { series: 'web', ordinal: 30 },
    ]
    const made = standing(inSeries('lts'), { newOnly: true, ordinal: 15 })
    expect(match(made, { ...candidate, series: both }).matches).toBe(false)
  })

  test('does not take what the selector does not', () => {
    expect(takes(imagetype('OS'), 0)).toBe(false)
    expect(takes(inSeries('web'), 0)).toBe(false)
  })

  test('is what makes the time count: without it everything is taken', () => {
    expect(match(standing(all, { ordinal: 99 }), candidate).matches).toBe(true)
  })

  test('says that the image came before', () => {
    expect(match(standing(all, { newOnly: true, ordinal: 99 }), candidate).why).toContain('came before')
  })
})

describe('with a number that is kept', () => {
  test('an image that is not among them is not taken, and the reason says so', () => {
    expect(match(standing(all, { kept: new Set([image.id]) }), candidate).matches).toBe(true)
    const verdict = match(standing(all, { kept: new Set([testDigest('newer')]) }), candidate)
    expect(verdict.matches).toBe(false)
    expect(verdict.why).toContain('newer ones')
  })

  test('an image that the selector does not take is not taken for being among them', () => {
    expect(match(standing(imagetype('OS'), { kept: new Set([image.id]) }), candidate).matches).toBe(false)
  })

  test('another selector still takes what is beyond the number', () => {
    const full = standing(inSeries('lts'), { kept: new Set() })
    expect(evaluate([full, standing(all)], candidate)).toMatchObject({ wanted: true, rule: 'all' })
  })
})

describe('the wanted set', () => {
  test('is the union, and names the most specific selector that takes the image', () => {
    const standings = [all, imagetype('web-vm'), follows('sibling'), inSeries('lts')]
      .map((selector) => standing(selector))
      .toSorted(bySpecificity)
    const { wanted, rule, by } = evaluate(standings, candidate)
    expect({ wanted, rule }).toEqual({ wanted: true, rule: 'series lts' })
    expect(by).toBe(standings.find(({ selector }) => selector.kind === 'series'))
  })

  test('has nothing that no selector takes', () => {
    expect(evaluate([standing(imagetype('ISO')), standing(follows('sibling'))], candidate)).toEqual({
      wanted: false,
      rule: 'no selector matches',
      by: undefined,
    })
  })

  test('is empty without a subscription', () => {
    expect(evaluate([], candidate)).toEqual({ wanted: false, rule: 'no subscription', by: undefined })
  })
})

test('image is more specific than series, that than image type, and all is the least', () => {
  const kinds = [all, imagetype('a'), inSeries('a'), follows('a')]
    .map((selector) => standing(selector))
    .toSorted(bySpecificity)
    .map(({ selector }) => selector.kind)
  expect(kinds).toEqual(['image', 'series', 'imagetype', 'all'])
})

test('of two that are equally specific the one that was made first decides', () => {
  const standings = [inSeries('b'), inSeries('lts'), inSeries('a')].map((selector) => standing(selector))
  const both = { ...candidate, series: ['a', 'b'].map((series) => ({ series, ordinal: 1 })) }
  expect(evaluate(standings.toSorted(bySpecificity), both).rule).toBe('series b')
})

const someStanding = fc.record({
  selector: fc.constantFrom(
    all,
    imagetype('web-vm'),
    imagetype('OS'),
    inSeries('lts'),
    inSeries('web'),
    follows('parent'),
    follows('sibling'),
  ),
  newOnly: fc.boolean(),
  ordinal: fc.nat(30),
  kept: fc.constantFrom(undefined, new Set([testDigest('newer')])),
})

test('an image is wanted exactly when some selector takes it, by one that takes it and none more specific does', () => {
  fc.assert(
    fc.property(fc.array(someStanding, { maxLength: 6 }), (standings) => {
      const takers = standings.filter((each) => match(each, candidate).matches)
      const { wanted, rule, by } = evaluate(standings.toSorted(bySpecificity), candidate)
      expect(wanted).toBe(takers.length > 0)
      if (by === undefined) return
      expect(takers).toContain(by)
      expect(rule).toBe(selectorText(by.selector))
      for (const taker of takers) expect(bySpecificity(by, taker)).toBeLessThanOrEqual(0)
    }),
  )
})
