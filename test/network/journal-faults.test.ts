import { describe, expect, test } from 'vitest'
import { genesisHash, type JournalEntry } from '../../src/image/journal.ts'
import { testDigest } from '../support/manifests.ts'
import { encodeEvent } from '../../src/wire/journal.ts'
import type { Digest } from '../../src/image/digest.ts'
import { randomBytes } from '../support/files.ts'
import { createNetwork, type TestServer } from '../support/network.ts'
import { rawContent } from '../support/raw-content.ts'
import { RawPeer } from '../support/raw-peer.ts'

const content = (seed: string) => rawContent(randomBytes(1_000, seed))
const all = { kind: 'all' } as const

/** A receiver that has `raw/gold`, and a job for `raw/held` under way. */
async function receiver(): Promise<{ raw: RawPeer; here: TestServer; release: () => void }> {
  const raw = (await RawPeer.start('raw')).serve()
  const { server } = await createNetwork(['b'])
  const here = server('b')
  raw.publish('gold', content('gold'))
  const release = raw.hold(raw.publish('held', content('held')).id)
  await raw.registerOn(here, 'raw')
  await here.subscribeAll('raw')
  await here.waitImage('raw/gold')
  await here.waitJob('raw/held', ({ state }) => state === 'FETCHING')
  return { raw, here, release }
}

/** What an operator reads of a fault. */
async function expectFault(here: TestServer, text: string): Promise<void> {
  expect(await here.waitFault('raw')).toContain(text)
  const { checks } = await here.client.doctor()
  expect(checks.find(({ check }) => check === 'peer raw')).toMatchObject({
    result: 'failure',
    message: expect.stringContaining(text) as string,
    advice: expect.stringContaining('ingot accept peerserver --server raw') as string,
  })
  const refusal = { code: 'conflict', hint: expect.stringContaining('accept peerserver') as string }
  await expect(here.client.images({ server: 'raw' })).rejects.toMatchObject(refusal)
  await expect(here.client.subscribe({ server: 'raw', selector: all, dryRun: true })).rejects.toMatchObject(
    refusal,
  )
}

/** Nothing later is taken, also after a restart; the job that is under way goes on to its end. */
async function expectStandstill(raw: RawPeer, here: TestServer, release: () => void): Promise<void> {
  const { journalSeq, fault } = await here.peer('raw')
  raw.publish('late', content('late'))
  await here.stop()
  await here.start()
  await here.waitLink('raw', 'up')
  release()
  await here.waitImage('raw/held')
  expect(await here.peer('raw')).toMatchObject({ journalSeq, fault, link: 'up' })
  expect((await here.client.jobs({})).jobs.map(({ image }) => image)).toEqual(['raw/gold', 'raw/held'])
}

const chainFaults: [string, (raw: RawPeer) => void, string][] = [
  ['a gap', (raw) => raw.append(Buffer.of(1), (entry) => ({ ...entry, seq: entry.seq + 1 })), 'gap'],
  [
    'a fork',
    (raw) => raw.append(Buffer.of(1), (entry) => ({ ...entry, previous: genesisHash(raw.journalId) })),
    'does not follow',
  ],
  [
    'an altered body',
    (raw) => raw.append(Buffer.of(1), (entry) => ({ ...entry, body: Buffer.of(2) })),
    'altered',
  ],
  [
    'a signature of another key',
    (raw) => raw.append(Buffer.of(1), (entry) => ({ ...entry, signature: Buffer.alloc(64, 1) })),
    'not signed',
  ],
]

