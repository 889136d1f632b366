import { expect, test } from 'vitest'
import { DamageList, damageText, isLeavesOnly, listedLeaves, rangesText } from '../../../src/image/damage.ts'

const bounds = { damageRanges: 3, damageNotes: 2 }

test('leaves in a row are one range; nothing found is no damage', () => {
  const list = new DamageList(bounds)
  expect(list.found).toBeUndefined()
  for (const leaf of [3, 4, 9]) list.addLeaves(leaf)
  list.addLeaves(10, 5)
  expect(list.found).toEqual({
    leaves: 8,
    ranges: [
      { first: 3, count: 2 },
      { first: 9, count: 6 },
    ],
    index: false,
    other: [],
  })
  expect(isLeavesOnly(list.found as never)).toBe(true)
  expect(rangesText(list.found as never)).toBe('3-4, 9-14')
})

test('what is beyond the bounds is counted, and never stands in a range that it does not belong to', () => {
  const list = new DamageList(bounds)
  for (const leaf of [0, 2, 4, 6, 7]) list.addLeaves(leaf)
  const { found } = list
  expect(found).toMatchObject({ leaves: 5, ranges: [{ first: 0 }, { first: 2 }, { first: 4, count: 1 }] })
  list.addLeaves(5) // would lengthen the last range, and stands behind what was left out
  expect(listedLeaves(found as never)).toBe(3)
  for (const what of ['a', 'b', 'c']) list.addOther(what)
  expect(found?.other).toEqual(['a', 'b'])
})

test('a wrong index is said, and is more than leaves', () => {
  const list = new DamageList(bounds)
  list.addIndex('the index is gone')
  expect(list.found).toEqual({ leaves: 0, ranges: [], index: true, other: ['the index is gone'] })
  expect(isLeavesOnly(list.found as never)).toBe(false)
  expect(damageText(list.found as never)).toBe('the index is gone')
  list.addLeaves(1)
  expect(damageText(list.found as never)).toBe('1 leaf is wrong; the index is gone')
})
