import { zstdCompressSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { encodeContentAnswer, encodeContentRequest, type ContentCode } from '../../src/wire/content.ts'
import { encodeEvent } from '../../src/wire/journal.ts'
import { randomBytes, sha256OfFile } from '../support/files.ts'
import { honestAnswer, okHead, rawContent } from '../support/raw-content.ts'
import { testDigest } from '../support/manifests.ts'
import { besiege, step } from '../support/siege.ts'
import { waitFor } from '../support/wait-for.ts'

const content = rawContent(randomBytes(2_000_000, 'content'))

test('announcements without end are kept to a bound, and those of others are taken', async () => {
  const { victim, honest, raw, expectLogged } = await besiege({ limits: { journalEntriesPeer: 20 } })
  for (let i = 0; i < 300; i++) raw.publish(`image-${i}`, content)
  await victim.waitPeer('raw', ({ journalSeq }) => journalSeq === 300)
  expect(await victim.announcedBy('raw')).toHaveLength(20)
  expectLogged('refused a journal entry', {
    peer: 'raw',
    why: 'the peer announced more than is kept of one peer',
  })
  await honest.importImage('good')
  expect(await victim.announcedBy('honest')).toEqual(['good'])
})

test('entries that are refused, without end, fill neither the log nor the audit log', async () => {
  const { victim, raw, expectService } = await besiege({
    limits: { refusedEntriesPerMinute: 5, auditRecords: 50 },
  })
  for (let i = 0; i < 500; i++) raw.append(Buffer.from(`no event ${i}`))
  await victim.waitPeer('raw', ({ journalSeq }) => journalSeq === 500)
  const refused = (await victim.client.audit({ operation: 'refuse' })).audit
  expect(refused.length).toBeGreaterThanOrEqual(5)
  expect(refused.length).toBeLessThanOrEqual(10) // a minute may have begun meanwhile
  expect(refused[4]?.outcome).toContain('more that is refused in this minute is not noted')
  expect(victim.log.filter(({ message }) => message === 'refused a journal entry')).toHaveLength(
    refused.length,
  )
  // What the operator did is still there.
  expect(
    (await victim.client.audit({ operation: 'register' })).audit.map(({ subject }) => subject),
  ).toContain('raw')
  await expectService()
})

test('a peer that opens streams of all protocols has no more than its share of them', async () => {
  const { victim, raw, expectService } = await besiege({ limits: { streamsPerPeer: 10 } })
  const connection = await raw.connect(victim)
  const open = async (protocol: string) => {
    const channel = await raw.host.openChannel(connection, `/ingot/${protocol}/1`, step().signal)
    await channel.write(Uint8Array.of(100), step()) // a frame that has begun
    const ended = { is: false }
    void channel.readFrame(1000, step()).then(
      () => (ended.is = true),
      () => (ended.is = true),
    )
    return ended
  }
  const streams: { is: boolean }[] = []
  for (let i = 0; i < 8; i++)
    for (const protocol of ['journal', 'content', 'receipt', 'subscriptions'])
      streams.push(await open(protocol).catch(() => ({ is: true })))
  await waitFor(() => streams.filter(({ is }) => !is).length <= 10, {
    what: 'the end of those beyond',
    dump: () => streams,
  })
  expect(streams.filter(({ is }) => !is).length).toBeGreaterThan(0)
  await expectService()
})

test('bytes that nobody asked for, without end, are not read: the sender is stopped after some hundred kilobytes', async () => {
  const { victim, raw, expectService } = await besiege({ limits: { messagesPerSecond: 5 } })
  const connection = await raw.connect(victim)
  // Valid requests that are large for no reason: with a field that nobody knows. Five in a second are read.
  const asked = encodeContentRequest({ image: testDigest('nothing'), what: 'pageTable' })
  const unknown = Buffer.concat([
    Buffer.from('c23e', 'hex'),
    Buffer.from([0x80, 0x80, 0x0f]),
    Buffer.alloc(245_760),
  ])
  const frame = Buffer.concat([asked, unknown])
  const channels = await Promise.all(
    Array.from(
      { length: 8 },
      async () => await raw.host.openChannel(connection, '/ingot/content/1', step().signal),
    ),
  )
  let sent = 0
  await Promise.all(
    channels.map(async (channel) => {
      try {
        for (let i = 0; i < 60; i++) {
          await channel.writeFrame(frame, { timeoutMs: 400, signal: step().signal })
          sent += frame.length
        }
      } catch (error) {
        expect(error).toMatchObject({ code: 'timeout' }) // it was stopped, not cut
      }
    }),
  )
  expect(sent).toBeGreaterThan(0)
  expect(sent).toBeLessThan(32 * 1024 * 1024)
  expect(connection.status).toBe('open')
  connection.abort(new Error('enough'))
  await expectService()
})

test('an origin that sends on and on behind its answer is cut', async () => {
  const { victim, raw, expectService } = await besiege({
    wants: true,
    replace: {
      '/ingot/content/1': async (channel) => {
        for (;;) {
          await channel.requireFrame(100_000, step())
          await channel.writeFrame(okHead(content.segments.length), step())
          await channel.write(Buffer.from(content.segments), step())
          for (let i = 0; i < 100; i++) await channel.write(Buffer.alloc(1024 * 1024, 0xff), step())
        }
      },
    },
  })
  raw.publish('gold', content)
  await victim.waitPeer('raw', ({ reason }) => reason?.includes('broke the protocol') === true)
  expect(await victim.list('images', 'raw')).toEqual([])
  await expectService()
})

/** Compresses by a quarter. */
const text = rawContent(Buffer.from(randomBytes(1_500_000, 'text').toString('base64')))

const bombs: [string, (bytes: Uint8Array) => Uint8Array][] = [
  [
    'that unpacks to a thousand times of what was asked for',
    () => zstdCompressSync(Buffer.alloc(512 * 1024 * 1024)),
  ],
  ['that unpacks to one byte more', (bytes) => zstdCompressSync(Buffer.concat([bytes, Buffer.alloc(1)]))],
  ['that unpacks to one byte less', (bytes) => zstdCompressSync(bytes.subarray(1))],
  ['that is none', (bytes) => randomBytes(Math.max(1, bytes.length >> 1), 'none')],
]
test.each(bombs)(
  'a compressed answer %s counts as wrong leaves, and the image comes when the origin tells the truth',
  async (_what, bomb) => {
    const { victim, raw, expectService } = await besiege({ wants: true })
    raw.onContent = (request) => {
      const payload = honestAnswer(text, request)
      if (request.what !== 'leaves' || request.zstd !== true) return { code: 'ok', payload }
      return { code: 'ok', payload: bomb(payload), compressed: true }
    }
    raw.publish('gold', text)
    const job = await victim.waitJob('raw/gold', ({ state }) => state === 'WAITING')
    expect(job).toMatchObject({ reason: 'wrong-content', bytesDone: 0 })
    expect((await victim.peer('raw')).wrongLeaves).toBeGreaterThan(0)
    await expectService()
    raw.serve()
    raw.onContent = (request) => ({ code: 'ok', payload: honestAnswer(text, request) })
    const here = await victim.waitImage('raw/gold')
    expect(await sha256OfFile(here.path as string)).toBe(text.sha256)
  },
)

test('a page table, a list of digests and a number of groups beyond every limit get no further than their head', async () => {
  const huge = rawContent(Buffer.alloc(0))
  const { victim, raw, expectService } = await besiege({ wants: true })
  raw.onContent = () => ({ code: 'ok', payload: Buffer.alloc(4 * 1024 * 1024 + 1) })
  raw.publish('tree', huge, { kind: 'tree', size: 1, sha256: undefined, entries: 1, content: content.root })
  await victim.waitPeer('raw', ({ reason }) => reason?.includes('broke the protocol') === true)
  expect(raw.requests.map(({ what }) => what)).toEqual(['pageTable'])
  await expectService()
})

const lies: [string, ContentCode, number][] = [
  ['a refusal', 'busy', 2 ** 32 - 1],
  ['a refusal', 'not-announced', 1],
  ['an answer', 'ok', 2 ** 32 - 1],
]
test.each(lies)(
  'a head of %s (%s) that says that %d bytes follow is a breach of the protocol, and no debt of those who keep to a rate',
  async (_what, code, payloadBytes) => {
    const { victim, honest, raw, expectService } = await besiege({
      wants: true,
      replace: {
        '/ingot/content/1': async (channel) => {
          await channel.requireFrame(100_000, step())
          const lie = encodeContentAnswer({ code, payloadBytes, compressed: false, retryAfterMs: 0 })
          await channel.writeFrame(lie, step())
          await channel.readFrame(100_000, step())
        },
      },
    })
    await victim.client.modifyServer({ rateIn: 10_000_000 })
    raw.publish('gold', content)
    await victim.waitPeer('raw', ({ reason }) => reason?.includes('broke the protocol') === true)
    await victim.subscribeAll('honest')
    await honest.importImage('good', { length: 500_000 })
    await victim.waitImage('honest/good')
    await expectService()
  },
)

test('series and memberships without end are kept to a bound', async () => {
  const { victim, raw, expectService } = await besiege({
    limits: { seriesPeer: 5, refusedEntriesPerMinute: 1_000 },
  })
  for (let i = 0; i < 50; i++) raw.append(encodeEvent({ type: 'series-created', series: `series-${i}` }))
  await victim.waitPeer('raw', ({ journalSeq }) => journalSeq === 50)
  const { series } = await victim.client.series({ server: 'raw' })
  expect(series).toHaveLength(5)
  await expectService()
})

test('a peer that ends the relation and takes it up again, over and over, hurts nobody else', async () => {
  const { victim, raw, expectService } = await besiege()
  for (let i = 0; i < 20; i++) {
    const connection = await raw.connect(victim)
    const channel = await raw.host.openChannel(connection, '/ingot/farewell/1', step().signal)
    await channel.writeFrame(Buffer.alloc(0), step())
    await channel.requireFrame(1000, step())
    await channel.end(step())
    await waitFor(() => connection.status !== 'open', { what: 'the cut' })
  }
  await expectService()
  await raw.connect(victim)
  await victim.waitPeer('raw', ({ status }) => status === 'registered')
})
