import { chmod, mkdir, open, readFile, readdir, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { LEAF_BYTES, SEGMENT_BYTES } from '../../../src/image/leaves.ts'
import { StagedFile } from '../../../src/store/staging.ts'
import { digestsOf, fillIndex } from '../../support/contents.ts'
import { randomBytes } from '../../support/files.ts'
import { tempDir } from '../../support/temp-dir.ts'

const SIZE = 2 * SEGMENT_BYTES + LEAF_BYTES + 100
const bytes = randomBytes(SIZE, 'staging')
const { lists } = digestsOf(bytes)
const none = (count: number) => Array.from({ length: count }, () => false)
const all = (count: number) => Array.from({ length: count }, () => true)

async function place(): Promise<string> {
  return join(await tempDir(), 'job-1')
}

/** Bytes of a run of leaves. */
function leaves(first: number, count: number): Buffer {
  return bytes.subarray(first * LEAF_BYTES, Math.min(SIZE, (first + count) * LEAF_BYTES))
}

/** A staged file whose segment 0 is whole and on record, and of whose segment 1 there are three leaves that are not. */
async function interrupted(): Promise<string> {
  const directory = await place()
  const staged = await StagedFile.open(directory, SIZE)
  await fillIndex(staged.index, bytes)
  await staged.write(0, leaves(0, 64))
  staged.markWhole(0)
  await staged.checkpoint()
  await staged.write(64, leaves(64, 3))
  await staged.close()
  return directory
}

test('a file begins empty', async () => {
  const staged = await StagedFile.open(await place(), SIZE)
  expect([0, 1, 2].map((segment) => staged.isWhole(segment))).toEqual([false, false, false])
  expect(staged.wholeBytes()).toBe(0)
  expect(await staged.verifiedLeaves(0, lists[0] as Buffer)).toEqual(none(64))
  await staged.close()
})

test('a file that is fetched in any order is whole', async () => {
  const directory = await place()
  const staged = await StagedFile.open(directory, SIZE)
  await fillIndex(staged.index, bytes)
  for (const [segment, first, count] of [
    [2, 128, 2],
    [0, 0, 64],
    [1, 64, 64],
  ] as const) {
    await staged.write(first, leaves(first, count))
    staged.markWhole(segment)
  }
  expect(staged.wholeBytes()).toBe(SIZE)
  await staged.checkpoint()
  await staged.complete()
  expect((await readFile(join(directory, 'image'))).equals(bytes)).toBe(true)
  expect((await readdir(directory)).sort()).toEqual(['image', 'index'])
})

describe('after an interruption', () => {
  test('whole segments are known from the record', async () => {
    const staged = await StagedFile.open(await interrupted(), SIZE)
    expect([0, 1, 2].map((segment) => staged.isWhole(segment))).toEqual([true, false, false])
    expect(staged.wholeBytes()).toBe(SEGMENT_BYTES)
    expect(await staged.index.readLeafLists(0, 1)).toEqual(lists[0])
    await staged.close()
  })

  test('a mark that was not put on record is not known', async () => {
    const directory = await interrupted()
    const first = await StagedFile.open(directory, SIZE)
    first.markWhole(1)
    await first.close()
    const second = await StagedFile.open(directory, SIZE)
    expect(second.isWhole(1)).toBe(false)
    await second.close()
  })

  test('bytes beyond the record are verified, not fetched again', async () => {
    const staged = await StagedFile.open(await interrupted(), SIZE)
    const found = await staged.verifiedLeaves(1, lists[1] as Buffer)
    expect(found).toEqual([true, true, true, ...none(61)])
    expect(await staged.verifiedLeaves(2, lists[2] as Buffer)).toEqual(none(2))
    await staged.close()
  })

  test('damaged bytes beyond the record do not verify', async () => {
    const directory = await interrupted()
    const image = await open(join(directory, 'image'), 'r+')
    await image.write('damage', 65 * LEAF_BYTES + 5)
    await image.close()
    const staged = await StagedFile.open(directory, SIZE)
    expect(await staged.verifiedLeaves(1, lists[1] as Buffer)).toEqual([true, false, true, ...none(61)])
    await staged.close()
  })

  test('a leaf that was written in part does not verify', async () => {
    const directory = await interrupted()
    await truncate(join(directory, 'image'), 67 * LEAF_BYTES - 1)
    const staged = await StagedFile.open(directory, SIZE)
    expect(await staged.verifiedLeaves(1, lists[1] as Buffer)).toEqual([true, true, ...none(62)])
    await staged.close()
  })

  test('a file that was completed but not placed is verified again', async () => {
    const directory = await interrupted()
    const first = await StagedFile.open(directory, SIZE)
    await first.complete()
    const second = await StagedFile.open(directory, SIZE)
    expect(second.isWhole(0)).toBe(false)
    expect(await second.verifiedLeaves(0, lists[0] as Buffer)).toEqual(all(64))
    await second.close()
  })

  test('a file whose placement was cut can be written again', async () => {
    const directory = await interrupted()
    for (const name of ['index', 'image']) await chmod(join(directory, name), 0o444)
    await (await StagedFile.open(directory, SIZE)).close()
    for (const name of ['index', 'image'])
      expect((await stat(join(directory, name))).mode & 0o777, name).toBe(0o600)
  })

  test('the record that is torn claims no more than it has', async () => {
    const directory = await interrupted()
    await truncate(join(directory, 'progress'), 0)
    const staged = await StagedFile.open(directory, SIZE)
    expect(staged.isWhole(0)).toBe(false)
    expect(await staged.verifiedLeaves(0, lists[0] as Buffer)).toEqual(all(64))
    await staged.close()
  })
})

describe('a file begins anew', () => {
  async function expectAnew(directory: string, size = SIZE): Promise<void> {
    const staged = await StagedFile.open(directory, size)
    expect(staged.isWhole(0)).toBe(false)
    expect(await staged.verifiedLeaves(0, lists[0] as Buffer)).toEqual(none(64))
    await staged.close()
    expect((await stat(join(directory, 'image'))).size).toBe(0)
  }

  test('when its index is torn', async () => {
    const directory = await interrupted()
    await truncate(join(directory, 'index'), 100)
    await expectAnew(directory)
  })

  test('when its index is gone', async () => {
    const directory = await interrupted()
    await rm(join(directory, 'index'))
    await expectAnew(directory)
  })

  test('when its bytes are gone, whatever the record claims', async () => {
    const directory = await interrupted()
    await rm(join(directory, 'image'))
    await expectAnew(directory)
  })

  test('when it is of another size', async () => {
    await expectAnew(await interrupted(), SIZE + SEGMENT_BYTES)
  })

  test('when something else lies there', async () => {
    const directory = await place()
    await mkdir(directory)
    await writeFile(join(directory, 'leftover'), 'x')
    await expectAnew(directory)
    expect(await readdir(directory)).not.toContain('leftover')
  })
})

test('an index that only cannot be read now costs nothing of what is here', async () => {
  const directory = await interrupted()
  const index = join(directory, 'index')
  const kept = await readFile(index)
  await rm(index)
  await mkdir(index) // opening it to write fails, for root too
  await expect(StagedFile.open(directory, SIZE)).rejects.toThrow(expect.objectContaining({ code: 'EISDIR' }))
  await rm(index, { recursive: true })
  await writeFile(index, kept)
  await chmod(index, 0o600)
  const staged = await StagedFile.open(directory, SIZE)
  expect(staged.isWhole(0)).toBe(true)
  await staged.close()
})

describe('zeros', () => {
  const sparse = Buffer.alloc(SIZE)
  bytes.copy(sparse, 0, 0, LEAF_BYTES)
  bytes.copy(sparse, SIZE - 50, 0, 50)
  const digests = digestsOf(sparse)

  test('stay holes', async () => {
    const directory = await place()
    const staged = await StagedFile.open(directory, SIZE)
    await fillIndex(staged.index, sparse)
    await staged.write(0, sparse.subarray(0, LEAF_BYTES))
    await staged.write(129, sparse.subarray(129 * LEAF_BYTES))
    await staged.complete()
    const { size, blocks } = await stat(join(directory, 'image'))
    expect(size).toBe(SIZE)
    expect(blocks * 512).toBeLessThan(SIZE / 8)
    expect((await readFile(join(directory, 'image'))).equals(sparse)).toBe(true)
  })

  test('at the end give the file its full size', async () => {
    const directory = await place()
    const staged = await StagedFile.open(directory, SIZE)
    await staged.write(0, sparse.subarray(0, LEAF_BYTES))
    await staged.complete()
    expect((await stat(join(directory, 'image'))).size).toBe(SIZE)
  })

  test('replace what a crash left in their place', async () => {
    const directory = await place()
    const first = await StagedFile.open(directory, SIZE)
    await fillIndex(first.index, sparse)
    await first.write(0, sparse.subarray(0, LEAF_BYTES))
    await first.write(1, Buffer.alloc(LEAF_BYTES + 77, 0xee)) // leaf 1, and a part of leaf 2
    await first.close()
    const second = await StagedFile.open(directory, SIZE)
    expect((await second.verifiedLeaves(0, digests.lists[0] as Buffer))[0]).toBe(true)
    await second.write(129, sparse.subarray(129 * LEAF_BYTES))
    await second.complete()
    expect((await readFile(join(directory, 'image'))).equals(sparse)).toBe(true)
  })
})

test('a file without bytes is whole at once', async () => {
  const directory = await place()
  const staged = await StagedFile.open(directory, 0)
  expect(staged.wholeBytes()).toBe(0)
  await staged.checkpoint()
  await staged.complete()
  expect((await stat(join(directory, 'image'))).size).toBe(0)
})

test('what is on its way is for this server only', async () => {
  const directory = await interrupted()
  expect((await stat(directory)).mode & 0o777).toBe(0o700)
})
