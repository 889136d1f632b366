import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import type { Limits } from '../../src/core/limits.ts'
import type { Attributes, TreeEntry } from '../../src/image/tree.ts'
import { SpaceLedger, type Needs } from '../../src/store/space.ts'
import { randomBytes, storedUnder } from '../support/files.ts'
import { createNetwork, type TestServer } from '../support/network.ts'
import { rawContent } from '../support/raw-content.ts'
import { RawPeer } from '../support/raw-peer.ts'
import { raw, rawTree, treeAnswer, type RawTree } from '../support/raw-tree.ts'
import { describeTree } from '../support/trees.ts'
import { waitFor } from '../support/wait-for.ts'

const one = randomBytes(1000, 'one')
const two = randomBytes(70_000, 'two')
const nothing = rawContent(Buffer.alloc(0))

/** A server that wants everything of a peer that serves this tree. */
async function victimOf(
  tree: RawTree,
  limits: Partial<Limits> = {},
): Promise<{ victim: TestServer; peer: RawPeer }> {
  const peer = await RawPeer.start('raw')
  peer.onContent = (request) => ({ code: 'ok', payload: treeAnswer(tree, request) })
  peer.publish('tree', nothing, tree.manifest)
  const { server } = await createNetwork(['victim'], limits)
  const victim = server('victim')
  await peer.registerOn(victim, 'raw')
  await victim.subscribeAll('raw')
  return { victim, peer }
}

/** Nothing of a tree is anywhere under the images directory. */
async function nothingWritten(victim: TestServer): Promise<void> {
  expect(await storedUnder(join(victim.home, 'images'))).toEqual([])
}

const root = raw.directory('')
const x = (name: string, value = 'v') => ({ name: Buffer.from(name), value: Buffer.from(value) })
const withXattrs = (...xattrs: Attributes['xattrs']) => [root, raw.file('a', one, { xattrs })]

const hostile: [string, TreeEntry[]][] = [
  ['an absolute path', [root, raw.file('/tmp/escaped', one)]],
  ['".."', [root, raw.file('../../escaped', one)]],
  ['".." as a directory, and a file in it', [root, raw.directory('..'), raw.file('../escaped', one)]],
  ['".." as a file', [root, raw.file('..', one)]],
  ['"." as a directory, and a file in it', [root, raw.directory('.'), raw.file('./escaped', one)]],
  ['an empty part', [root, raw.directory('a'), raw.file('a//b', one)]],
  ['a path through a symlink', [root, raw.symlink('a', '/tmp'), raw.file('a/escaped', one)]],
  ['a path twice: a symlink, then a file', [root, raw.symlink('a', '/tmp/escaped'), raw.file('a', one)]],
  ['entries out of order', [root, raw.file('b', one), raw.file('a', two)]],
  ['a NUL in a path', [root, raw.file('a\0b', one)]],
  ['a path that is too long', [root, raw.file('x'.repeat(256), one)]],
  ['a symlink for a root', [raw.symlink('', '/tmp')]],
  ['a hard link to what comes later', [root, raw.hardlink('a', 0), raw.file('b', one)]],
  ['a hard link to a symlink', [root, raw.symlink('a', '/etc/passwd'), raw.hardlink('b', 0)]],
  ['an empty target', [root, raw.symlink('a', '')]],
  ['a target of 4097 bytes', [root, raw.symlink('a', 'x'.repeat(4097))]],
  ['a NUL in a target', [root, raw.symlink('a', 'b\0c')]],
  ['a mode beyond the permission bits', [root, raw.file('a', one, { mode: 0o100_644 })]],
  ['a mode of a symlink', [root, raw.symlink('a', 'b', { mode: 0o777 })]],
  ['attributes of 64 KiB and more', withXattrs(x('user.a', 'v'.repeat(65_536)))],
  ['an attribute with a long name', withXattrs(x(`user.${'a'.repeat(251)}`))],
  ['an attribute of no known space', withXattrs(x('system.nfs4_acl'))],
  ['attributes out of order', withXattrs(x('user.b'), x('user.a'))],
  ['an owner that means none', [root, raw.file('a', one, { owner: { uid: 2 ** 32 - 1, gid: 0 } })]],
  ['a time in no calendar', [root, raw.file('a', one, { mtimeNs: 2n ** 41n * 1_000_000_000n })]],
]
test.each(hostile)(
  'a tree with %s ends its job for good, and nothing of it is written',
  async (_what, entries) => {
    const { victim, peer } = await victimOf(rawTree(entries))
    const job = await victim.waitJob('raw/tree', ({ state }) => ['FAILED', 'DONE'].includes(state))
    expect(job).toMatchObject({ state: 'FAILED', reason: 'wrong-manifest' })
    expect(peer.requests.map(({ what }) => what)).not.toContain('leaves')
    await nothingWritten(victim)
  },
)

const bentPages: [string, (pages: Buffer[]) => Buffer[]][] = [
  ['that does not decode', ([first]) => [first as Buffer, Buffer.from([0x0a, 0xff])]],
  ['of a kind that is not known', ([first]) => [first as Buffer, Buffer.from([0x0a, 0x02, 0x10, 0x09])]],
  ['with fewer entries than counted', ([first]) => [first as Buffer]],
  ['that is empty', ([first, second]) => [first as Buffer, second as Buffer, Buffer.alloc(0)]],
]
test.each(bentPages)('a tree with a page %s ends its job for good', async (_what, bend) => {
  const { victim } = await victimOf(rawTree([root, raw.file('a', one)], { bend }))
  const job = await victim.waitJob('raw/tree', ({ state }) => ['FAILED', 'DONE'].includes(state))
  expect(job).toMatchObject({ state: 'FAILED', reason: 'wrong-manifest' })
  await nothingWritten(victim)
})

