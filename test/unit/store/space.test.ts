import { statfs } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { requireSpace } from '../../../src/store/space.ts'
import { tempDir } from '../../support/temp-dir.ts'

const noSpace = expect.objectContaining({ name: 'IngotError', code: 'no-space' }) as Error

test('what fits, fits', async () => {
  await requireSpace(await tempDir(), 1024, 0)
})

test('more than is free does not fit', async () => {
  const path = await tempDir()
  const { blocks, bsize } = await statfs(path)
  await expect(requireSpace(path, blocks * bsize + 1, 0)).rejects.toThrow(noSpace)
})

test('the floor stays free', async () => {
  const path = await tempDir()
  await expect(requireSpace(path, 1, 1)).rejects.toThrow(noSpace)
  await requireSpace(path, 0, 1)
})
