import { describe, expect, test } from 'vitest'
import { encodeMessage } from '../../src/wire/decode.ts'
import { ingot } from '../../src/wire/generated/messages.js'
import { encodeEvent } from '../../src/wire/journal.ts'
import { fromDigest } from '../../src/image/digest.ts'
import { randomBytes, sha256OfFile } from '../support/files.ts'
import { createNetwork, type TestServer } from '../support/network.ts'
import { type RawContent, honestAnswer, okHead, rawContent } from '../support/raw-content.ts'
import { RawPeer } from '../support/raw-peer.ts'
import { waitFor } from '../support/wait-for.ts'

const content = rawContent(randomBytes(5_000_000, 'content'))

/** A victim that takes everything of a raw peer. */
async function victimOf(raw: RawPeer, limits = {}): Promise<TestServer> {
  const { server } = await createNetwork(['victim'], limits)
  await raw.registerOn(server('victim'), 'raw')
  await server('victim').subscribeAll('raw')
  return server('victim')
}

function serveHonestly(raw: RawPeer, served: RawContent = content): void {
  raw.onContent = (request) => ({ code: 'ok', payload: honestAnswer(served, request) })
}

/** Appends an image whose manifest no honest server makes: `bend` changes the fields behind validation's back. */
function publishBent(raw: RawPeer, name: string, bend: ingot.Manifest.$Properties): void {
  const manifest = encodeMessage(ingot.Manifest, {
    version: 1,
    origin: raw.key.peerId,
    name,
    imageType: 'DISK',
    baseType: 'DISK',
    kind: ingot.Kind.KIND_FILE,
    size: content.bytes.length,
    content: fromDigest(content.root),
    sha256: fromDigest(content.sha256),
    createdAt: 1,
    ...bend,
  })
  const signature = raw.key.sign('ingot/manifest-signature/1', manifest)
  raw.append(encodeMessage(ingot.Event, { imagePublished: { manifest, signature } }))
}

async function peerOf(server: TestServer) {
  return (await server.client.peers({ server: 'raw' })).peers[0]
}

async function nothingArrived(server: TestServer): Promise<void> {
  expect(await server.list('images', 'raw')).toEqual([])
  expect(await server.list('images', 'content')).toEqual([])
}

describe('leaves', () => {
  test('a wrong leaf is refused, counted against the peer and asked for again', async () => {
    const raw = await RawPeer.start('raw')
    let bent = false
    raw.onContent = (request) => {
      const payload = Buffer.from(honestAnswer(content, request))
      if (request.what === 'leaves' && request.run.first >= 16 && !bent) {
        bent = true
        payload[70_000] = (payload[70_000] as number) ^ 1
      }
      return { code: 'ok', payload }
    }
    raw.publish('gold', content)
    const victim = await victimOf(raw)
    const here = await victim.waitImage('raw/gold')
    expect(await sha256OfFile(here.path as string)).toBe(content.sha256)
    expect(await peerOf(victim)).toMatchObject({ wrongLeaves: 1, link: 'up' })
  })

  test('a peer that only sends wrong leaves gets nowhere: the job waits and says why', async () => {
    const raw = await RawPeer.start('raw')
    raw.onContent = (request) => ({
      code: 'ok',
      payload:
        request.what === 'leaves'
          ? Buffer.alloc(request.run.count * 65_536, 7).subarray(0, honestAnswer(content, request).length)
          : honestAnswer(content, request),
    })
    raw.publish('gold', content)
    const victim = await victimOf(raw)
    const job = await victim.waitJob(
      'raw/gold',
      ({ state, attempts }) => state === 'WAITING' && attempts >= 2,
    )
    expect(job).toMatchObject({ reason: 'wrong-content', bytesDone: 0 })
    await nothingArrived(victim)
    serveHonestly(raw)
    await victim.waitImage('raw/gold')
  })

  test.each(['segments', 'leafLists'])('wrong %s never get as far as leaves', async (what) => {
    const raw = await RawPeer.start('raw')
    raw.onContent = (request) => {
      const payload = Buffer.from(honestAnswer(content, request))
      if (request.what === what) payload[3] = (payload[3] as number) ^ 1
      return { code: 'ok', payload }
    }
    raw.publish('gold', content)
    const victim = await victimOf(raw)
    const job = await victim.waitJob('raw/gold', ({ state }) => state === 'WAITING')
    expect(job.reason).toBe('wrong-content')
    expect(raw.requests.filter((request) => request.what === 'leaves')).toEqual([])
    await nothingArrived(victim)
  })

  test('an answer of another length than asked for is a breach of the protocol', async () => {
    const raw = await RawPeer.start('raw')
    raw.onContent = (request) => ({
      code: 'ok',
      payload: Buffer.concat([honestAnswer(content, request), Buffer.alloc(1)]),
    })
    raw.publish('gold', content)
    const victim = await victimOf(raw)
    const peer = await waitFor(
      async () => ((await peerOf(victim))?.link === 'down' ? await peerOf(victim) : undefined),
      {
        what: 'the cut',
      },
    )
    expect(peer?.reason).toContain('broke the protocol')
    await nothingArrived(victim)
  })

  test('a flat digest that the origin signed and that is not true ends the job', async () => {
    const raw = await RawPeer.start('raw')
    const small = rawContent(randomBytes(70_000, 'small'))
    serveHonestly(raw, small)
    raw.publish('gold', small, { sha256: small.root })
    const victim = await victimOf(raw)
    const job = await victim.waitJob('raw/gold', ({ state }) => state === 'FAILED')
    expect(job.reason).toBe('wrong-manifest')
    await nothingArrived(victim)
    expect(await victim.list('images', 'staging')).toEqual([])
  })
})