describe('the chain', () => {
  test.each(chainFaults)(
    '%s stops the intake; accepted, the journal is read again',
    async (_what, breakIt, text) => {
      const { raw, here, release } = await receiver()
      breakIt(raw)
      await expectFault(here, text)
      await expectStandstill(raw, here, release)
      // Still broken, it stops again at the same place.
      await here.client.acceptPeer('raw')
      await expectFault(here, text)
      const enabledAt = (await here.waitImage('raw/gold')).enabledAt
      const requests = raw.requests.length
      // Mended: what was broken and what followed it was never on this chain.
      raw.entries.length = 2
      raw.publish('mended', content('mended'))
      await here.stop()
      await here.start()
      await here.waitLink('raw', 'up')
      await expectFault(here, text) // it needs the word of the operator all the same
      expect(await here.peer('raw')).toMatchObject({ journalSeq: 2 })
      await here.client.acceptPeer('raw')
      await here.waitImage('raw/mended')
      expect(await here.peer('raw')).toMatchObject({ fault: null, journalSeq: 3, lag: 0 })
      expect((await here.waitImage('raw/gold')).enabledAt).toBe(enabledAt)
      const asked = raw.requests.slice(requests).map(({ image }) => image)
      expect(new Set(asked)).toEqual(new Set([(await here.waitImage('raw/mended')).id]))
      await expect(here.client.acceptPeer('raw')).rejects.toMatchObject({
        code: 'conflict',
        hint: expect.stringContaining('query peerserver') as string,
      })
    },
  )

  test('a step back stops the intake from that peer alone', async () => {
    const { server, peer } = await createNetwork(['a', 'b'])
    await peer('a', 'b')
    const raw = (await RawPeer.start('raw')).serve()
    raw.publish('gold', content('gold'))
    raw.publish('silver', content('silver'))
    const here = server('b')
    await raw.registerOn(here, 'raw')
    await here.subscribeAll('raw')
    await here.waitImage('raw/silver')
    const [first] = raw.entries as [JournalEntry]
    raw.append(Buffer.of(1), () => first)
    expect(await here.waitFault('raw')).toContain('stepped back to entry 1')
    // Another peer is not touched by it.
    await here.subscribeAll('a')
    await server('a').importImage('other')
    await here.waitImage('a/other')
  })

  test('another journal id is a fault; accepted, what is not announced any more counts as withdrawn', async () => {
    const { raw, here, release } = await receiver()
    const { id: gold } = await here.waitImage('raw/gold')
    raw.renewJournal()
    raw.publish('fresh', content('fresh'))
    await here.stop()
    await here.start()
    await expectFault(here, 'another journal id')
    expect((await here.client.images({})).images).toMatchObject([
      { ref: 'raw/gold', atOrigin: 'announced' },
      { ref: 'raw/held', status: 'fetching' },
    ])
    await here.client.acceptPeer('raw')
    await here.waitImage('raw/fresh')
    expect(await here.waitJob('raw/held', ({ state }) => state === 'CANCELLED')).toMatchObject({
      reason: 'withdrawn',
    })
    release()
    expect((await here.client.images({ image: gold })).images).toMatchObject([
      { status: 'enabled', atOrigin: 'withdrawn' },
    ])
    expect((await here.client.images({ server: 'raw' })).images.map(({ name }) => name)).toEqual(['fresh'])
  })

  test('an image that is not in its series any more in a renewed journal is not wanted any more', async () => {
    const raw = (await RawPeer.start('raw')).serve()
    const { server } = await createNetwork(['b'])
    const here = server('b')
    const inserted = (image: Digest) =>
      encodeEvent({ type: 'series-inserted', series: 'lts', image, place: 1 })
    raw.append(encodeEvent({ type: 'series-created', series: 'lts' }))
    const held = raw.publish('held', content('held'))
    raw.append(inserted(held.id))
    raw.hold(held.id)
    await raw.registerOn(here, 'raw')
    await here.client.subscribe({ server: 'raw', selector: { kind: 'series', series: 'lts' } })
    await here.waitJob('raw/held', ({ state }) => state === 'FETCHING')
    raw.renewJournal()
    raw.append(encodeEvent({ type: 'series-created', series: 'lts' }))
    raw.append(encodeEvent({ type: 'image-published', image: held }))
    await here.stop()
    await here.start()
    await here.waitFault('raw')
    await here.client.acceptPeer('raw')
    expect(await here.waitJob('raw/held', ({ state }) => state === 'CANCELLED')).toMatchObject({
      reason: 'not wanted any more',
    })
  })

  test('a head of another key is a fault', async () => {
    const raw = (await RawPeer.start('raw')).serve()
    const other = await RawPeer.start('other')
    const { server } = await createNetwork(['b'])
    raw.publish('gold', content('gold'))
    other.journalId = raw.journalId
    raw.head = () => ({ ...other.head(), seq: 1 })
    await raw.registerOn(server('b'), 'raw')
    await expectFault(server('b'), 'not signed by its key')
    expect(await server('b').peer('raw')).toMatchObject({ journalSeq: 0 })
  })
})

describe('an entry', () => {
  const entryFaults: [string, (raw: RawPeer, other: RawPeer) => void, string][] = [
    [
      'of another origin',
      (raw, other) => {
        const image = other.publish('foreign', content('foreign'))
        raw.append(encodeEvent({ type: 'image-published', image }))
      },
      'did not create',
    ],
    [
      'with a wrong signature',
      (raw, other) => {
        const image = other.publish('forged', content('forged'), { origin: raw.key.peerId })
        raw.append(encodeEvent({ type: 'image-published', image }))
      },
      'signature does not verify',
    ],
  ]
  test.each(entryFaults)(
    'a manifest %s stops the intake; accepted, that entry alone is passed over',
    async (...fault) => {
      const [, breakIt, text] = fault
      const { raw, here, release } = await receiver()
      breakIt(raw, await RawPeer.start('other'))
      await expectFault(here, text)
      await expectStandstill(raw, here, release)
      const requests = raw.requests.length
      await here.client.acceptPeer('raw')
      await here.waitImage('raw/late')
      expect(await here.peer('raw')).toMatchObject({ fault: null, journalSeq: 4 })
      expect(new Set(raw.requests.slice(requests).map(({ image }) => image)).size).toBe(1)
      expect((await here.client.images({})).images.map(({ name }) => name)).toEqual(['gold', 'held', 'late'])
      expect((await here.client.audit({ operation: 'refuse entry' })).audit).toMatchObject([
        { subject: 'raw entry 3', outcome: 'the operator passed over this entry' },
      ])
      // A second one of the kind needs a second word.
      breakIt(raw, await RawPeer.start('another'))
      await expectFault(here, text)
    },
  )

  test('that is authentic and not acceptable is recorded as refused, and the intake goes on', async () => {
    const { raw, here, release } = await receiver()
    release()
    raw.append(
      encodeEvent({ type: 'series-inserted', series: 'none', image: testDigest('nothing'), place: 1 }),
    )
    raw.publish('gold', content('another gold')) // two images of one name
    raw.publish('late', content('late'))
    await here.waitImage('raw/late')
    expect(await here.peer('raw')).toMatchObject({ fault: null, journalSeq: 5 })
    const { audit } = await here.client.audit({ operation: 'refuse' })
    expect(audit.map(({ subject }) => subject)).toEqual(['raw entry 3', 'raw entry 4'])
    expect(audit[1]?.outcome).toContain('two images gold')
  })
})
