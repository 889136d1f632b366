import { open, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import type { Digest } from '../../../src/image/digest.ts'
import { SEGMENT_BYTES } from '../../../src/image/leaves.ts'
import { verifyContent } from '../../../src/store/verify.ts'
import { emptyLayout, stageBytes } from '../../support/contents.ts'
import { randomBytes } from '../../support/files.ts'
import { testDigest } from '../../support/manifests.ts'

const never = new AbortController().signal

describe('a content', () => {
  const bytes = randomBytes(2 * SEGMENT_BYTES + 70_000, 'verify')
  const wrong = expect.objectContaining({ name: 'IngotError', code: 'wrong-content' }) as Error
  let paths: { image: string; index: string }
  let digest: Digest

  beforeEach(async () => {
    const staged = await stageBytes(await emptyLayout(), 'a', bytes)
    paths = { image: join(staged.staging, 'image'), index: join(staged.staging, 'index') }
    digest = staged.digest
  })

  async function alter(path: string, position: number): Promise<void> {
    const file = await open(path, 'r+')
    const byte = Buffer.alloc(1)
    await file.read(byte, 0, 1, position)
    byte[0] = (byte[0] as number) ^ 1
    await file.write(byte, 0, 1, position)
    await file.close()
  }

  test('that is whole verifies', async () => {
    await verifyContent(paths, { digest, size: bytes.length, signal: never })
  })

  test.each([0, 65_535, SEGMENT_BYTES, bytes.length - 1])(
    'with an altered byte at %i is found',
    async (at) => {
      await alter(paths.image, at)
      await expect(verifyContent(paths, { digest, size: bytes.length, signal: never })).rejects.toThrow(wrong)
    },
  )

  test('whose index is altered in its segment digests or its leaf digests is found', async () => {
    await alter(paths.index, 64 + 32)
    await expect(verifyContent(paths, { digest, size: bytes.length, signal: never })).rejects.toThrow(wrong)
    await alter(paths.index, 64 + 32)
    await verifyContent(paths, { digest, size: bytes.length, signal: never })
    await alter(paths.index, 64 + 3 * 32 + 5)
    await expect(verifyContent(paths, { digest, size: bytes.length, signal: never })).rejects.toThrow(wrong)
  })

  test('of another root is found', async () => {
    await expect(
      verifyContent(paths, { digest: testDigest('x'), size: bytes.length, signal: never }),
    ).rejects.toThrow(wrong)
  })

  test('that is shorter or longer is found', async () => {
    await truncate(paths.image, bytes.length - 1)
    await expect(verifyContent(paths, { digest, size: bytes.length, signal: never })).rejects.toThrow(wrong)
    await truncate(paths.image, bytes.length + 1)
    await expect(verifyContent(paths, { digest, size: bytes.length, signal: never })).rejects.toThrow(wrong)
  })
})
