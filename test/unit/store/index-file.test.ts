import { appendFile, open, stat, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { toDigest } from '../../../src/image/digest.ts'
import { fileRoot } from '../../../src/image/leaves.ts'
import { IndexFile } from '../../../src/store/index-file.ts'
import { digestsOf, fillIndex } from '../../support/contents.ts'
import { randomBytes } from '../../support/files.ts'
import { tempDir } from '../../support/temp-dir.ts'

const SIZE = 2 * 4 * 1024 * 1024 + 65_537
const bytes = randomBytes(SIZE, 'index')
const { segments, lists } = digestsOf(bytes)

async function filled(): Promise<string> {
  const path = join(await tempDir(), 'index')
  const index = await IndexFile.create(path, SIZE)
  await fillIndex(index, bytes)
  await index.sync()
  await index.close()
  return path
}

const wrong = expect.objectContaining({ name: 'IngotError', code: 'wrong-content' }) as Error

test('what was written is read, by any part', async () => {
  const index = await IndexFile.open(await filled(), SIZE)
  expect(await index.readSegments()).toEqual(segments)
  expect(await index.readSegments(1, 1)).toEqual(segments.subarray(32, 64))
  expect(await index.readLeafLists(0, 3)).toEqual(Buffer.concat(lists))
  for (const segment of [0, 1, 2]) expect(await index.readLeafLists(segment, 1)).toEqual(lists[segment])
  expect(await index.readLeafLists(1, 2)).toEqual(Buffer.concat(lists.slice(1)))
  expect(await index.root()).toBe(toDigest(fileRoot(SIZE, segments)))
  await index.close()
})

test('parts can be written in any order', async () => {
  const index = await IndexFile.create(join(await tempDir(), 'index'), SIZE)
  for (const segment of [2, 0, 1]) {
    await index.writeLeafLists(segment, lists[segment] as Buffer)
    await index.writeSegments(segments.subarray(segment * 32, segment * 32 + 32), segment)
  }
  expect(await index.readLeafLists(0, 3)).toEqual(Buffer.concat(lists))
  expect(await index.readSegments()).toEqual(segments)
  await index.close()
})

test('the index of no bytes is a header', async () => {
  const path = join(await tempDir(), 'index')
  await (await IndexFile.create(path, 0)).close()
  const index = await IndexFile.open(path, 0)
  expect(await index.readSegments()).toHaveLength(0)
  expect(await index.root()).toBe(toDigest(fileRoot(0, new Uint8Array())))
  await index.close()
  expect((await stat(path)).size).toBe(64)
})

test('an index is opened to be read unless asked otherwise', async () => {
  const index = await IndexFile.open(await filled(), SIZE)
  await expect(index.writeSegments(segments)).rejects.toThrow()
  await index.close()
})

test('creating begins anew, whatever lay there', async () => {
  const path = await filled()
  const index = await IndexFile.create(path, SIZE)
  expect(await index.readSegments()).toEqual(Buffer.alloc(segments.length))
  await index.close()
})

describe('an index is refused', () => {
  test('of another size', async () => {
    await expect(IndexFile.open(await filled(), SIZE + 1)).rejects.toThrow(wrong)
    await expect(IndexFile.open(await filled(), 1)).rejects.toThrow(wrong)
  })

  test('that is torn, or too long', async () => {
    const path = await filled()
    const { size } = await stat(path)
    await truncate(path, size - 1)
    await expect(IndexFile.open(path, SIZE)).rejects.toThrow(wrong)
    await truncate(path, 10)
    await expect(IndexFile.open(path, SIZE)).rejects.toThrow(wrong)
    const long = await filled()
    await appendFile(long, 'x')
    await expect(IndexFile.open(long, SIZE)).rejects.toThrow(wrong)
  })

  test('that is something else', async () => {
    const path = await filled()
    const file = await open(path, 'r+')
    await file.write('another', 0)
    await file.close()
    await expect(IndexFile.open(path, SIZE)).rejects.toThrow(wrong)
    await writeFile(path, '')
    await expect(IndexFile.open(path, 0)).rejects.toThrow(wrong)
  })

  test('that is not there, and that is another matter', async () => {
    const path = join(await tempDir(), 'index')
    await expect(IndexFile.open(path, SIZE)).rejects.toThrow(expect.objectContaining({ code: 'ENOENT' }))
  })
})
