import { statfs } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { SpaceLedger } from '../../../src/store/space.ts'
import { tempDir } from '../../support/temp-dir.ts'

const noSpace = expect.objectContaining({ name: 'IngotError', code: 'no-space' }) as Error

test('what fits, fits', async () => {
  await new SpaceLedger(await tempDir(), 0).reserve(1024)
})

test('more than is free does not fit', async () => {
  const path = await tempDir()
  const { blocks, bsize } = await statfs(path)
  await expect(new SpaceLedger(path, 0).reserve(blocks * bsize + 1)).rejects.toThrow(noSpace)
})

test('the floor stays free', async () => {
  const ledger = new SpaceLedger(await tempDir(), 1)
  await expect(ledger.reserve(1)).rejects.toThrow(noSpace)
  await ledger.reserve(0)
})

test('what is left is told, also as a shortage; and whether less is free than shall stay free', async () => {
  const path = await tempDir()
  const ledger = new SpaceLedger(path, 0)
  const { bytes } = await ledger.room()
  expect(bytes).toBeGreaterThan(0)
  expect((await ledger.shortage(2 ** 50)).message).toMatch(
    /^1125899906842624 bytes are needed at .* are usable/,
  )
  expect(await ledger.isBelowFloor()).toBe(false)
  const full = new SpaceLedger(path, 1)
  expect(await full.room()).toMatchObject({ bytes: 0 })
  expect(await full.isBelowFloor()).toBe(true)
})

test('what is promised to one is not promised to another, until it is written or given back', async () => {
  const path = await tempDir()
  const { bavail, bsize } = await statfs(path)
  const most = Math.floor(bavail * bsize * 0.6)
  const ledger = new SpaceLedger(path, 0)
  const first = await ledger.reserve(most)
  await expect(ledger.reserve(most)).rejects.toThrow(noSpace)
  first.shrinkTo(0)
  const second = await ledger.reserve(most)
  second.shrinkTo(2 * most)
  await expect(ledger.reserve(most)).rejects.toThrow(noSpace)
  second.release()
  await ledger.reserve(most)
})