test('a page table that counts more than the limits gets no further', async () => {
  const entries = [root, raw.file('a', one), raw.file('b', two)]
  const { victim, peer } = await victimOf(rawTree(entries), { treePages: 2 })
  const job = await victim.waitJob('raw/tree', ({ state }) => state === 'FAILED')
  expect(job.reason).toBe('wrong-manifest')
  expect(peer.requests.map(({ what }) => what)).toEqual(['pageTable'])
})

test('a manifest with another size or number of entries than its tree ends its job', async () => {
  const tree = rawTree([root, raw.file('a', one)])
  for (const change of [{ size: 999 }, { entries: 3 }]) {
    const { victim } = await victimOf({ ...tree, manifest: { ...tree.manifest, ...change } })
    const job = await victim.waitJob('raw/tree', ({ state }) => ['FAILED', 'DONE'].includes(state))
    expect(job.reason).toBe('wrong-manifest')
    await nothingWritten(victim)
  }
})

const lies: [string, (tree: RawTree) => RawTree][] = [
  ['page table', (tree) => ({ ...tree, table: rawTree([root]).table })],
  ['page', (tree) => ({ ...tree, pages: tree.pages.map((page) => Buffer.alloc(page.length, 1)) })],
  [
    'leaf digest',
    (tree) => ({ ...tree, leaves: tree.leaves.map((leaf) => ({ ...leaf, digest: Buffer.alloc(32, 7) })) }),
  ],
  [
    'leaf of a file with one',
    (tree) => ({
      ...tree,
      leaves: tree.leaves.map((leaf) => (leaf.listed ? leaf : { ...leaf, bytes: Buffer.alloc(1000, 7) })),
    }),
  ],
  [
    'leaf of a file with two',
    (tree) => ({
      ...tree,
      leaves: tree.leaves.map((leaf) =>
        leaf.listed ? { ...leaf, bytes: Buffer.alloc(leaf.bytes.length, 7) } : leaf,
      ),
    }),
  ],
]
test.each(lies)(
  'a wrong %s is not kept, and the job goes on when the origin tells the truth',
  async (what, lie) => {
    const tree = rawTree([root, raw.file('a', one), raw.file('b', two)])
    const { victim, peer } = await victimOf(tree)
    await victim.waitImage('raw/tree')
    peer.onContent = (request) => ({ code: 'ok', payload: treeAnswer(lie(other), request) })
    const other = rawTree([
      root,
      raw.file('a', randomBytes(1000, what)),
      raw.file('b', randomBytes(70_000, what)),
    ])
    peer.publish('other', nothing, other.manifest)
    const job = await victim.waitJob('raw/other', ({ state }) => state === 'WAITING')
    expect(job.reason).toBe('wrong-content')
    expect(await victim.list('images', 'raw')).toEqual(['tree'])
    peer.onContent = (request) => ({ code: 'ok', payload: treeAnswer(other, request) })
    const image = await victim.waitImage('raw/other')
    expect(Object.keys(describeTree(image.path ?? ''))).toEqual(['.', 'a', 'b'])
  },
)

const many = [
  root,
  ...Array.from({ length: 90 }, (_, i) => raw.directory(`d${String(i).padStart(3, '0')}`)),
  ...Array.from({ length: 90 }, (_, i) => raw.file(`e${String(i).padStart(3, '0')}`, Buffer.alloc(0))),
  raw.file('f', two),
]

/** From now on every disk has this room. */
function withRoom(room: Needs) {
  const looks = vi.spyOn(SpaceLedger.prototype, 'room').mockImplementation(async () => ({ ...room }))
  onTestFinished(() => looks.mockRestore())
  return looks
}

test.each<[string, Needs]>([
  ['files and directories', { bytes: 2 ** 40, inodes: 100 }],
  ['bytes', { bytes: 200_000, inodes: 1e6 }],
])('a tree of more %s than there is room for makes none of them, and leaves nothing', async (_, room) => {
  const looks = withRoom(room)
  const tree = rawTree(many, { perPage: 50 })
  const { victim, peer } = await victimOf(tree, { spaceCheckMs: 20 })
  const job = await victim.waitJob('raw/tree', ({ state }) => state === 'WAITING')
  expect(job.reason).toBe('no-space')
  await nothingWritten(victim)
  // It is not tried again before there is room for index and tree together.
  const asked = peer.requests.length
  Object.assign(room, { bytes: 2 ** 40, inodes: many.length })
  const before = looks.mock.calls.length
  await waitFor(() => looks.mock.calls.length > before + 3, { what: 'looks at the space' })
  expect(peer.requests.length).toBe(asked)
  Object.assign(room, { bytes: 2 ** 40, inodes: 1e6 })
  const image = await victim.waitImage('raw/tree')
  expect(Object.keys(describeTree(image.path ?? ''))).toHaveLength(many.length)
})
