import { chmodSync, chownSync, lstatSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readUnrecorded } from '../../../src/store/adopt.ts'
import { applyPrivileged, assembleTree } from '../../../src/store/assemble.ts'
import { setXattr } from '../../../src/store/libc.ts'
import { TreeIndex } from '../../../src/store/tree-index.ts'
import { verifyTree } from '../../../src/store/verify-tree.ts'
import { tempDir } from '../../support/temp-dir.ts'
import { storedTree, treeCodec } from '../../support/tree-contents.ts'
import { describeTree, makeSmallFiles, makeTree } from '../../support/trees.ts'

const signal = new AbortController().signal
const isRoot = process.getuid?.() === 0

test('an assembly can be done again after it was interrupted', async () => {
  const source = join(await tempDir(), 'tree')
  await makeTree(source)
  makeSmallFiles(join(source, 'more'), 200) // it looks at the signal every 128 entries
  const { directory, image } = await storedTree(source)
  const index = await TreeIndex.open(directory, treeCodec)
  const stopped = AbortSignal.abort(new Error('stopped'))
  await expect(assembleTree({ index, root: image, signal: stopped }, { trust: false })).rejects.toThrow(
    'stopped',
  )
  await assembleTree({ index, root: image, signal }, { trust: false })
  await index.close()
  expect(describeTree(image)).toEqual(describeTree(source))
})

describe.runIf(isRoot)('what is privileged', () => {
  const capability = Buffer.from('0100000200040000000000000000000000000000', 'hex')

  async function privilegedTree(): Promise<string> {
    const source = join(await tempDir(), 'tree')
    mkdirSync(source)
    writeFileSync(join(source, 'su'), 'x')
    chownSync(join(source, 'su'), 1234, 2345)
    chmodSync(join(source, 'su'), 0o6755)
    writeFileSync(join(source, 'ping'), 'y')
    setXattr(Buffer.from(join(source, 'ping')), Buffer.from('security.capability'), capability)
    return source
  }

  /** Set-id bits, owner and capability as they are on disk. */
  const standing = (image: string) => {
    const { mode, uid, gid } = lstatSync(join(image, 'su'))
    const { xattrs } = describeTree(image)['ping'] ?? {}
    return { mode: (mode & 0o7777).toString(8), uid, gid, xattrs }
  }
  const plain = { mode: '755', uid: 0, gid: 0, xattrs: {} }
  const full = {
    mode: '6755',
    uid: 1234,
    gid: 2345,
    xattrs: { 'security.capability': capability.toString('hex') },
  }

  test('is left out without trust', async () => {
    const { imported, image } = await storedTree(await privilegedTree(), { owner: true })
    expect(imported.privileged).toBe('dropped')
    expect(standing(image)).toEqual(plain)
  })

  test('is applied with trust', async () => {
    const { imported, image } = await storedTree(await privilegedTree(), { owner: true, trust: true })
    expect(imported.privileged).toBe('applied')
    expect(standing(image)).toEqual(full)
  })

  test('has owners only when they were asked for at the import', async () => {
    const { image } = await storedTree(await privilegedTree(), { trust: true })
    expect(standing(image)).toEqual({ ...full, uid: 0, gid: 0 })
  })

  test('is applied later, in place; the tree then verifies as trusted and not as plain', async () => {
    const { imported, image, directory, layout } = await storedTree(await privilegedTree(), { owner: true })
    const { digest } = imported
    const adopt = async () => await readUnrecorded(layout, digest, { ...treeCodec, now: 1, signal })
    expect(await adopt()).toMatchObject({ kind: 'tree', privileged: 'dropped', size: imported.size })
    const index = await TreeIndex.open(directory, treeCodec)
    await applyPrivileged({ index, root: image, signal })
    await index.close()
    expect(standing(image)).toEqual(full)
    expect(await adopt()).toMatchObject({ kind: 'tree', privileged: 'applied' })
    const options = { ...treeCodec, digest, signal }
    await verifyTree(directory, { ...options, trust: true })
    await expect(verifyTree(directory, { ...options, trust: false })).rejects.toThrow('another mode')
  })
})
