import {
  chmodSync,
  closeSync,
  copyFileSync,
  linkSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { setXattr } from '../../../src/store/libc.ts'
import { verifyTree } from '../../../src/store/verify-tree.ts'
import { tempDir } from '../../support/temp-dir.ts'
import { storedTree, treeCodec } from '../../support/tree-contents.ts'
import { describeTree, makeTree, takesXattrs } from '../../support/trees.ts'

const signal = new AbortController().signal
let source: string
let tree: Awaited<ReturnType<typeof storedTree>>
const place = (path: string) => join(tree.image, path)
const verify = async (trust = false) =>
  await verifyTree(tree.directory, { ...treeCodec, digest: tree.imported.digest, trust, signal })

beforeEach(async () => {
  source = join(await tempDir(), 'tree')
  await makeTree(source)
  tree = await storedTree(source)
})

test('a tree as it was imported verifies', async () => {
  expect(await verify()).toMatchObject({ privileged: 0 })
})

/** Writes a byte without changing the size. */
function flip(path: string, position: number): void {
  const file = openSync(place(path), 'r+')
  writeSync(file, Buffer.from([0x5a]), 0, 1, position)
  closeSync(file)
}

/** A place after all others. */
const last = () => Buffer.concat([Buffer.from(`${tree.image}/`), Buffer.from([0xff, 0xff])])

const damages: [string, () => void][] = [
  ['a byte of a file of one leaf', () => flip('a/b/one leaf', 77)],
  ['a byte of a later leaf', () => flip('big', 4_999_999)],
  ['a byte of a hole', () => flip('sparse', 8_999_999)],
  ['a file that is shorter', () => truncateSync(place('big'), 4_999_999)],
  ['a file that is gone', () => unlinkSync(place('bin/empty'))],
  ['a directory that is gone', () => rmSync(place('empty'), { recursive: true })],
  ['an extra file', () => writeFileSync(place('zzz'), '')],
  ['an extra file after all others', () => writeFileSync(last(), '')],
  ['an extra directory', () => mkdirSync(place('empty/more'))],
  ['another mode', () => chmodSync(place('closed/secret'), 0o600)],
  ['a set-id bit', () => chmodSync(place('bin/tool'), 0o4751)],
  ['another mode of the root', () => chmodSync(place(''), 0o700)],
  [
    'another target',
    () => {
      unlinkSync(place('bin/dangling'))
      symlinkSync('elsewhere', place('bin/dangling'))
    },
  ],
  [
    'a symlink for a file',
    () => {
      renameSync(place('big'), join(tree.directory, 'big'))
      symlinkSync('../big', place('big'))
    },
  ],
  ['one more name of a file', () => linkSync(place('big'), join(tree.directory, 'big'))],
  [
    'a copy for a hard link',
    () => {
      copyFileSync(place('bin/tool'), join(tree.directory, 'copy'))
      renameSync(join(tree.directory, 'copy'), place('a tool'))
    },
  ],
]
test.each(damages)('%s is damage', async (_what, damage) => {
  damage()
  await expect(verify()).rejects.toThrow(expect.objectContaining({ code: 'wrong-content' }))
})

test('another value of an attribute is damage', async ({ skip }) => {
  if (!takesXattrs(await tempDir())) skip()
  setXattr(Buffer.from(place('bin/tool')), Buffer.from('user.origin'), Buffer.from('other'))
  await expect(verify()).rejects.toThrow('user.origin')
})

test('another index, or a page that was altered, is damage', async () => {
  const other = { ...treeCodec, digest: `sha256:${'0'.repeat(64)}` as const, trust: false, signal }
  await expect(verifyTree(tree.directory, other)).rejects.toThrow('another root')
  const index = openSync(join(tree.directory, 'index'), 'r+')
  writeSync(index, Buffer.from([0xff]), 0, 1, 70)
  closeSync(index)
  await expect(verify()).rejects.toThrow(expect.objectContaining({ code: 'wrong-content' }))
})

test('a time that differs is set right, and is no damage', async () => {
  const before = describeTree(tree.image)
  utimesSync(place('big'), 1, 1)
  utimesSync(place('a/b'), 2, 2)
  await verify()
  expect(describeTree(tree.image)).toEqual(before)
})
