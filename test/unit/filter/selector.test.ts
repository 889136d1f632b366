import { describe, expect, test } from 'vitest'
import { parseSelector, selectorText, type Selector } from '../../../src/filter/selector.ts'
import { testDigest } from '../../support/manifests.ts'

const image = testDigest('image')

test.each<Selector>([
  { kind: 'all' },
  { kind: 'image', image, name: 'hq/debian-13' },
  { kind: 'series', series: 'lts-13+x.y_z' },
  { kind: 'imagetype', imageType: 'web-vm' },
])('the text of $kind is read as what was written', (selector) => {
  const name = selector.kind === 'image' ? selector.name : ''
  expect(parseSelector(selectorText(selector), name)).toEqual(selector)
})

test('two selectors have one text only when they are the same', () => {
  const texts = [
    { kind: 'all' },
    { kind: 'image', image, name: 'x' },
    { kind: 'series', series: 'all' },
    { kind: 'series', series: 'DISK' },
    { kind: 'imagetype', imageType: 'DISK' },
  ].map((selector) => selectorText(selector as Selector))
  expect(new Set(texts).size).toBe(texts.length)
})

describe('no selector is', () => {
  test.each([
    '',
    'ALL',
    'all x',
    'image',
    'image debian-13',
    `image ${image.slice(0, -1)}`,
    'series',
    'series a/b',
    'imagetype',
    'imagetype a/b',
    'parent x',
  ])('%j', (text) => {
    expect(() => parseSelector(text, '')).toThrow(expect.objectContaining({ name: 'IngotError' }))
  })
})
