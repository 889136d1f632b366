import {
  chmodSync,
  copyFileSync,
  existsSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { ImageDocument } from '../../src/control/documents.ts'
import type { Digest } from '../../src/image/digest.ts'
import { LEAF_BYTES } from '../../src/image/leaves.ts'
import { randomBytes, sha256OfFile, writeRandomFile } from '../support/files.ts'
import { createNetwork, type TestServer } from '../support/network.ts'
import { fileOf } from '../support/pair.ts'
import { honestAnswer, rawContent } from '../support/raw-content.ts'
import { RawPeer } from '../support/raw-peer.ts'
import { flipByte, rotLeaves } from '../support/rot.ts'
import { tempDir } from '../support/temp-dir.ts'
import { describeTree, makeTree } from '../support/trees.ts'
import { waitFor } from '../support/wait-for.ts'

/** Repairs are tried again at once. */
const limits = { repairRetryMinMs: 50, repairRetryMaxMs: 200, requestLeaves: 32 }
/** 80 leaves: two segments. */
const content = rawContent(randomBytes(5_200_000, 'content'))

const call = { signal: new AbortController().signal, onProgress: () => {} }

async function verify(server: TestServer, image: string, options: { repair?: boolean; path?: string } = {}) {
  return await server.client.verifyImage({ image, ...options }, call)
}

async function imageOf(server: TestServer, image: string): Promise<ImageDocument> {
  return (await server.client.images({ image })).images[0] as ImageDocument
}

async function waitStatus(server: TestServer, image: string, status: string): Promise<ImageDocument> {
  return await waitFor(
    async () => {
      const found = await imageOf(server, image)
      return found.status === status ? found : undefined
    },
    { what: `${image} being ${status}`, timeoutMs: 20_000, dump: async () => await imageOf(server, image) },
  )
}

/** A server with a replica of an image of a raw peer, which is asked for leaves from then on only for a repair. */
async function replicaOf(raw: RawPeer): Promise<{ b: TestServer; path: string }> {
  const { server } = await createNetwork(['b'], limits)
  const b = server('b')
  raw.serve().publish('gold', content)
  await raw.registerOn(b, 'raw')
  await b.subscribeAll('raw')
  const { path } = await b.waitImage('raw/gold')
  // Nothing else reads the file from here on.
  await waitFor(async () => (await imageOf(b, 'raw/gold')).sha256Checked, { what: 'the flat digest' })
  raw.requests.length = 0
  return { b, path: path as string }
}

/** The kinds of what was asked for, apart from the probes of a peer that seems to be far. */
const kindsAsked = (raw: RawPeer) => {
  const asked = raw.requests.filter((request) => request.what !== 'segments' || request.run.count > 1)
  return [...new Set(asked.map(({ what }) => what))]
}

const leavesAsked = (raw: RawPeer) =>
  raw.requests.flatMap((request) =>
    request.what === 'leaves' ? [[request.run.first, request.run.count]] : [],
  )

describe('a replica whose file rots', () => {
  test('is found by verify image, marked and told of; --repair fetches the damaged leaves and no others', async () => {
    const raw = await RawPeer.start('raw')
    const { b, path } = await replicaOf(raw)
    expect(await verify(b, 'raw/gold')).toMatchObject({ status: 'enabled', damage: null })
    rotLeaves(path, 3, 64, 65)
    const events = await b.follow()
    await expect(verify(b, 'raw/gold')).rejects.toMatchObject({
      code: 'wrong-content',
      message: 'raw/gold is damaged: 3 leaves are wrong (leaves 3, 64-65)',
      hint: expect.stringContaining('--repair'),
    })
    const marked = await imageOf(b, 'raw/gold')
    expect(marked).toMatchObject({
      status: 'damaged',
      damage: {
        foundBy: 'verify',
        leaves: 3,
        ranges: [
          { first: 3, count: 1 },
          { first: 64, count: 2 },
        ],
        reason: null,
      },
    })
    expect(raw.requests).toEqual([])
    await waitFor(() => events.some(({ type, status }) => type === 'image' && status === 'damaged'), {
      what: 'the event',
    })
    const { audit } = await b.client.audit({ operation: 'verify image' })
    expect(audit).toMatchObject([{ subject: 'raw/gold', outcome: '3 leaves are wrong' }])
    expect(b.log.some(({ level, message }) => level === 'error' && message === 'a content is damaged')).toBe(
      true,
    )
    expect((await b.client.doctor()).checks.find(({ check }) => check === 'images')).toMatchObject({
      result: 'failure',
    })
    await expect(b.client.adoptImage({ image: 'raw/gold' })).rejects.toMatchObject({ code: 'conflict' })

    // The mark is durable.
    await b.stop()
    raw.onContent = () => ({ code: 'not-announced' })
    await b.start()
    expect(await imageOf(b, 'raw/gold')).toMatchObject({
      status: 'damaged',
      damage: { since: marked.damage?.since },
    })
    await waitFor(async () => (await imageOf(b, 'raw/gold')).damage?.reason?.includes('not-announced'), {
      what: 'why it is not repaired',
    })
    raw.requests.length = 0
    raw.serve()
    await waitStatus(b, 'raw/gold', 'enabled')
    expect(leavesAsked(raw).slice(-2)).toEqual([
      [3, 1],
      [64, 2],
    ])
    expect(new Set(raw.requests.map(({ what }) => what))).toEqual(new Set(['leaves']))
    expect(await sha256OfFile(path)).toBe(content.sha256)
    expect(statSync(path).mode & 0o777).toBe(0o444)
    expect(await verify(b, 'raw/gold')).toMatchObject({ status: 'enabled', damage: null })
    expect(await b.list('images', 'staging')).toEqual([])
  })

  test('gets no wrong leaf of a hostile origin, which is counted; and is repaired when the origin is honest', async () => {
    const raw = await RawPeer.start('raw')
    const { b, path } = await replicaOf(raw)
    rotLeaves(path, 7, 8)
    const rotten = await sha256OfFile(path)
    raw.onContent = (request) => ({
      code: 'ok',
      payload: Buffer.alloc(honestAnswer(content, request).length, 0x7e),
    })
    await expect(verify(b, 'raw/gold', { repair: true })).rejects.toMatchObject({
      code: 'wrong-content',
      message: expect.stringContaining('raw does not have all: 2 leaves are wrong'),
    })
    expect(await sha256OfFile(path)).toBe(rotten)
    expect((await b.peer('raw')).wrongLeaves).toBeGreaterThanOrEqual(2)
    // One of two right: that one is taken.
    raw.onContent = (request) => {
      const payload = Buffer.from(honestAnswer(content, request))
      payload[payload.length - 1] = (payload.at(-1) as number) ^ 1
      return { code: 'ok', payload }
    }
    await waitFor(async () => (await imageOf(b, 'raw/gold')).damage?.leaves === 1, {
      what: 'one leaf mended',
    })
    raw.serve()
    await waitStatus(b, 'raw/gold', 'enabled')
    expect(await sha256OfFile(path)).toBe(content.sha256)
  })

  test('is repaired also when it is shorter, gone, or its index is damaged', async () => {
    const raw = await RawPeer.start('raw')
    const { b, path } = await replicaOf(raw)
    const index = path.replace(/image$/, 'index')
    const damages: [string, () => void, string[]][] = [
      ['shorter', () => truncateSync(path, 5_000_000), ['leaves']],
      ['gone', () => rmSync(path), ['leaves']],
      ['longer', () => writeFileSync(path, Buffer.concat([readFileSync(path), Buffer.of(1)])), []],
      // The bytes and the rest of the index tell what stood there.
      ['a segment digest', () => flipByte(index, 64 + 33), []],
      ['a leaf digest', () => flipByte(index, 64 + 64 + 40), []],
      ['the head of the index', () => flipByte(index, 2), []],
      ['an index that is gone', () => rmSync(index), []],
      [
        'index and bytes of one segment',
        () => {
          flipByte(index, 64 + 64 + 40)
          rotLeaves(path, 9)
        },
        ['leafLists', 'leaves'],
      ],
      [
        'all of it',
        () => {
          rmSync(index)
          rmSync(path)
        },
        ['segments', 'leafLists', 'leaves'],
      ],
    ]
    for (const [what, damage, asked] of damages) {
      raw.requests.length = 0
      damage()
      expect(await verify(b, 'raw/gold', { repair: true }), what).toMatchObject({ status: 'enabled' })
      expect(kindsAsked(raw), what).toEqual(asked)
      expect(await sha256OfFile(path), what).toBe(content.sha256)
      expect(await verify(b, 'raw/gold'), what).toMatchObject({ damage: null })
    }
  })

  test('is harmed by no stop in the middle of a repair, and is repaired after it', async () => {
    const raw = await RawPeer.start('raw')
    const { b, path } = await replicaOf(raw)
    rotLeaves(path, 1, 20, 40)
    const { promise: hung, resolve: hang } = Promise.withResolvers<void>()
    raw.onContent = async (request) => {
      if (request.what === 'leaves' && request.run.first === 20) {
        hang()
        return await new Promise<never>(() => {})
      }
      return { code: 'ok', payload: honestAnswer(content, request) }
    }
    const ended = verify(b, 'raw/gold', { repair: true }).catch((error: unknown) => error)
    await hung
    await b.stop()
    await ended
    raw.serve()
    await b.start()
    await waitStatus(b, 'raw/gold', 'enabled')
    expect(await sha256OfFile(path)).toBe(content.sha256)
    expect(await b.list('images', 'staging')).toEqual([])
  })
})

/** Resolves when the answer to the first request of a repair is written to staging. */
async function firstLeaves(server: TestServer): Promise<void> {
  await waitFor(
    async () => {
      const [staging = ''] = await server.list('images', 'staging')
      const staged = join(server.home, 'images', 'staging', staging, 'image')
      return existsSync(staged) && statSync(staged).size >= limits.requestLeaves * LEAF_BYTES
    },
    { what: 'the first leaves' },
  )
}

describe('a replica whose file is gone', () => {
  test('goes on where its repair was cut, over a restart too', async () => {
    const raw = await RawPeer.start('raw')
    const { b, path } = await replicaOf(raw)
    const { promise: hung, resolve: hang } = Promise.withResolvers<void>()
    raw.onContent = async (request) => {
      if (request.what === 'leaves' && request.run.first > 0) {
        hang()
        return await new Promise<never>(() => {})
      }
      return { code: 'ok', payload: honestAnswer(content, request) }
    }
    rmSync(path)
    const ended = verify(b, 'raw/gold', { repair: true }).catch((error: unknown) => error)
    await hung
    await firstLeaves(b)
    expect(existsSync(path)).toBe(false)
    await b.stop()
    await ended
    raw.requests.length = 0
    raw.serve()
    await b.start()
    await waitStatus(b, 'raw/gold', 'enabled')
    const asked = leavesAsked(raw)
    expect(Math.min(...asked.map(([first]) => first as number))).toBe(limits.requestLeaves)
    expect(kindsAsked(raw)).not.toContain('segments')
    expect(await sha256OfFile(path)).toBe(content.sha256)
    expect(statSync(path).mode & 0o777).toBe(0o444)
    expect(await b.list('images', 'staging')).toEqual([])
  })

  test('waits for space, and takes none before', async () => {
    const raw = await RawPeer.start('raw')
    const { b, path } = await replicaOf(raw)
    await b.stop()
    rmSync(path)
    Object.assign(b.limits, { freeSpaceFloor: 0.9999 })
    await b.start()
    await expect(verify(b, 'raw/gold', { repair: true })).rejects.toMatchObject({ code: 'wrong-content' })
    const damage = await waitFor(async () => (await imageOf(b, 'raw/gold')).damage, { what: 'the mark' })
    expect(damage.reason).toContain('usable')
    expect(leavesAsked(raw)).toEqual([])
    const copy = await fileOf(content.bytes)
    await expect(verify(b, 'raw/gold', { repair: true, path: copy })).rejects.toMatchObject({
      message: expect.stringContaining('usable'),
    })
    await b.stop()
    Object.assign(b.limits, { freeSpaceFloor: 0 })
    await b.start()
    await waitStatus(b, 'raw/gold', 'enabled')
    expect(await sha256OfFile(path)).toBe(content.sha256)
  })

  test('takes from a path what that has, and the rest from the origin', async () => {
    const raw = await RawPeer.start('raw')
    const { b, path } = await replicaOf(raw)
    raw.onContent = () => ({ code: 'not-announced' })
    rmSync(dirname(path), { recursive: true })
    const copy = await fileOf(content.bytes)
    const index = path.replace(/image$/, 'index')
    // Its index can be made from all of it only.
    await verify(b, 'raw/gold', { repair: true, path: copy })
    expect(await sha256OfFile(path)).toBe(content.sha256)
    expect(existsSync(index)).toBe(true)
    rmSync(path)
    rotLeaves(copy, 2, 3, 5, 7, 11, 13, 17, 19, 23, 70)
    await expect(verify(b, 'raw/gold', { repair: true, path: copy })).rejects.toMatchObject({
      code: 'wrong-content',
    })
    expect((await imageOf(b, 'raw/gold')).damage?.reason).toContain(
      `${copy} does not have all: leaves that are still missing: 10`,
    )
    expect(existsSync(path)).toBe(false)
    raw.requests.length = 0
    raw.serve()
    await verify(b, 'raw/gold', { repair: true })
    expect(leavesAsked(raw).reduce((sum, [, count]) => sum + (count as number), 0)).toBe(10)
    expect(await sha256OfFile(path)).toBe(content.sha256)
    expect(await b.list('images', 'staging')).toEqual([])
  })

  test('keeps what its origin brought when a path has not all', async () => {
    const raw = await RawPeer.start('raw')
    const { b, path } = await replicaOf(raw)
    raw.onContent = async (request) => {
      if (request.what !== 'leaves' || request.run.first === 0)
        return { code: 'ok', payload: honestAnswer(content, request) }
      await firstLeaves(b)
      return { code: 'not-announced' }
    }
    rmSync(dirname(path), { recursive: true })
    const copy = await fileOf(content.bytes)
    rotLeaves(copy, 2, 70)
    for (const from of [undefined, copy, dirname(copy)])
      await expect(
        verify(b, 'raw/gold', from === undefined ? { repair: true } : { repair: true, path: from }),
      ).rejects.toThrow()
    raw.requests.length = 0
    raw.serve()
    await waitStatus(b, 'raw/gold', 'enabled')
    expect(Math.min(...leavesAsked(raw).map(([first]) => first as number))).toBe(limits.requestLeaves)
    expect(await sha256OfFile(path)).toBe(content.sha256)
  })

  test('is not fetched on when it is deleted meanwhile', async () => {
    const raw = await RawPeer.start('raw')
    const { b, path } = await replicaOf(raw)
    const { promise: asked, resolve: ask } = Promise.withResolvers<void>()
    const { promise: deleted, resolve: goOn } = Promise.withResolvers<void>()
    raw.onContent = async (request) => {
      if (request.what === 'leaves') {
        ask()
        await (request.run.first === 0 ? deleted : new Promise<never>(() => {}))
      }
      return { code: 'ok', payload: honestAnswer(content, request) }
    }
    rmSync(path)
    const ended = verify(b, 'raw/gold', { repair: true }).catch((error: unknown) => error)
    await asked
    await b.client.deleteImage('raw/gold')
    goOn()
    await ended
    await waitFor(
      async () =>
        [...(await b.list('images', 'staging')), ...(await b.list('images', 'content'))].length === 0,
      { what: 'nothing of it' },
    )
  })

  test('gets nothing wrong of a hostile origin; what was fetched goes with the image', async () => {
    const raw = await RawPeer.start('raw')
    const { b, path } = await replicaOf(raw)
    raw.onContent = (request) => {
      const payload = Buffer.from(honestAnswer(content, request))
      if (request.what === 'leaves' && request.run.first > 0) payload[0] = (payload[0] as number) ^ 1
      return { code: 'ok', payload }
    }
    rmSync(path)
    await expect(verify(b, 'raw/gold', { repair: true })).rejects.toMatchObject({ code: 'wrong-content' })
    expect(existsSync(path)).toBe(false)
    expect((await b.peer('raw')).wrongLeaves).toBeGreaterThan(0)
    expect(await b.list('images', 'staging')).toHaveLength(1)
    await b.client.deleteImage('raw/gold')
    await waitFor(async () => (await b.list('images', 'staging')).length === 0, { what: 'an empty staging' })
  })
})

test('a damaged replica waits for its origin, and is repaired when the link is back; images on one content share the mark', async () => {
  const { server, peer } = await createNetwork(['a', 'b'], limits)
  await peer('a', 'b')
  const [a, b] = [server('a'), server('b')]
  await b.subscribeAll('a')
  const made = await a.importImage('one', { seed: 'same' })
  await a.importImage('two', { seed: 'same' })
  const { path } = await b.waitImage('a/one')
  await b.waitImage('a/two')
  await a.stop()
  await b.waitLink('a', 'down')
  rotLeaves(path as string, 2)
  await expect(verify(b, 'a/two', { repair: true })).rejects.toMatchObject({
    message: expect.stringContaining('no link to the origin of a/one'),
  })
  expect((await b.client.images({})).images.map(({ status }) => status)).toEqual(['damaged', 'damaged'])
  expect((await b.client.status()).images).toMatchObject({ replicas: 2, damaged: 1 })
  await a.start()
  await waitStatus(b, 'a/one', 'enabled')
  expect(await imageOf(b, 'a/two')).toMatchObject({ status: 'enabled' })
  expect(await sha256OfFile(path as string)).toBe(made.sha256)
})

test('a damaged replica whose file goes while it waits comes again, all of it', async () => {
  const { server, peer } = await createNetwork(['a', 'b'], limits)
  await peer('a', 'b')
  const [a, b] = [server('a'), server('b')]
  await b.subscribeAll('a')
  const made = await a.importImage('gold', { length: 1_000_000 })
  const { path } = await b.waitImage('a/gold')
  await a.stop()
  await b.waitLink('a', 'down')
  rotLeaves(path as string, 2)
  await expect(verify(b, 'a/gold', { repair: true })).rejects.toMatchObject({ code: 'wrong-content' })
  rmSync(path as string)
  await a.start()
  await waitStatus(b, 'a/gold', 'enabled')
  expect(await sha256OfFile(path as string)).toBe(made.sha256)
})

describe('an own image that rots', () => {
  test('is not served: receivers wait, blame nobody, and go on when it is repaired from a file', async () => {
    const { server, peer } = await createNetwork(['a', 'b'], limits)
    await peer('a', 'b')
    const [a, b] = [server('a'), server('b')]
    const source = join(await tempDir(), 'source')
    await writeRandomFile(source, 1_000_000, 'own')
    const made = await a.importImage('gold', { path: source })
    rotLeaves(made.path as string, 0, 15)
    await expect(verify(a, 'gold')).rejects.toMatchObject({ hint: expect.stringContaining('--path') })
    await b.subscribeAll('a')
    const job = await b.waitJob('a/gold', ({ state }) => state === 'WAITING')
    expect(job.reason).toBe('changed-on-disk')
    expect(await a.waitHolder('gold', 'b', ({ reason }) => reason === 'changed-on-disk')).toMatchObject({
      state: 'wanted',
    })

    await expect(verify(a, 'gold', { repair: true })).rejects.toMatchObject({
      message: expect.stringContaining('no peer with a link has ./gold'),
    })
    // A path that cannot be a copy.
    for (const path of ['/nonexistent/copy', dirname(source)])
      await expect(verify(a, 'gold', { repair: true, path })).rejects.toMatchObject({
        message: expect.stringContaining(path),
      })
    // A copy that has one of the two.
    const half = await fileOf(readFileSync(source).subarray(0, 900_000))
    await expect(verify(a, 'gold', { repair: true, path: half })).rejects.toMatchObject({
      code: 'wrong-content',
      message: expect.stringContaining('./gold is damaged: 1 leaf is wrong (leaves 15)'),
    })
    expect(await verify(a, 'gold', { repair: true, path: source })).toMatchObject({
      status: 'enabled',
      repaired: '1 leaf is wrong',
    })
    const { audit } = await a.client.audit({ operation: 'repair image' })
    expect(audit.map(({ outcome }) => outcome)).toEqual([
      expect.stringContaining('no peer with a link has ./gold'),
      expect.stringContaining('1 leaf is wrong (leaves 15)'),
      'done',
    ])
    const here = await b.waitImage('a/gold')
    expect(await sha256OfFile(here.path as string)).toBe(made.sha256)
    expect((await b.peer('a')).wrongLeaves).toBe(0)
    // Nor is such a path passed over when there is nothing to repair.
    await expect(verify(a, 'gold', { repair: true, path: '/nonexistent/copy' })).rejects.toMatchObject({
      code: 'not-found',
      message: expect.stringContaining('/nonexistent/copy'),
    })
  })

  test('comes back from a peer that has it from here', async () => {
    const { server, peer } = await createNetwork(['a', 'b'], limits)
    await peer('a', 'b')
    const [a, b] = [server('a'), server('b')]
    await b.subscribeAll('a')
    const made = await a.importImage('gold', { length: 3_000_000 })
    const tree = join(await tempDir(), 'tree')
    await makeTree(tree)
    const home = await a.importImage('home', { path: tree, imageType: 'SOFTWARE' })
    for (const image of ['gold', 'home']) {
      await b.waitImage(`a/${image}`)
      await a.waitHolder(image, 'b', ({ state }) => state === 'enabled')
    }
    rotLeaves(made.path as string, 4, 5, 45)
    expect(await verify(a, 'gold', { repair: true })).toMatchObject({ repaired: '3 leaves are wrong' })
    expect(await sha256OfFile(made.path as string)).toBe(made.sha256)
    const before = describeTree(home.path as string)
    flipByte(join(home.path as string, 'big'), 4_000_000)
    rmSync(join(home.path as string, 'bin/tool'))
    flipByte((home.path as string).replace(/image$/, 'index'), 100)
    await verify(a, 'home', { repair: true })
    expect(describeTree(home.path as string)).toEqual(before)
    // Whether it is announced now does not matter.
    await a.client.promoteImage({ image: 'gold', state: 'RESTRICTED' })
    rotLeaves(made.path as string, 1)
    expect(await verify(a, 'gold', { repair: true })).toMatchObject({ status: 'enabled' })
  })

  test('a peer serves a replica to its origin alone, and only if all of it came from there', async () => {
    const { server, peer } = await createNetwork(['a', 'b', 'c'], limits)
    await peer('a', 'b')
    await peer('b', 'c')
    const [a, b, c] = [server('a'), server('b'), server('c')]
    // What c made is what a announces too: b does not fetch it from a.
    const foreign = await c.importImage('secret', { seed: 'foreign', length: 2_000_000 })
    await b.subscribeAll('c')
    await b.waitImage('c/secret')
    const mine = await a.importImage('mine', { seed: 'foreign', length: 2_000_000 })
    expect(mine.content).toBe(foreign.content)
    // What c made is the beginning of another: b takes it from there.
    const both = [randomBytes(2_000_000, 'foreign'), randomBytes(1_000_000, 'own')]
    const mixed = await a.importImage('mixed', { path: await fileOf(Buffer.concat(both)) })
    const pure = await a.importImage('pure', { seed: 'pure' })
    await b.subscribeAll('a')
    expect((await b.waitImage('a/mine')).content).toBe(foreign.content)
    await b.waitImage('a/pure')
    await b.waitImage('a/mixed')
    expect((await b.job('a/mixed'))?.bytesLocal).toBeGreaterThan(1_000_000)
    for (const [image, { path }] of Object.entries({ mine, mixed })) {
      await a.waitHolder(image, 'b', ({ state }) => state === 'enabled')
      rotLeaves(path as string, 3)
      await expect(verify(a, image, { repair: true }), image).rejects.toMatchObject({
        message: expect.stringContaining('from b: the peer does not send the content: not-announced'),
      })
      expect(await imageOf(a, image)).toMatchObject({ status: 'damaged' })
    }

    // A third peer gets nothing of what b would give back to a.
    const third = await RawPeer.start('third')
    await third.registerOn(b, 'third')
    const stream = await third.contentStream(b)
    for (const image of [pure.id, mine.id, foreign.id]) {
      await stream.ask({ image: image as Digest, what: 'leaves', run: { first: 0, count: 1 } })
      await expect(stream.answer(Buffer.alloc(LEAF_BYTES))).rejects.toMatchObject({ code: 'not-announced' })
    }
  })

  test('an origin gets no patches and no block keys of a replica', async () => {
    const raw = await RawPeer.start('raw')
    const { b } = await replicaOf(raw)
    const image = (await imageOf(b, 'raw/gold')).id as Digest
    const stream = await raw.contentStream(b)
    const leaf = Buffer.alloc(LEAF_BYTES)
    await stream.ask({ image, what: 'leaves', run: { first: 2, count: 1 } })
    await stream.answer(leaf)
    expect(leaf.equals(content.bytes.subarray(2 * LEAF_BYTES, 3 * LEAF_BYTES))).toBe(true)
    const run = { first: 0, count: 1 }
    for (const request of [
      { image, what: 'blockKeys', run },
      { image, what: 'patch', base: undefined, run },
    ] as const) {
      await stream.ask(request)
      await expect(stream.answer(leaf)).rejects.toMatchObject({ code: 'not-announced' })
    }
  })

  test('a file in place is marked and never written to', async () => {
    const { server } = await createNetwork(['a'], limits)
    const a = server('a')
    const source = join(await tempDir(), 'source')
    await writeRandomFile(source, 300_000, 'in place')
    const copy = join(await tempDir(), 'copy')
    copyFileSync(source, copy)
    await a.importImage('gold', { path: source, inPlace: true })
    rotLeaves(source, 1)
    const rotten = readFileSync(source)
    await expect(verify(a, 'gold', { repair: true, path: copy })).rejects.toMatchObject({
      message: expect.stringContaining('it was registered in place'),
      hint: expect.stringContaining('bring'),
    })
    expect(readFileSync(source).equals(rotten)).toBe(true)
    expect(await imageOf(a, 'gold')).toMatchObject({
      status: 'damaged',
      damage: { ranges: [{ first: 1, count: 1 }] },
    })
    writeFileSync(source, readFileSync(copy))
    expect(await verify(a, 'gold')).toMatchObject({ status: 'enabled', damage: null })
  })
})

describe('a tree', () => {
  test('has wrong leaves mended at their place, and is made anew where more is wrong', async () => {
    const { server, peer } = await createNetwork(['a', 'b'], limits)
    await peer('a', 'b')
    const [a, b] = [server('a'), server('b')]
    const source = join(await tempDir(), 'tree')
    await makeTree(source)
    await a.importImage('home', { path: source, imageType: 'SOFTWARE' })
    await b.subscribeAll('a')
    const tree = (await b.waitImage('a/home')).path as string
    const place = (path: string) => join(tree, path)
    const before = describeTree(tree)
    const inode = () => statSync(place('big')).ino
    const old = inode()
    flipByte(place('big'), 70_000)
    flipByte(place('a/b/one leaf'), 5)
    flipByte(place('a.b/x'), 0)
    flipByte(place('sparse'), 8_999_999)
    await expect(verify(b, 'a/home')).rejects.toMatchObject({
      message: expect.stringContaining('4 leaves are wrong'),
    })
    expect(await verify(b, 'a/home', { repair: true })).toMatchObject({ status: 'enabled' })
    expect(describeTree(tree)).toEqual(before)
    expect(inode()).toBe(old)

    const bytes = readFileSync(place('big'))
    rmSync(place('a/b'), { recursive: true })
    rmSync(place('bin/dangling'))
    writeFileSync(place('extra'), 'x')
    chmodSync(place('closed/secret'), 0o666)
    renameSync(place('big'), place('bigger'))
    flipByte(place('bigger'), 70_000)
    flipByte(tree.replace(/image$/, 'leaves'), 40)
    await expect(verify(b, 'a/home')).rejects.toMatchObject({ code: 'wrong-content' })
    expect((await imageOf(b, 'a/home')).damage?.other).toContain('"extra": it does not belong to the tree')
    expect(await verify(b, 'a/home', { repair: true })).toMatchObject({ status: 'enabled', damage: null })
    expect(describeTree(tree)).toEqual(before)
    expect(readFileSync(place('big')).equals(bytes)).toBe(true)
    expect(await b.list('images', 'staging')).toEqual([])
  })

  test('of this server is repaired from a directory, as far as that goes', async () => {
    const { server } = await createNetwork(['a'], limits)
    const a = server('a')
    const source = join(await tempDir(), 'tree')
    await makeTree(source)
    const tree = (await a.importImage('home', { path: source, imageType: 'SOFTWARE' })).path as string
    const before = describeTree(tree)
    flipByte(join(tree, 'big'), 70_000)
    flipByte(join(tree, 'bin/tool'), 7)
    renameSync(join(source, 'big'), join(source, 'elsewhere'))
    await expect(verify(a, 'home', { repair: true, path: source })).rejects.toMatchObject({
      message: expect.stringContaining('1 leaf is wrong'),
    })
    rmSync(join(tree, 'a'), { recursive: true })
    await expect(verify(a, 'home', { repair: true, path: source })).rejects.toMatchObject({
      message: expect.stringContaining(`${source} does not have all`),
    })
    renameSync(join(source, 'elsewhere'), join(source, 'big'))
    expect(await verify(a, 'home', { repair: true, path: source })).toMatchObject({ status: 'enabled' })
    expect(describeTree(tree)).toEqual(before)
    // One that is gone keeps what came: twice a part of it is all of it.
    rmSync(tree, { recursive: true })
    renameSync(join(source, 'big'), join(source, 'elsewhere'))
    await expect(verify(a, 'home', { repair: true, path: source })).rejects.toMatchObject({
      message: expect.stringContaining(`${source} does not have all`),
    })
    renameSync(join(source, 'elsewhere'), join(source, 'big'))
    rmSync(join(source, 'a.b'), { recursive: true })
    expect(await verify(a, 'home', { repair: true, path: source })).toMatchObject({ status: 'enabled' })
    expect(describeTree(tree)).toEqual(before)
    expect(await a.list('images', 'staging')).toEqual([])
  })
})

test('an import of the same bytes makes a damaged image whole', async () => {
  const { server } = await createNetwork(['a'], limits)
  const a = server('a')
  const source = join(await tempDir(), 'source')
  await writeRandomFile(source, 300_000, 'again')
  const { path, sha256 } = await a.importImage('gold', { path: source })
  rotLeaves(path as string, 2)
  await expect(verify(a, 'gold')).rejects.toMatchObject({ code: 'wrong-content' })
  // One in place brings no bytes.
  await a.importImage('beside', { path: source, inPlace: true })
  expect(await imageOf(a, 'gold')).toMatchObject({ status: 'damaged' })
  await a.importImage('again', { path: source })
  expect(await imageOf(a, 'gold')).toMatchObject({ status: 'enabled', damage: null })
  expect(await sha256OfFile(path as string)).toBe(sha256)
})