describe('time', () => {
  test('a peer that never answers does not hold others up', async () => {
    const raw = await RawPeer.start('raw')
    raw.onContent = async () => await new Promise<never>(() => {})
    raw.publish('gold', content)
    const { server, peer } = await createNetwork(['victim', 'honest'], { answerMs: 500 })
    await raw.registerOn(server('victim'), 'raw')
    await server('victim').subscribeAll('raw')
    await peer('victim', 'honest')
    await server('victim').subscribeAll('honest')
    await server('honest').importImage('good')
    await server('victim').waitImage('honest/good')
    const job = await server('victim').waitJob(
      'raw/gold',
      ({ state, attempts }) => state === 'WAITING' && attempts >= 2,
    )
    expect(job.reason).toBe('timeout')
  })

  test('a peer that sends one byte at a time is not waited for', async () => {
    const raw = await RawPeer.start('raw', {
      '/ingot/content/1': async (channel) => {
        const step = { timeoutMs: 60_000, signal: AbortSignal.timeout(60_000) }
        for await (const _request of channel.frames(65_536, step)) {
          await channel.writeFrame(okHead(content.segments.length), step)
          for (let i = 0; i < 1000; i++) {
            await new Promise((resolve) => setTimeout(resolve, 50))
            await channel.write(Uint8Array.of(1), step)
          }
        }
      },
    })
    raw.publish('gold', content)
    const victim = await victimOf(raw, { leafMs: 400, exchangeMs: 400 })
    const job = await victim.waitJob('raw/gold', ({ state }) => state === 'WAITING')
    expect(job.reason).toBe('timeout')
    await nothingArrived(victim)
  })

  test('a peer that does not answer the hello has no link, and the reason is shown', async () => {
    const raw = await RawPeer.start('raw', {
      '/ingot/hello/1': async () => await new Promise<never>(() => {}),
    })
    const { server } = await createNetwork(['victim'], { exchangeMs: 300 })
    await server('victim').client.register({ serverData: raw.serverData('raw') })
    await server('victim').waitLink('raw', 'down')
    expect((await peerOf(server('victim')))?.reason).toContain('not registered there (or cut)')
  })
})

