import { execFileSync } from 'node:child_process'
import { appendFile, open, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { BLOCK_BYTES } from '../../../src/image/blocks.ts'
import { LEAF_BYTES, SEGMENT_BYTES } from '../../../src/image/leaves.ts'
import type { NumberedContent } from '../../../src/store/numbered-content.ts'
import { buildPatch } from '../../../src/store/patch-build.ts'
import { PatchFile } from '../../../src/store/patch-file.ts'
import { defaultLimits } from '../../../src/core/limits.ts'
import { emptyLayout } from '../../support/contents.ts'
import { randomBytes } from '../../support/files.ts'
import { applyPatch, patchOf, storeBytes, storeTree } from '../../support/patches.ts'
import { tempDir } from '../../support/temp-dir.ts'
import { makeTree } from '../../support/trees.ts'

const BLOCKS = 3 * 1024 // three groups
const random = randomBytes(BLOCKS * BLOCK_BYTES, 'patch')
const block = (number: number) => random.subarray(number * BLOCK_BYTES, (number + 1) * BLOCK_BYTES)

describe('of files', () => {
  const base = Buffer.concat([
    random.subarray(0, 2 * SEGMENT_BYTES),
    Buffer.alloc(LEAF_BYTES),
    Buffer.from('tail'),
  ])

  async function patched(
    child: Buffer,
    matchBlocks = defaultLimits.matchBlocks,
  ): Promise<{ bytes: Buffer; length: number }> {
    const layout = await emptyLayout()
    const contents = [await storeBytes(layout, child), await storeBytes(layout, base)] as const
    const patch = await patchOf(layout, ...contents, { matchBlocks })
    const bytes = await applyPatch(patch, ...contents)
    patch.close()
    await Promise.all(contents.map(async (content) => await content.close()))
    return { bytes, length: patch.bytes }
  }

  test('blocks that moved, changed, vanished or became zero are made from the base, and little travels', async () => {
    const child = Buffer.concat([
      base.subarray(0, 100 * BLOCK_BYTES),
      Buffer.alloc(3 * BLOCK_BYTES, 'new'), // in the place of others
      base.subarray(103 * BLOCK_BYTES, 200 * BLOCK_BYTES),
      base.subarray(1200 * BLOCK_BYTES, 1900 * BLOCK_BYTES), // from elsewhere
      Buffer.alloc(50 * BLOCK_BYTES),
      base.subarray(950 * BLOCK_BYTES),
    ])
    const { bytes, length } = await patched(child)
    expect(bytes.equals(child)).toBe(true)
    expect(length).toBeLessThan(1_000)
  })

  test('what is wanted beyond one table is looked for with another reading of the base', async () => {
    const child = Buffer.concat([base.subarray(BLOCK_BYTES, SEGMENT_BYTES * 2), block(0), block(2900)])
    const { bytes, length } = await patched(child, 1024)
    expect(bytes.equals(child)).toBe(true)
    expect(length).toBeLessThan(BLOCK_BYTES + 1_000)
  })

  test('any rearrangement of blocks comes out as it is', async () => {
    const layout = await emptyLayout()
    const small = random.subarray(0, 40 * BLOCK_BYTES + 100)
    const before = await storeBytes(layout, small)
    const piece = fc.record({
      kind: fc.constantFrom('base', 'new', 'zero'),
      from: fc.nat(40),
      count: fc.integer({ min: 1, max: 20 }),
    })
    const cuts = fc.integer({ min: 0, max: BLOCK_BYTES - 1 })
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { minLength: 1, maxLength: 8 }), cuts, async (pieces, cut) => {
        const whole = Buffer.concat(
          pieces.map(({ kind, from, count }) => {
            const length = count * BLOCK_BYTES
            if (kind === 'zero') return Buffer.alloc(length)
            const start = (kind === 'base' ? from : 1000 + from) * BLOCK_BYTES
            return random.subarray(start, start + length)
          }),
        )
        const bytes = whole.subarray(0, whole.length - cut)
        const child = await storeBytes(layout, bytes)
        const patch = await patchOf(layout, child, before)
        expect((await applyPatch(patch, child, before)).equals(bytes)).toBe(true)
        patch.close()
        await child.close()
        await rm(layout.content(child.content.digest), { recursive: true })
      }),
      { numRuns: 25 },
    )
    await before.close()
  })

  test('from nothing it is the content, compressed; zeros take no part', async () => {
    const layout = await emptyLayout()
    const bytes = Buffer.concat([
      Buffer.alloc(SEGMENT_BYTES, 'text that repeats'),
      Buffer.alloc(SEGMENT_BYTES + 5),
    ])
    const child = await storeBytes(layout, bytes)
    const patch = await patchOf(layout, child, undefined)
    expect((await applyPatch(patch, child, undefined)).equals(bytes)).toBe(true)
    expect(patch.bytes).toBeLessThan(20_000)
    expect([...Array(patch.groups).keys()].map((group) => patch.partBytes(group) === 0)).toEqual([
      false,
      true,
      true,
    ])
    patch.close()
    await child.close()
  })

  test('is given up when it gets too large', async () => {
    const layout = await emptyLayout()
    const child = await storeBytes(layout, random)
    const path = join(layout.images, 'patch')
    const built = buildPatch({ child, base: undefined, path, most: 1_000_000, limits: defaultLimits })
    await expect(built).rejects.toMatchObject({ code: 'too-large' })
    await child.close()
  })
})

