import { open, truncate, writeFile } from 'node:fs/promises'
import { constants } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { LEAF_BYTES, leafDigest } from '../../../src/image/leaves.ts'
import { soleLeafDigest } from '../../../src/image/tree.ts'
import { checkLeaves, checkLeavesHere, dataFileOf } from '../../../src/store/check-leaves.ts'
import { openDirect } from '../../../src/store/direct.ts'
import { randomBytes } from '../../support/files.ts'
import { rotLeaves } from '../../support/rot.ts'
import { tempDir } from '../../support/temp-dir.ts'

/** Five leaves, the last one short, one of zeros. */
const bytes = randomBytes(4 * LEAF_BYTES + 100, 'leaves').fill(0, LEAF_BYTES, 2 * LEAF_BYTES)
const digests = Buffer.concat(
  [0, 1, 2, 3, 4].map((i) => leafDigest(bytes.subarray(i * LEAF_BYTES, (i + 1) * LEAF_BYTES))),
)

/** What both ways find of a file, of leaves from `first` on. */
async function wrongOf(path: string, { first = 0, direct = true } = {}): Promise<number[]> {
  const cached = await open(path, 'r')
  const past = direct ? await openDirect(path, constants.O_RDONLY) : undefined
  const position = first * LEAF_BYTES
  const leaves = {
    file: dataFileOf(cached, past),
    position,
    length: bytes.length - position,
    digests: digests.subarray(first * 32),
    sole: false,
  }
  try {
    const found = [...checkLeaves(leaves)]
    expect([...(await checkLeavesHere(leaves))]).toEqual(found)
    return found
  } finally {
    await cached.close()
    await past?.close()
  }
}

test.each([true, false])(
  'wrong leaves are told one by one, past the page cache (%s) and through it',
  async (direct) => {
    const path = join(await tempDir(), 'file')
    await writeFile(path, bytes)
    expect(await wrongOf(path, { direct })).toEqual([0, 0, 0, 0, 0])
    rotLeaves(path, 1, 4)
    expect(await wrongOf(path, { direct })).toEqual([0, 1, 0, 0, 1])
    expect(await wrongOf(path, { direct, first: 3 })).toEqual([0, 1])
    await truncate(path, 2 * LEAF_BYTES + 10)
    expect(await wrongOf(path, { direct })).toEqual([0, 1, 1, 1, 1])
  },
)

test('the only leaf of a file of a tree is compared with its leaf list', async () => {
  const path = join(await tempDir(), 'file')
  const leaf = bytes.subarray(0, 1000)
  await writeFile(path, leaf)
  const file = await open(path, 'r')
  const leaves = { file: dataFileOf(file, undefined), position: 0, length: 1000, sole: true }
  expect([...checkLeaves({ ...leaves, digests: soleLeafDigest(leaf) })]).toEqual([0])
  expect([...checkLeaves({ ...leaves, digests: leafDigest(leaf) })]).toEqual([1])
  await file.close()
})
