import { expect, test } from 'vitest'
import { emptyBitmap, isWanted, wantBlock, wantedBytes, wantedRanges } from '../../../src/image/block-wish.ts'

const LEAF = 65_536

test('bits are counted from the least significant of a big-endian word', () => {
  const bitmap = emptyBitmap(2)
  wantBlock(bitmap, 0, 0)
  wantBlock(bitmap, 0, 9)
  wantBlock(bitmap, 1, 15)
  expect([...bitmap]).toEqual([0b10, 0b1, 0b1000_0000, 0])
  expect(isWanted(bitmap, 1, 15)).toBe(true)
  expect(isWanted(bitmap, 1, 14)).toBe(false)
})

test('wanted blocks in a row are one range, across leaves too; the last block may be short', () => {
  const wanted = emptyBitmap(3)
  for (const [leaf, block] of [
    [0, 15],
    [1, 0],
    [1, 3],
    [2, 1],
  ] as const)
    wantBlock(wanted, leaf, block)
  const size = 6 * LEAF + 4096 + 10
  const wish = { first: 4, count: 3, wanted }
  expect([...wantedRanges(size, wish)]).toEqual([
    { position: 5 * LEAF - 4096, bytes: 8192 },
    { position: 5 * LEAF + 3 * 4096, bytes: 4096 },
    { position: 6 * LEAF + 4096, bytes: 10 },
  ])
  expect(wantedBytes(size, wish)).toBe(8192 + 4096 + 10)
})

test('a block that the leaf does not have is refused', () => {
  const wanted = emptyBitmap(1)
  wantBlock(wanted, 0, 1)
  expect(() => [...wantedRanges(4096, { first: 0, count: 1, wanted })]).toThrow(RangeError)
})