describe('of trees', () => {
  /** Bytes of a tree's leaves, in the order of their numbers. */
  async function leavesOf(content: NumberedContent, root: string): Promise<Buffer> {
    const bytes: Buffer[] = []
    for await (const { path } of content.filesFrom(0))
      bytes.push(await readFile(Buffer.concat([Buffer.from(`${root}/`), path])))
    return Buffer.concat(bytes)
  }

  test('files that stayed, changed, moved, came and went are made from the base', async () => {
    const layout = await emptyLayout()
    const root = join(await tempDir(), 'tree')
    await makeTree(root)
    const base = await storeTree(layout, root)
    const next = `${root}-next`
    execFileSync('cp', ['-a', root, next])
    await rename(join(next, 'big'), join(next, 'a', 'moved'))
    await rm(join(next, 'a.b', 'x'))
    await appendFile(join(next, 'bin', 'tool'), 'more')
    await writeFile(join(next, 'aa'), 'a new one, that shifts the numbers of all that follow')
    const file = await open(join(next, 'a', 'b', 'two'), 'r+')
    await file.write('!', 65_536)
    await file.close()
    const child = await storeTree(layout, next)
    const patch = await patchOf(layout, child, base)
    expect((await applyPatch(patch, child, base)).equals(await leavesOf(child, next))).toBe(true)
    expect(patch.bytes).toBeLessThan(10_000)
    patch.close()
    for (const content of [base, child]) await content.close()
  })
})

describe('a patch file', () => {
  async function made(): Promise<{ path: string; name: Parameters<typeof PatchFile.open>[1] }> {
    const layout = await emptyLayout()
    const child = await storeBytes(layout, Buffer.from('some content'))
    const name = { content: child.content.digest, base: undefined }
    const patch = await patchOf(layout, child, undefined)
    patch.close()
    await child.close()
    const [file = ''] = await readdir(join(layout.images, 'patches'))
    return { path: join(layout.images, 'patches', file), name }
  }
  const wrong = expect.objectContaining({ name: 'IngotError', code: 'wrong-content' }) as Error

  test('is refused when it is another, is cut, or was changed anywhere', async () => {
    const { path, name } = await made()
    const bytes = await readFile(path)
    const other = { ...name, base: name.content }
    expect(() => PatchFile.open(path, other)).toThrow(wrong)
    expect(PatchFile.open(`${path}-none`, name)).toBeUndefined()
    for (let at = 0; at < bytes.length; at += 7) {
      const damaged = Buffer.from(bytes)
      damaged.writeUInt8((damaged.readUInt8(at) + 1) % 256, at)
      await writeFile(path, damaged)
      const read = async () => {
        const patch = PatchFile.open(path, name)
        try {
          return await patch?.read(0, 1)
        } finally {
          patch?.close()
        }
      }
      await expect(read()).rejects.toThrow(wrong)
    }
    for (const length of [0, 50, bytes.length - 1]) {
      await writeFile(path, bytes.subarray(0, length))
      expect(() => PatchFile.open(path, name)).toThrow(wrong)
    }
  })
})
