import { expect, test } from 'vitest'
import { DigestTable } from '../../../src/store/digest-table.ts'
import { randomBytes } from '../../support/files.ts'

test('finds every place that was noted, and hardly any other', () => {
  const digests = randomBytes(32 * 2000, 'digests')
  const table = new DigestTable(1000)
  for (let i = 0; i < 1000; i++) table.add(digests, i * 32, i)
  const shared = new DigestTable(table.slots)
  for (let i = 0; i < 1000; i++) expect(shared.find(digests, i * 32)).toEqual([i])
  for (let i = 1000; i < 2000; i++) expect(shared.find(digests, i * 32)).toEqual([])
})

test('keeps the first places of a digest that lies in many, and no more than it has room for', () => {
  const digests = randomBytes(64, 'two')
  const table = new DigestTable(6)
  for (let place = 0; place < 10; place++) table.add(digests, 0, place)
  expect(table.find(digests, 0)).toEqual([0, 1, 2, 3])
  for (let place = 20; place < 30; place++) table.add(digests, 32, place)
  expect(table.find(digests, 32)).toEqual([20, 21])
})
