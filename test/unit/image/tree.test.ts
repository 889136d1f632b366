import { describe, expect, test } from 'vitest'
import { defaultLimits } from '../../../src/core/limits.ts'
import { hash } from '../../../src/image/digest.ts'
import { leafDigest } from '../../../src/image/leaves.ts'
import {
  LeafList,
  PageTable,
  endsPage,
  pageDigest,
  soleLeafDigest,
  type TreeEntry,
} from '../../../src/image/tree.ts'
import { encodeTreeEntry, treePageDecoder } from '../../../src/wire/tree.ts'

/** The vectors of docs/protocol.md. */
const pageHex =
  '0a0d100118ed032080c49fd50c28010a410a0161100218a403200128ff93ebdc033a0b0a06757365722e7812017940054a' +
  '203162fa13036d87eeb8c13c8ac24330f729b235ff5bf1adf8270abddbf7e64e680a100a016210032080c49fd50c280152' +
  '01610a050a01631004'
const time = 1_700_000_000_000_000_001n
const attributes = { mode: 0o755, mtimeNs: time, owner: undefined, xattrs: [] }
const xattrs = [{ name: Buffer.from('user.x'), value: Buffer.from('y') }]
const entries: TreeEntry[] = [
  { kind: 'directory', path: Buffer.alloc(0), attributes },
  {
    kind: 'file',
    path: Buffer.from('a'),
    attributes: { mode: 0o644, mtimeNs: -1n, owner: undefined, xattrs },
    size: 5,
    digest: soleLeafDigest(Buffer.from('hello')),
  },
  {
    kind: 'symlink',
    path: Buffer.from('b'),
    attributes: { ...attributes, mode: 0 },
    target: Buffer.from('a'),
  },
  { kind: 'hardlink', path: Buffer.from('c'), file: 0 },
]
const page = Buffer.concat(entries.map(encodeTreeEntry))

describe('the vectors of the protocol', () => {
  test('leaf lists', () => {
    expect(soleLeafDigest(Buffer.from('hello')).toString('hex')).toBe(
      '3162fa13036d87eeb8c13c8ac24330f729b235ff5bf1adf8270abddbf7e64e68',
    )
    const zeros = new LeafList()
    zeros.add(leafDigest(Buffer.alloc(65_536)), 65_536)
    zeros.add(leafDigest(Buffer.alloc(1)), 1)
    expect(zeros.digest().toString('hex')).toBe(
      '51444ba521dd03cc85af54117d3f1655bafe435ca8be8261995171d9021c8571',
    )
    expect(new LeafList().digest().toString('hex')).toBe(
      '0bc7cada77456ecee5ff325f3e40623206dc098508a1ebbc8efc1a250f05b18f',
    )
  })

  test('a page, there and back', () => {
    expect(page.toString('hex')).toBe(pageHex)
    expect(treePageDecoder(defaultLimits)(page)).toEqual(entries)
    expect(pageDigest(page).toString('hex')).toBe(
      'e173782e2711ca4638502eee0dc93bf93a5bd051eb3fb7f45d6d07405ab833eb',
    )
  })

  test('the page table and the root', () => {
    const counts = { entries: 4, files: 1, bytes: 5 }
    const table = PageTable.of(counts, [{ digest: pageDigest(page), length: page.length }])
    expect(table.bytes.toString('hex')).toBe(
      '000000000000000400000000000000010000000000000005' +
        'e173782e2711ca4638502eee0dc93bf93a5bd051eb3fb7f45d6d07405ab833eb0000006b',
    )
    expect(table.root()).toBe('sha256:a30e663a3b196afb92619c1c654d2d82f6ee63112706cac40803d45a4fa1e33e')
    expect(PageTable.parse(table.bytes, defaultLimits).counts).toEqual(counts)
  })

  test('the end of a page', () => {
    expect(endsPage(Buffer.from('a'))).toBe(false)
    expect(endsPage(Buffer.from('f256'))).toBe(true)
    expect(hash('ingot/tree-path/1', Buffer.from('f256')).toString('hex')).toMatch(/d400$/)
  })
})

describe('a page table is refused', () => {
  const pageOf = (length: number) => ({ digest: Buffer.alloc(32), length })
  const limits = { ...defaultLimits, treeEntries: 10, treePages: 3, treePageBytes: 100, treeIndexBytes: 150 }
  const table = (counts: object, lengths: number[]) =>
    PageTable.of({ entries: 5, files: 2, bytes: 9, ...counts }, lengths.map(pageOf)).bytes
  test.each<[string, Buffer, string]>([
    ['without pages', table({}, []), 'invalid'],
    ['with half a row', table({}, [5]).subarray(0, 59), 'invalid'],
    ['with an empty page', table({}, [5, 0]), 'invalid'],
    ['with more files than entries', table({ files: 6 }, [5]), 'invalid'],
    ['with more pages than entries', table({ entries: 2 }, [5, 5, 5]), 'invalid'],
    ['with too many entries', table({ entries: 11 }, [5]), 'too-large'],
    ['with 2^53 entries', table({ entries: 2 ** 53 }, [5]), 'too-large'],
    ['with too many pages', table({}, [5, 5, 5, 5]), 'too-large'],
    ['with a page too large', table({}, [101]), 'too-large'],
    ['with a page of 4 GiB', table({}, [2 ** 32 - 1]), 'too-large'],
    ['with pages too large in all', table({}, [80, 80]), 'too-large'],
    ['with too many bytes', table({ bytes: 2 ** 45 }, [5]), 'too-large'],
  ])('%s', (_what, bytes, code) => {
    expect(() => PageTable.parse(bytes, limits)).toThrow(expect.objectContaining({ code }))
  })
})
