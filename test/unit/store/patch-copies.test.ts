import fs from 'node:fs'
import { mkdir, rm, stat, writeFile } from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { defaultLimits } from '../../../src/core/limits.ts'
import { BLOCK_BYTES, LEAF_BLOCKS } from '../../../src/image/blocks.ts'
import { LEAF_BYTES } from '../../../src/image/leaves.ts'
import { identityOf } from '../../../src/store/file-identity.ts'
import { OpenPlaces } from '../../../src/store/file-place.ts'
import { PartEncoder } from '../../../src/store/patch-part.ts'
import { TreeIdentities } from '../../../src/store/tree-identity.ts'
import { emptyLayout } from '../../support/contents.ts'
import { randomBytes } from '../../support/files.ts'
import { applyPart, storeTree } from '../../support/patches.ts'
import { tempDir } from '../../support/temp-dir.ts'

/** Descriptors of files of a base. */
const descriptors = { open: new Set<number>(), opened: 0, most: 0 }

const { openSync, closeSync } = fs

beforeAll(() => {
  fs.openSync = (...of: Parameters<typeof openSync>) => {
    const fd = openSync(...of)
    descriptors.open.add(fd)
    descriptors.opened++
    descriptors.most = Math.max(descriptors.most, descriptors.open.size)
    return fd
  }
  fs.closeSync = (fd) => {
    descriptors.open.delete(fd)
    closeSync(fd)
  }
  syncBuiltinESMExports() // also for modules that were loaded before
})
afterAll(() => {
  Object.assign(fs, { openSync, closeSync })
  syncBuiltinESMExports()
})

const FILES = 40
const LEAVES = 64

/** A tree of files of one leaf each, and a group of it each of whose blocks is copied from the file that `fileOf` says. */
async function made(fileOf: (block: number) => number) {
  const root = join(await tempDir(), 'tree')
  await mkdir(root)
  const files = Array.from({ length: FILES }, (_, i) => randomBytes(LEAF_BYTES, `file ${i}`))
  for (const [i, bytes] of files.entries())
    await writeFile(join(root, `f${String(i).padStart(2, '0')}`), bytes)
  const base = await storeTree(await emptyLayout(), root)
  onTestFinished(async () => await base.close())
  const encoder = new PartEncoder(1)
  const expected: Buffer[] = []
  for (let block = 0; block < LEAVES * LEAF_BLOCKS; block++) {
    const file = fileOf(block)
    const from = block % LEAF_BLOCKS
    encoder.copy(1, file * LEAF_BLOCKS + from - block)
    expected.push((files[file] as Buffer).subarray(from * BLOCK_BYTES, (from + 1) * BLOCK_BYTES))
  }
  const group = { first: 0, lengths: Array.from({ length: LEAVES }, () => LEAF_BYTES) }
  Object.assign(descriptors, { open: new Set(), opened: 0, most: 0 })
  const bytes = await applyPart(encoder.finish(), group, base)
  expect(bytes?.equals(Buffer.concat(expected))).toBe(true)
  expect(descriptors.open.size).toBe(0)
  return descriptors
}

test('a part that goes to and fro between two files of its base opens each of them once', async () => {
  expect(await made((block) => block % 2)).toMatchObject({ opened: 2, most: 2 })
})

test('a part that copies from very many files of its base has only some of them open at once', async () => {
  const { opened, most } = await made((block) => block % FILES)
  expect(most).toBe(defaultLimits.openFiles)
  expect(opened).toBeLessThanOrEqual(LEAVES * LEAF_BLOCKS)
})

test('a file of a base that went, or is not what was imported, is not opened, and nothing stays open', async () => {
  const directory = await tempDir()
  const path = join(directory, 'file')
  await writeFile(path, 'imported')
  const recorded = await TreeIdentities.open(join(directory, 'identities'), 'wx')
  await recorded.record(3, await stat(path, { bigint: true }))
  await recorded.close()
  const identities = await TreeIdentities.open(join(directory, 'identities'), 'r')
  onTestFinished(async () => await identities.close())
  const was = await identities.of(3)
  expect(was).toEqual(identityOf(await stat(path, { bigint: true })))
  const opened = () => {
    const places = new OpenPlaces([{ path: Buffer.from(path), isReal: false, flags: 0, was }], 1)
    try {
      return places.descriptor(0)
    } finally {
      places.close()
    }
  }
  Object.assign(descriptors, { open: new Set(), opened: 0, most: 0 })
  expect(opened()).toBeGreaterThan(0)
  const changed = expect.objectContaining({ code: 'changed-on-disk' }) as Error
  await writeFile(path, 'another!')
  expect(opened).toThrow(changed)
  await rm(path)
  expect(opened).toThrow(changed)
  expect(descriptors.open.size).toBe(0)
})
