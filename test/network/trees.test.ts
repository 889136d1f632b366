import { mkdirSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { randomBytes } from '../support/files.ts'
import { createNetwork } from '../support/network.ts'
import { rawContent } from '../support/raw-content.ts'
import { RawPeer } from '../support/raw-peer.ts'
import { raw, rawTree, treeAnswer } from '../support/raw-tree.ts'
import { tempDir } from '../support/temp-dir.ts'
import { describeTree, makeFifo, makeSmallFiles, makeTree } from '../support/trees.ts'

/** Bytes of disk of a file. */
const allocated = (path: string) => statSync(path).blocks * 512

test('a tree with everything that a tree may have arrives identical', async () => {
  const source = join(await tempDir(), 'tree')
  await makeTree(source)
  const { server, peer } = await createNetwork(['hq', 'site'])
  await peer('hq', 'site')
  const made = await server('hq').importImage('tree', { path: source })
  expect(made).toMatchObject({ kind: 'tree', sha256: null })
  await server('site').subscribeAll('hq')
  const image = await server('site').waitImage('hq/tree')
  expect(image).toMatchObject({ kind: 'tree', content: made.content, size: made.size, sha256: null })
  const expected = describeTree(source)
  expect(describeTree(made.path ?? '')).toEqual(expected)
  expect(describeTree(image.path ?? '')).toEqual(expected)
  expect(describeTree(`${image.link}/`)).toEqual(expected)
  expect(allocated(join(image.path ?? '', 'sparse'))).toBeLessThan(1_000_000)
  expect(await server('site').list('images', 'staging')).toEqual([])
  expect(await server('hq').list('images', 'staging')).toEqual([])
  mkdirSync(join(source, 'later'))
  expect(readdirSync(image.path ?? '')).not.toContain('later')
})

test('a tree that was imported in place arrives identical, and no copy of it is made', async () => {
  const source = join(await tempDir(), 'tree')
  await makeTree(source)
  const { server, peer } = await createNetwork(['hq', 'site'])
  await peer('hq', 'site')
  const made = await server('hq').importImage('tree', { path: source, inPlace: true })
  expect(made.path).toBe(source)
  const [digest = ''] = await server('hq').list('images', 'content')
  expect((await server('hq').list('images', 'content', digest)).sort()).toEqual([
    'identities',
    'index',
    'leaves',
  ])
  await server('site').subscribeAll('hq')
  const image = await server('site').waitImage('hq/tree')
  expect(describeTree(image.path ?? '')).toEqual(describeTree(source))
})

test('a file that changed in a tree in place is not served, whoever changed it is told so', async () => {
  const source = join(await tempDir(), 'tree')
  makeSmallFiles(source, 50)
  const { server, peer } = await createNetwork(['hq', 'site'])
  await peer('hq', 'site')
  await server('hq').importImage('tree', { path: source, inPlace: true })
  const victim = join(source, 'd07', 'file-7')
  const { atime, mtime } = statSync(victim)
  writeFileSync(victim, Buffer.alloc(statSync(victim).size, 1))
  utimesSync(victim, atime, mtime)
  await server('site').subscribeAll('hq')
  const job = await server('site').waitJob('hq/tree', ({ state }) => state === 'WAITING')
  expect(job.reason).toBe('changed-on-disk')
  const peers = await server('site').client.peers({})
  expect(peers.peers[0]).toMatchObject({ wrongLeaves: 0, link: 'up' })
  const told = server('hq').log.find(({ message }) => message === 'could not read content for a peer')
  expect(told?.fields['error']).toContain('file-7')
})

test('many small files travel in few requests', async () => {
  const files = Array.from({ length: 998 }, (_, i) =>
    raw.file(`f${String(i).padStart(4, '0')}`, randomBytes(100 + ((i * 7919) % 9000), `${i}`)),
  )
  const tree = rawTree([raw.directory(''), ...files, raw.symlink('z', 'f0001')], { perPage: 100 })
  const origin = await RawPeer.start('raw')
  origin.onContent = (request) => ({ code: 'ok', payload: treeAnswer(tree, request) })
  origin.publish('tree', rawContent(Buffer.alloc(0)), tree.manifest)
  const { server } = await createNetwork(['site'])
  await origin.registerOn(server('site'), 'raw')
  await server('site').subscribeAll('raw')
  const image = await server('site').waitImage('raw/tree')
  expect(Object.keys(describeTree(image.path ?? ''))).toHaveLength(1000)
  expect(await server('site').job('raw/tree')).toMatchObject({ attempts: 1, error: null })
  const asked = (what: string) => origin.requests.filter((request) => request.what === what).length
  expect(asked('pageTable')).toBe(1)
  expect(asked('pages')).toBe(1)
  expect(asked('leafDigests')).toBe(0)
  expect(asked('leaves')).toBeLessThanOrEqual(6) // 4.5 MB, at most 2 MiB at a time
})

test('a transfer that was interrupted asks only for what is not here', async () => {
  const entries = Array.from({ length: 60 }, (_, i) =>
    raw.file(`f${String(i).padStart(2, '0')}`, randomBytes(i === 30 ? 3_000_000 : 150_000, `${i}`)),
  )
  const tree = rawTree([raw.directory(''), ...entries], { perPage: 20 })
  const origin = await RawPeer.start('raw')
  let asked = 0
  origin.onContent = (request) => {
    // The first attempt breaks off after eight answers with leaves, most of them of parts of files.
    if (request.what === 'leaves' && ++asked === 9) return { code: 'internal' }
    return { code: 'ok', payload: treeAnswer(tree, request) }
  }
  origin.publish('tree', rawContent(Buffer.alloc(0)), tree.manifest)
  const { server } = await createNetwork(['site'], {
    fetchStreams: 1,
    requestsPerStream: 1,
    requestLeaves: 16,
  })
  await origin.registerOn(server('site'), 'raw')
  await server('site').subscribeAll('raw')
  const image = await server('site').waitImage('raw/tree')
  expect((await server('site').job('raw/tree'))?.attempts).toBe(2)
  expect(sumOf(describeTree(image.path ?? ''))).toBe(tree.manifest.size)
  const leaves = origin.requests.flatMap((request) => (request.what === 'leaves' ? [request.run.count] : []))
  const total = leaves.reduce((sum, count) => sum + count, 0)
  expect(total).toBe(tree.leaves.length + (leaves[8] ?? NaN)) // twice only what was in flight when it broke off
  expect(origin.requests.filter(({ what }) => what === 'pages')).toHaveLength(1)
  expect(origin.requests.filter(({ what }) => what === 'leafDigests')).toHaveLength(1)
})

test('the same tree of another origin, or imported here, moves no content', async () => {
  const source = join(await tempDir(), 'tree')
  await makeTree(source)
  const { server, peer } = await createNetwork(['hq', 'branch', 'site', 'late'])
  for (const [one, other] of [
    ['hq', 'site'],
    ['branch', 'site'],
    ['hq', 'late'],
  ] as const)
    await peer(one, other)
  await server('hq').importImage('tree', { path: source })
  await server('branch').importImage('copy', { path: source })
  await server('late').importImage('mine', { path: source, inPlace: true })
  await server('site').subscribeAll('hq')
  await server('site').waitImage('hq/tree')
  await server('site').subscribeAll('branch')
  const copy = await server('site').waitImage('branch/copy')
  await server('late').subscribeAll('hq')
  const late = await server('late').waitImage('hq/tree')
  for (const [name, image] of [
    ['site', 'branch/copy'],
    ['late', 'hq/tree'],
  ] as const) {
    expect(await server(name).job(image)).toMatchObject({ bytesWire: 0, bytesLocal: copy.size })
  }
  expect(await server('site').list('images', 'content')).toHaveLength(1)
  expect(describeTree(copy.path ?? '')).toEqual(describeTree(source))
  expect(describeTree(late.path ?? '')).toEqual(describeTree(source))
  expect(late.path).not.toBe(source)
})

test('of a tree that was damaged here the damaged parts are fetched again, and it takes the place of the damaged one', async () => {
  const source = join(await tempDir(), 'tree')
  await makeTree(source)
  const { server, peer } = await createNetwork(['hq', 'branch', 'site'])
  await peer('hq', 'site')
  await peer('branch', 'site')
  await server('hq').importImage('tree', { path: source })
  await server('branch').importImage('copy', { path: source })
  await server('site').subscribeAll('hq')
  const image = await server('site').waitImage('hq/tree')
  writeFileSync(join(image.path ?? '', 'extra'), 'x')
  await server('site').subscribeAll('branch')
  await server('site').waitImage('branch/copy')
  expect((await server('site').job('branch/copy'))?.bytesWire).toBeLessThan(100_000)
  expect(describeTree(image.path ?? '')).toEqual(describeTree(source))
  expect(await server('site').list('images', 'staging')).toEqual([])
})

test('set-id bits, privileged attributes and owners of a peer are dropped, and the job says how many', async () => {
  const entries = [
    raw.directory('', { mode: 0o2755 }),
    raw.file('su', randomBytes(100, 'su'), { mode: 0o4755, owner: { uid: 0, gid: 0 } }),
    raw.file('tmp', randomBytes(100, 'tmp'), {
      mode: 0o1644,
      xattrs: [{ name: Buffer.from('security.capability'), value: Buffer.alloc(20) }],
    }),
  ]
  const tree = rawTree(entries)
  const origin = await RawPeer.start('raw')
  origin.onContent = (request) => ({ code: 'ok', payload: treeAnswer(tree, request) })
  origin.publish('tree', rawContent(Buffer.alloc(0)), tree.manifest)
  const { server } = await createNetwork(['site'])
  await origin.registerOn(server('site'), 'raw')
  await server('site').subscribeAll('raw')
  const image = await server('site').waitImage('raw/tree')
  const seen = describeTree(image.path ?? '')
  expect(seen['.']?.mode).toBe('755')
  expect(seen['su']?.mode).toBe('755')
  expect(seen['tmp']).toMatchObject({ mode: '1644', xattrs: {} })
  expect(await server('site').job('raw/tree')).toMatchObject({
    state: 'DONE',
    reason: '4 privileged attributes were dropped',
  })
})

test('an import of what no tree carries is refused, and leaves nothing', async () => {
  const root = await tempDir()
  const source = join(root, 'tree')
  makeSmallFiles(source, 5)
  makeFifo(join(source, 'd01', 'pipe'))
  const { server } = await createNetwork(['hq'])
  const hq = server('hq')
  await expect(hq.importImage('tree', { path: source })).rejects.toThrow(/pipe.*is a fifo/)
  await expect(hq.importImage('tree', { path: hq.home })).rejects.toThrow(
    'the images of this server lie in it',
  )
  expect(await hq.list('images', 'staging')).toEqual([])
  expect((await hq.client.images({})).images).toEqual([])
})

function sumOf(tree: ReturnType<typeof describeTree>): number {
  return Object.values(tree).reduce((sum, { size }) => sum + Number(size ?? 0), 0)
}
