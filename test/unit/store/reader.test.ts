import { appendFile, readFile, rename, rm, stat, truncate, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { StoredContent } from '../../../src/image/content.ts'
import { LEAF_BYTES } from '../../../src/image/leaves.ts'
import { identityOf } from '../../../src/store/file-identity.ts'
import type { Layout } from '../../../src/store/layout.ts'
import { placeContent } from '../../../src/store/placement.ts'
import { ContentReader } from '../../../src/store/reader.ts'
import { emptyLayout, stageBytes, storedContent } from '../../support/contents.ts'
import { randomBytes } from '../../support/files.ts'
import { tempDir } from '../../support/temp-dir.ts'

const bytes = randomBytes(3 * LEAF_BYTES + 10, 'reader')
const changed = expect.objectContaining({ name: 'IngotError', code: 'changed-on-disk' }) as Error

async function copied(): Promise<{ layout: Layout; content: StoredContent }> {
  const layout = await emptyLayout()
  const { staging, digest } = await stageBytes(layout, 'a', bytes)
  await placeContent(layout, staging, digest)
  return { layout, content: storedContent(digest, bytes.length) }
}

/** A content that lies where it was registered. */
async function inPlace(): Promise<{ layout: Layout; content: StoredContent; path: string }> {
  const { layout, content } = await copied()
  const path = join(await tempDir(), 'disk.raw')
  await rename(layout.file(content.digest), path)
  const identity = identityOf(await stat(path, { bigint: true }))
  return { layout, path, content: { ...content, inPlace: { path, stat: identity } } }
}

describe('a content in the store', () => {
  test('is read by leaves', async () => {
    const { layout, content } = await copied()
    const reader = await ContentReader.open(layout, content)
    expect((await reader.readLeaves(0, 4)).equals(bytes)).toBe(true)
    expect((await reader.readLeaves(3, 1)).equals(bytes.subarray(3 * LEAF_BYTES))).toBe(true)
    expect((await reader.readLeaves(1, 2)).equals(bytes.subarray(LEAF_BYTES, 3 * LEAF_BYTES))).toBe(true)
    expect(await reader.index.root()).toBe(content.digest)
    await reader.close()
  })

  test('that is gone is an error of this server', async () => {
    const { layout, content } = await copied()
    await rm(layout.file(content.digest))
    await expect(ContentReader.open(layout, content)).rejects.toThrow(
      expect.objectContaining({ code: 'not-found' }),
    )
  })
})

describe('a content in place', () => {
  test('is read where it lies', async () => {
    const { layout, content } = await inPlace()
    const reader = await ContentReader.open(layout, content)
    expect((await reader.readLeaves(0, 4)).equals(bytes)).toBe(true)
    await reader.close()
  })

  test.each<[string, (path: string) => Promise<void>]>([
    ['was written to', async (path) => await writeFile(path, await readFile(path))],
    ['grew', async (path) => await appendFile(path, 'x')],
    ['shrank', async (path) => await truncate(path, 100)],
    ['has other times', async (path) => await utimes(path, 1, 1)],
    ['was removed', async (path) => await rm(path)],
  ])('that %s is not read any more, also when it is open already', async (_, change) => {
    const { layout, content, path } = await inPlace()
    const reader = await ContentReader.open(layout, content)
    await change(path)
    await expect(reader.readLeaves(0, 1)).rejects.toThrow(changed)
    await reader.close()
  })

  test('that was replaced by an equal file is not read', async () => {
    const { layout, content, path } = await inPlace()
    await writeFile(`${path}.new`, bytes)
    await rename(`${path}.new`, path)
    const reader = await ContentReader.open(layout, content)
    await expect(reader.readLeaves(0, 1)).rejects.toThrow(changed)
    await reader.close()
  })

  test('that is gone has changed on disk', async () => {
    const { layout, content, path } = await inPlace()
    await rm(path)
    await expect(ContentReader.open(layout, content)).rejects.toThrow(changed)
  })
})