describe('journal', () => {
  async function faultOf(victim: TestServer): Promise<string> {
    return await waitFor(async () => (await peerOf(victim))?.fault, {
      what: 'the fault',
      dump: () => victim.log.slice(-5),
    })
  }

  const breaks: [string, (raw: RawPeer) => void, string][] = [
    ['a gap', (raw) => raw.append(Buffer.from('x'), (entry) => ({ ...entry, seq: entry.seq + 1 })), 'gap'],
    [
      'a step back',
      (raw) => raw.append(Buffer.from('x'), (entry) => ({ ...entry, seq: 2, previous: content.root })),
      'does not follow',
    ],
    [
      'an altered body',
      (raw) => raw.append(Buffer.from('x'), (entry) => ({ ...entry, body: Buffer.from('y') })),
      'altered',
    ],
    [
      'another time than signed',
      (raw) => raw.append(Buffer.from('x'), (entry) => ({ ...entry, time: 1 })),
      'not signed',
    ],
    [
      'a signature of another key',
      (raw) => raw.append(Buffer.from('x'), (entry) => ({ ...entry, signature: Buffer.alloc(64, 1) })),
      'not signed',
    ],
  ]
  test.each(breaks)('%s stops the intake from that peer', async (_what, breakIt, text) => {
    const raw = await RawPeer.start('raw')
    serveHonestly(raw)
    raw.publish('gold', content)
    const victim = await victimOf(raw)
    await victim.waitImage('raw/gold')
    breakIt(raw)
    expect(await faultOf(victim)).toContain(text)
    expect((await peerOf(victim))?.journalSeq).toBe(1)
  })

  test('a manifest with a wrong signature stops the intake', async () => {
    const raw = await RawPeer.start('raw')
    const sealed = raw.publish('gold', content)
    raw.entries.length = 0
    raw.append(encodeEvent({ type: 'image-published', image: { ...sealed, signature: Buffer.alloc(64, 3) } }))
    const { server } = await createNetwork(['victim'])
    await raw.registerOn(server('victim'), 'raw')
    expect(await faultOf(server('victim'))).toContain('signature')
    expect((await server('victim').client.images({})).images).toEqual([])
  })

  const bent: [string, ingot.Manifest.$Properties][] = [
    ['a size of 2^53 - 1 bytes', { size: Number.MAX_SAFE_INTEGER }],
    ['no bytes, and a content', { size: 0 }],
    ['600 ancestors', { ancestors: Array.from({ length: 600 }, (_, i) => Buffer.alloc(32, i)) }],
    ['a path for a name', { name: '../../etc/passwd' }],
    ['a base type that does not exist', { baseType: 'VIRUS' }],
    ['an escape sequence in its version', { imageVersion: '\u001b[2J' }],
    ['a content root of 31 bytes', { content: Buffer.alloc(31) }],
    ['a kind that does not exist', { kind: 7 as ingot.Kind }],
    ['the SHA-256 of a file, but the kind of a tree', { kind: ingot.Kind.KIND_TREE, entries: 1 }],
    ['entries, but the kind of a file', { entries: 1 }],
  ]
  test.each(bent)('an image with %s is refused, and the intake goes on', async (_what, bend) => {
    const raw = await RawPeer.start('raw')
    serveHonestly(raw)
    publishBent(raw, 'bent', bend)
    raw.publish('gold', content)
    const victim = await victimOf(raw)
    await victim.waitImage('raw/gold')
    const { images } = await victim.client.images({ server: 'raw' })
    expect(images.map(({ name }) => name)).toEqual(['gold'])
    expect(victim.log.some(({ message }) => message === 'refused a journal entry')).toBe(true)
  })

  test('a size that does not fit the content root gets no further than the segment digests', async () => {
    const raw = await RawPeer.start('raw')
    raw.onContent = (request) => ({ code: 'ok', payload: honestAnswer(content, request) })
    publishBent(raw, 'bent', { size: content.bytes.length - 1 })
    const victim = await victimOf(raw)
    const job = await victim.waitJob('raw/bent', ({ state }) => state === 'WAITING')
    expect(job.reason).toBe('wrong-content')
    await nothingArrived(victim)
  })
})

test('a false flat digest of a large file takes the image away again after it was enabled, and for good', async () => {
  const large = rawContent(randomBytes(5 * 1024 * 1024, 'large'))
  const raw = (await RawPeer.start('raw')).serve()
  raw.publish('gold', large, { sha256: large.root })
  const victim = await victimOf(raw)
  const job = await victim.waitJob('raw/gold', ({ state }) => state === 'FAILED')
  expect(job).toMatchObject({
    reason: 'wrong-manifest',
    error: expect.stringContaining(large.root) as string,
  })
  await waitFor(async () => (await victim.list('images', 'content')).length === 0, { what: 'its end' })
  await nothingArrived(victim)
  await victim.stop()
  await victim.start()
  await victim.waitLink('raw', 'up')
  raw.publish('other', rawContent(randomBytes(1_000, 'other')))
  await victim.waitImage('raw/other')
  expect(await victim.job('raw/gold')).toMatchObject({ id: job.id, state: 'FAILED', attempts: job.attempts })
  expect(await victim.enabled()).toEqual(['raw/other'])
})
