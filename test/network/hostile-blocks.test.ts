import { createHash } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { LEAF_BYTES } from '../../src/image/leaves.ts'
import type { ContentReply } from '../../src/net/content.ts'
import type { ContentRequest } from '../../src/wire/content.ts'
import { randomBytes, sha256OfFile } from '../support/files.ts'
import { createNetwork, type TestServer } from '../support/network.ts'
import { honestAnswer, rawContent } from '../support/raw-content.ts'
import { RawPeer } from '../support/raw-peer.ts'
import { tempDir } from '../support/temp-dir.ts'

const MiB = 1024 * 1024
const LOCAL = randomBytes(2 * MiB, 'local')
/** What is here, moved by three blocks, with something new in the middle. */
const content = rawContent(
  Buffer.concat([
    randomBytes(12_288, 'gap'),
    LOCAL.subarray(0, MiB),
    randomBytes(40_960, 'new'),
    LOCAL.subarray(MiB),
  ]),
)

/** A server with an image of its own that takes everything of a raw peer, which answers as `answer` says. */
async function victimOf(answer: (request: ContentRequest) => ContentReply) {
  const raw = await RawPeer.start('raw')
  raw.onContent = answer
  raw.publish('gold', content)
  const { server } = await createNetwork(['victim'], { seedBlockMissing: 0 })
  const victim = server('victim')
  const path = join(await tempDir(), 'local')
  await writeFile(path, LOCAL)
  await victim.importImage('secret', { path })
  await raw.registerOn(victim, 'raw')
  await victim.subscribeAll('raw')
  return { raw, victim }
}

async function arrived(victim: TestServer) {
  const here = await victim.waitImage('raw/gold')
  expect(await sha256OfFile(here.path as string)).toBe(content.sha256)
  const job = await victim.waitJob('raw/gold', ({ state }) => state === 'DONE')
  expect(job).toMatchObject({ attempts: 1, bytesDone: content.bytes.length })
  expect((await victim.peer('raw')).wrongLeaves).toBe(0)
  return job
}

const honest = (request: ContentRequest): ContentReply => ({
  code: 'ok',
  payload: honestAnswer(content, request),
})

test('only blocks that are not here are asked for, and a request has nothing of what is here but which it are', async () => {
  const { raw, victim } = await victimOf(honest)
  const job = await arrived(victim)
  expect(job.bytesLocal).toBeGreaterThan(LOCAL.length - 8192)
  expect(raw.requests.filter(({ what }) => what === 'leaves')).toEqual([])
  const blocks = raw.requests.filter((request) => request.what === 'blocks')
  expect(blocks.length).toBeGreaterThan(0)
  for (const request of blocks) {
    expect(Object.keys(request).toSorted()).toEqual(['image', 'what', 'wish', 'zstd'])
    expect(Object.keys(request.wish).toSorted()).toEqual(['count', 'first', 'wanted'])
    expect(request.wish.wanted.length).toBe(request.wish.count * 2)
  }
})

test.each<[string, (request: ContentRequest) => ContentReply]>([
  ['that has no keys', (request) => (request.what === 'blockKeys' ? { code: 'invalid' } : honest(request))],
  [
    'whose keys are those of other blocks',
    (request) => {
      const reply = honest(request)
      if (request.what !== 'blockKeys' || reply.code !== 'ok') return reply
      return { ...reply, payload: Uint8Array.from(reply.payload).reverse() }
    },
  ],
  [
    'that says the key of another block for each',
    (request) => {
      const reply = honest(request)
      if (request.what !== 'blockKeys' || reply.code !== 'ok') return reply
      return { ...reply, payload: Buffer.concat([reply.payload.subarray(80), reply.payload.subarray(0, 80)]) }
    },
  ],
  [
    'that sends other blocks',
    (request) => {
      const reply = honest(request)
      if (request.what !== 'blocks' || reply.code !== 'ok') return reply
      return { ...reply, payload: Buffer.alloc(reply.payload.length, 7) }
    },
  ],
])('an origin %s costs no more than a whole transfer', async (_, answer) => {
  const { victim } = await victimOf(answer)
  await arrived(victim)
})

test('an origin that hides the blocks of a third server behind leaves with false keys gets none of them back', async () => {
  // Three leaves. One is of a third server, moved by a block; in each other one key is false, so 15 blocks are fetched for nothing.
  const shifted = LOCAL.subarray(4096, 4096 + LEAF_BYTES)
  const mixed = rawContent(Buffer.concat([shifted, randomBytes(2 * LEAF_BYTES, 'behind it')]))
  const falseKey = createHash('sha256').update(LOCAL.subarray(0, 4096)).digest().subarray(0, 8)
  const raw = await RawPeer.start('raw')
  raw.onContent = (request) => {
    const payload = Buffer.from(honestAnswer(mixed, request))
    if (request.what === 'blockKeys') for (const leaf of [1, 2]) falseKey.copy(payload, leaf * 16 * 8)
    return { code: 'ok', payload }
  }
  const { server, peer } = await createNetwork(['victim', 'third'], {
    seedLeastBytes: 1,
    seedBlockMissing: 0,
  })
  await peer('victim', 'third')
  const [victim, third] = [server('victim'), server('third')]
  const path = join(await tempDir(), 'local')
  await writeFile(path, LOCAL)
  await third.importImage('secret', { path })
  await victim.subscribeAll('third')
  await victim.waitImage('third/secret')
  const { id } = raw.publish('gold', mixed)
  await raw.registerOn(victim, 'raw')
  await victim.subscribeAll('raw')
  const here = await victim.waitImage('raw/gold')
  expect(await sha256OfFile(here.path as string)).toBe(mixed.sha256)
  expect(raw.requests.flatMap(({ what }) => (what === 'blocks' ? [what] : []))).toHaveLength(1)
  expect(raw.requests.flatMap((request) => (request.what === 'leaves' ? [request.run] : []))).toEqual([
    { first: 1, count: 2 },
  ])
  const stream = await raw.contentStream(victim)
  await stream.ask({ image: id, what: 'leaves', run: { first: 0, count: 1 } })
  await expect(stream.answer(Buffer.alloc(LEAF_BYTES))).rejects.toMatchObject({ code: 'not-announced' })
  expect((await victim.job('raw/gold'))?.bytesLocal).toBe(LEAF_BYTES)
})
