import { describe, expect, test } from 'vitest'
import { defaultLimits } from '../../../src/core/limits.ts'
import { TreeOrder, pathText } from '../../../src/image/tree-order.ts'
import type { TreeEntry } from '../../../src/image/tree.ts'

const limits = { ...defaultLimits, treeEntries: 8, imageBytes: 100 }
const attributes = { mode: 0o755, mtimeNs: 0n, owner: undefined, xattrs: [] }
const bytes = (path: string) => Buffer.from(path, 'latin1')
const directory = (path: string): TreeEntry => ({ kind: 'directory', path: bytes(path), attributes })
const file = (path: string, size = 1): TreeEntry => ({
  kind: 'file',
  path: bytes(path),
  attributes,
  size,
  digest: Buffer.alloc(32),
})
const symlink = (path: string): TreeEntry => ({
  kind: 'symlink',
  path: bytes(path),
  attributes,
  target: bytes('x'),
})
const hardlink = (path: string, number: number): TreeEntry => ({
  kind: 'hardlink',
  path: bytes(path),
  file: number,
})

function take(entries: readonly TreeEntry[], options = { foldsCase: false }): TreeOrder {
  const order = new TreeOrder(limits, options)
  for (const entry of entries) order.add(entry)
  return order
}

const root = directory('')

test('a tree in order is taken, and counted', () => {
  const order = take([
    root,
    directory('a'),
    file('a/b', 5),
    symlink('a/c'),
    directory('a.b'), // "." comes after "/", so what is in a comes first
    file('a.b/x', 7),
    hardlink('a.b/y', 0),
    file('\xff'),
  ])
  expect(order.counts).toEqual({ entries: 8, files: 3, bytes: 13 })
})

const refused: [string, TreeEntry[], string][] = [
  ['without a root', [directory('a')], 'has to be the root'],
  ['whose root is a file', [file('')], 'not a directory'],
  ['whose root is a symlink', [symlink('')], 'not a directory'],
  ['with a second root', [root, directory('')], 'empty path'],
  ['with an absolute path', [root, file('/etc/passwd')], 'absolute'],
  ['with "..": one level up', [root, file('..')], '".."'],
  ['with ".." in a path', [root, directory('a'), file('a/../b')], '".."'],
  ['with "."', [root, file('.')], '"."'],
  ['with an empty part', [root, directory('a'), file('a//b')], 'empty part'],
  ['with a slash at the end', [root, directory('a/')], 'empty part'],
  ['with a NUL', [root, file('a\0b')], 'NUL'],
  ['with a part of 256 bytes', [root, file('x'.repeat(256))], 'too long'],
  ['with a path of 4097 bytes', [root, file('x/'.repeat(2048) + 'y')], 'too long'],
  ['through a symlink', [root, symlink('a'), file('a/b')], 'no directory'],
  ['through a file', [root, file('a'), file('a/b')], 'no directory'],
  ['through a hard link', [root, file('a'), hardlink('b', 0), file('b/c')], 'no directory'],
  ['in a directory that is not there', [root, file('a/b')], 'no directory'],
  ['in a directory of before', [root, directory('a'), directory('b'), file('a/c')], 'no directory'],
  ['with a path twice', [root, file('a'), file('a')], 'twice'],
  ['with a directory twice', [root, directory('a'), file('a/b'), directory('a')], 'twice'],
  ['not in order', [root, file('b'), file('a')], 'not in order'],
  ['in the order of plain bytes', [root, directory('a'), file('a.b'), file('a/b')], 'no directory'],
  ['with a hard link to itself', [root, hardlink('a', 0)], 'did not come before'],
  ['with a hard link to a later file', [root, file('a'), hardlink('b', 1), file('c')], 'did not come before'],
]
test.each(refused)('a tree %s is refused', (_what, entries, why) => {
  expect(() => take(entries)).toThrow(expect.objectContaining({ code: 'invalid' }))
  expect(() => take(entries)).toThrow(why)
})

test('more entries or bytes than the limits are refused', () => {
  const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']
  expect(() => take([root, ...names.map((name) => file(name))])).toThrow(
    expect.objectContaining({ code: 'too-large' }),
  )
  expect(() => take([root, file('a', 60), file('b', 41)])).toThrow(
    expect.objectContaining({ code: 'too-large' }),
  )
})

describe('where the file system folds case', () => {
  const clash = [root, directory('X'), file('X/a'), directory('d'), file('d/Read'), file('d/read')]
  test('names that differ only in case are refused', () => {
    expect(() => take(clash, { foldsCase: true })).toThrow('differs only in case')
    expect(take(clash).counts.entries).toBe(6)
  })

  test('the same names in other directories are not', () => {
    const same = [root, directory('a'), file('a/X'), directory('b'), file('b/x'), file('c')]
    expect(take(same, { foldsCase: true }).counts.entries).toBe(6)
  })
})

test('a path that is no UTF-8 is shown byte by byte', () => {
  expect(pathText(bytes('a\xff\n'))).toBe(String.raw`"a\xff\x0a"`)
  expect(pathText(Buffer.from('ä"'))).toBe(String.raw`"ä\""`)
})
