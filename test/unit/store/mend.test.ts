import { existsSync } from 'node:fs'
import { readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { afterAll, describe, expect, test } from 'vitest'
import { defaultLimits } from '../../../src/core/limits.ts'
import { DamageList } from '../../../src/image/damage.ts'
import type { Digest } from '../../../src/image/digest.ts'
import { LEAF_BYTES } from '../../../src/image/leaves.ts'
import { checkLeavesHere } from '../../../src/store/check-leaves.ts'
import type { Layout } from '../../../src/store/layout.ts'
import { indexHolds, mendFileIndex, type IndexSource } from '../../../src/store/mend-index.ts'
import { mendLeaves, restoreLength, type WantedLeaves } from '../../../src/store/mend-leaves.ts'
import { openNumbered } from '../../../src/store/numbered-content.ts'
import { placeContent } from '../../../src/store/placement.ts'
import { WorkPool } from '../../../src/store/work/pool.ts'
import { digestsOf, emptyLayout, stageBytes, storedContent } from '../../support/contents.ts'
import { randomBytes } from '../../support/files.ts'
import { flipByte, rotLeaves } from '../../support/rot.ts'
import { treeCodec } from '../../support/tree-contents.ts'

/** 70 leaves; leaf 5 has zeros. */
const SIZE = 69 * LEAF_BYTES + 100
const bytes = randomBytes(SIZE, 'mend').fill(0, 5 * LEAF_BYTES, 6 * LEAF_BYTES)
const { signal } = new AbortController()
const work = new WorkPool({ threads: 1, niceness: 0 })
afterAll(async () => await work.stop())

async function stored(): Promise<{ layout: Layout; digest: Digest; path: string; index: string }> {
  const layout = await emptyLayout()
  const { staging, digest } = await stageBytes(layout, 'made', bytes)
  await placeContent(layout, staging, digest)
  return { layout, digest, path: layout.file(digest), index: layout.index(digest) }
}

describe('leaves', () => {
  /** Mends some leaves from `fetch`; what is still wrong, what was asked for, and how many came that were wrong. */
  async function mend(
    place: Awaited<ReturnType<typeof stored>>,
    leaves: number[],
    fetch: (wanted: WantedLeaves) => Uint8Array,
  ) {
    const left = new DamageList(defaultLimits)
    const asked: [number, number][] = []
    let wrong = 0
    const content = await openNumbered(place.layout, storedContent(place.digest, SIZE), treeCodec)
    const ranges = leaves.map((first) => ({ first, count: 1 }))
    await mendLeaves(content, ranges, {
      limits: defaultLimits,
      check: checkLeavesHere,
      pathOf: () => Buffer.from(place.path),
      fetch: async (wanted) => {
        asked.push([wanted.first, wanted.count])
        return fetch(wanted)
      },
      left,
      onWrong: (count) => (wrong += count),
      signal,
    })
    await content.close()
    return { left: left.found?.ranges ?? [], asked, wrong }
  }
  const honest = ({ first, bytes: length }: WantedLeaves) =>
    bytes.subarray(first * LEAF_BYTES, first * LEAF_BYTES + length)

  test('are written at their place, zeros without asking; mode and time stay', async () => {
    const place = await stored()
    rotLeaves(place.path, 0, 5, 69)
    const before = await stat(place.path, { bigint: true })
    expect(await mend(place, [0, 5, 69], honest)).toEqual({
      left: [],
      asked: [
        [0, 1],
        [69, 1],
      ],
      wrong: 0,
    })
    expect((await readFile(place.path)).equals(bytes)).toBe(true)
    const after = await stat(place.path, { bigint: true })
    expect([after.mode, after.mtimeNs, after.ino]).toEqual([before.mode, before.mtimeNs, before.ino])
  })

  test('that do not verify are not written, and stay in the list', async () => {
    const place = await stored()
    rotLeaves(place.path, 3, 9)
    const rotten = await readFile(place.path)
    const lie = (wanted: WantedLeaves) =>
      wanted.first === 3 ? Buffer.alloc(wanted.bytes, 1) : honest(wanted)
    expect(await mend(place, [3, 9], lie)).toMatchObject({ left: [{ first: 3, count: 1 }], wrong: 1 })
    const now = await readFile(place.path)
    const leaf = (of: Buffer) => of.subarray(3 * LEAF_BYTES, 4 * LEAF_BYTES)
    expect(leaf(now).equals(leaf(rotten))).toBe(true)
  })

  test('have their place again in a file that is shorter or longer; one that is gone is not made', async () => {
    const { path } = await stored()
    await truncate(path, 10)
    await restoreLength(path, SIZE)
    expect((await stat(path)).size).toBe(SIZE)
    await writeFile(path, Buffer.alloc(SIZE + 5))
    await restoreLength(path, SIZE)
    expect((await stat(path)).size).toBe(SIZE)
    await rm(path)
    await expect(restoreLength(path, SIZE)).rejects.toMatchObject({ code: 'ENOENT' })
    expect(existsSync(path)).toBe(false)
  })
})

describe('an index', () => {
  const { segments, lists } = digestsOf(bytes)

  async function mend(place: Awaited<ReturnType<typeof stored>>, source?: IndexSource): Promise<void> {
    const { layout, digest, path, index } = place
    const staging = layout.staging('repair')
    await mendFileIndex({ digest, size: SIZE, index, files: [path], staging, source, work, signal })
  }
  /** Byte of a segment digest, and of a leaf digest, in the file. */
  const segmentAt = (segment: number) => 64 + segment * 32 + 3
  const leafAt = (leaf: number) => 64 + 2 * 32 + leaf * 32 + 3

  test('is made of what is right of it, and of the bytes', async () => {
    const place = await stored()
    const right = await readFile(place.index)
    const damages = [
      () => flipByte(place.index, segmentAt(1)),
      () => flipByte(place.index, leafAt(66)),
      () => flipByte(place.index, 1),
    ]
    for (const damage of damages) {
      damage()
      expect(
        await indexHolds(place.index, { digest: place.digest, size: SIZE }, [{ first: 66, count: 1 }]),
      ).toBe(false)
      await mend(place)
      expect((await readFile(place.index)).equals(right)).toBe(true)
      expect(
        await indexHolds(place.index, { digest: place.digest, size: SIZE }, [{ first: 66, count: 1 }]),
      ).toBe(true)
    }
  })

  test('is told by a peer where neither is right; a lie is refused and leaves it as it was', async () => {
    const place = await stored()
    const right = await readFile(place.index)
    const asked: string[] = []
    const honest: IndexSource = {
      segments: async () => {
        asked.push('segments')
        return segments
      },
      leafLists: async (first) => {
        asked.push(`list ${first}`)
        return lists[first] as Buffer
      },
    }
    flipByte(place.index, leafAt(2))
    flipByte(place.index, segmentAt(0))
    rotLeaves(place.path, 7)
    const wrong = await readFile(place.index)
    const lie = { ...honest, segments: async () => Buffer.alloc(64) }
    for (const source of [undefined, lie])
      await expect(mend(place, source)).rejects.toMatchObject({ code: 'wrong-content' })
    const half = { ...honest, leafLists: async () => Buffer.alloc(64 * 32) }
    await expect(mend(place, half)).rejects.toMatchObject({ code: 'wrong-content' })
    expect((await readFile(place.index)).equals(wrong)).toBe(true)
    asked.length = 0
    await mend(place, honest)
    expect(asked).toEqual(['segments', 'list 0'])
    expect((await readFile(place.index)).equals(right)).toBe(true)
  })
})
