import { cp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { encodeEvent } from '../../src/wire/journal.ts'
import { createNetwork, type TestServer } from '../support/network.ts'
import { RawPeer } from '../support/raw-peer.ts'
import { tempDir } from '../support/temp-dir.ts'
import { waitFor } from '../support/wait-for.ts'

/** Copies the home of a server that does not run; the returned function puts the copy back. */
async function backup(server: TestServer): Promise<() => Promise<void>> {
  const copy = join(await tempDir(), 'backup')
  await cp(server.home, copy, { recursive: true, verbatimSymlinks: true })
  return async () => {
    await rm(server.home, { recursive: true })
    await cp(copy, server.home, { recursive: true, verbatimSymlinks: true })
  }
}

async function faultOf(server: TestServer): Promise<string> {
  return await waitFor(async () => (await server.client.server()).journalFault, {
    what: 'the fault of its own journal',
    timeoutMs: 20_000,
    dump: async () => await server.client.server(),
  })
}

/** What the operator of a restored server sees, and what it does not do. */
async function expectStandstill(origin: TestServer): Promise<void> {
  const fault = await faultOf(origin)
  expect((await origin.client.status()).server.journalFault).toBe(fault)
  expect((await origin.client.doctor()).checks.find(({ check }) => check === 'journal')).toMatchObject({
    result: 'failure',
    advice: expect.stringContaining('ingot renew journal') as string,
  })
  const { journalSeq } = await origin.client.server()
  const refusal = { code: 'conflict', hint: expect.stringContaining('renew journal') as string }
  await expect(origin.importImage('refused')).rejects.toMatchObject(refusal)
  await expect(origin.client.promoteImage({ image: 'kept', state: 'TESTABLE' })).rejects.toMatchObject(
    refusal,
  )
  await expect(origin.client.addSeries('refused')).rejects.toMatchObject(refusal)
  await origin.importImage('quiet', { state: 'TESTABLE' }) // what tells nobody goes on
  expect((await origin.client.server()).journalSeq).toBe(journalSeq)
  expect((await origin.client.images({})).images.map(({ name }) => name)).toEqual(['kept', 'quiet'])
}

/** A receiver `b` of everything of `a`: `kept` is in the backup of `a`, `lost` is not. `alone`: `b` does not run any more. */
async function restored({ alone = false } = {}) {
  const { server, peer } = await createNetwork(['a', 'b'])
  const [origin, here] = [server('a'), server('b')]
  await peer('a', 'b')
  await here.subscribeAll('a')
  await origin.client.addSeries('lts')
  await origin.importImage('kept', { series: ['lts'] })
  await here.waitImage('a/kept')
  await origin.stop()
  const restore = await backup(origin)
  await origin.start()
  await origin.importImage('lost')
  await here.waitImage('a/lost')
  await origin.stop()
  if (alone) await here.stop()
  await restore()
  await origin.start()
  return { server, peer, origin, here, restore }
}

async function accept(here: TestServer): Promise<void> {
  await here.waitFault('a')
  await here.waitLink('a', 'up')
  await here.client.acceptPeer('a')
}

describe('an origin that was restored from a backup', () => {
  test('learns it from its peers, stops publishing and says so; renewed and accepted, no content moves again', async () => {
    const { origin, here } = await restored()
    await expectStandstill(origin)
    await origin.stop() // it does not forget
    await origin.start()
    expect(await faultOf(origin)).toContain('b holds entry')
    const before = await origin.client.server()
    const kept = await here.waitImage('a/kept')
    const jobs = (await here.client.jobs({})).jobs.length
    const after = await origin.client.renewJournal(false)
    expect(after.journalFault).toBeNull()
    expect(after.journalId).not.toBe(before.journalId)
    await accept(here)
    await origin.importImage('new', { series: ['lts'] })
    await here.waitImage('a/new')
    expect((await here.client.jobs({})).jobs).toHaveLength(jobs + 1)
    expect((await here.waitImage('a/kept')).enabledAt).toBe(kept.enabledAt)
    expect((await here.client.images({ server: 'a' })).images.map(({ name }) => name)).toEqual([
      'kept',
      'new',
    ])
    expect((await here.client.series({ server: 'a' })).series[0]?.images.map(({ name }) => name)).toEqual([
      'kept',
      'new',
    ])
    // What was lost at the origin stays here, and counts as withdrawn.
    expect((await here.client.images({ image: 'a/lost' })).images).toMatchObject([
      { status: 'enabled', atOrigin: 'withdrawn' },
    ])
    expect((await origin.client.server()).journalFault).toBeNull()
    expect((await here.client.doctor()).checks.find(({ check }) => check === 'peer a')).toMatchObject({
      result: 'ok',
    })
  })

  test('a subscription to what is new takes nothing old anew from the renewed journal', async () => {
    const { server, peer } = await createNetwork(['a', 'b'])
    await peer('a', 'b')
    await server('a').importImage('old')
    await server('b').client.subscribe({ server: 'a', selector: { kind: 'all' }, newOnly: true })
    await server('a').client.renewJournal(true)
    await accept(server('b'))
    await server('a').importImage('new')
    await server('b').waitImage('a/new')
    expect((await server('b').client.jobs({})).jobs.map(({ image }) => image)).toEqual(['a/new'])
  })

  test('that published on before it heard of it: receivers hold on to what they had, and take the rest anew', async () => {
    const { server, origin, here } = await restored({ alone: true })
    // It writes other entries under numbers that its peer holds already.
    const forked = await origin.importImage('forked')
    await origin.importImage('forked-too')
    await here.start()
    expect(await here.waitFault('a')).toContain('its journal has a fork')
    expect(await faultOf(origin)).toContain('b holds entry')
    expect((await here.client.images({})).images.map(({ name }) => name)).toEqual(['kept', 'lost'])
    await origin.client.renewJournal(false)
    await accept(here)
    expect(await here.waitImage('a/forked')).toMatchObject({ id: forked.id })
    await here.waitImage('a/forked-too')
    expect((await server('b').client.images({ image: 'a/lost' })).images).toMatchObject([
      { atOrigin: 'withdrawn' },
    ])
  })

  test('restored a second time, from before the renewal: it learns that too, and one renewal mends it', async () => {
    const { origin, here, restore } = await restored()
    await faultOf(origin)
    await origin.client.renewJournal(false)
    await accept(here)
    await origin.importImage('between')
    await here.waitImage('a/between')
    const { journalId: second } = await origin.client.server()
    await origin.stop()
    await restore()
    await origin.start()
    expect(await faultOf(origin)).toContain('a later journal')
    await expectStandstill(origin)
    const { journalId: third } = await origin.client.renewJournal(false)
    expect(third).not.toBe(second)
    // The peer comes again with its position on the second journal: that was given up, and is no fault any more.
    await here.waitFault('a')
    await origin.waitLink('b', 'up')
    await here.waitLink('a', 'up')
    expect((await origin.client.server()).journalFault).toBeNull()
    await accept(here)
    await origin.importImage('after')
    await here.waitImage('a/after')
    expect((await here.client.images({ image: 'a/between' })).images).toMatchObject([
      { atOrigin: 'withdrawn' },
    ])
    expect((await origin.client.server()).journalFault).toBeNull()
  })

  test('a peer that was away during the renewal does not make it faulty again', async () => {
    const { server, peer } = await createNetwork(['a', 'b', 'c'])
    const [origin, here, away] = [server('a'), server('b'), server('c')]
    await peer('a', 'b')
    await peer('a', 'c')
    await origin.importImage('kept')
    await origin.stop()
    const restore = await backup(origin)
    await origin.start()
    await origin.client.renewJournal(true)
    for (const each of [here, away]) {
      await accept(each)
      await each.client.images({ server: 'a' })
    }
    await away.stop()
    await origin.stop()
    await restore()
    await origin.start()
    expect(await faultOf(origin)).toContain('b holds entry')
    await origin.client.renewJournal(false)
    await accept(here)
    await away.start()
    await accept(away)
    expect((await origin.client.server()).journalFault).toBeNull()
    await origin.importImage('new')
    for (const each of [here, away])
      expect((await each.client.images({ server: 'a' })).images.map(({ name }) => name)).toEqual([
        'kept',
        'new',
      ])
  })

  test('a journal in order is renewed with force alone', async () => {
    const { server } = await createNetwork(['a'])
    const { journalId } = await server('a').client.server()
    await expect(server('a').client.renewJournal(false)).rejects.toMatchObject({
      code: 'conflict',
      hint: expect.stringContaining('--force') as string,
    })
    expect((await server('a').client.server()).journalId).toBe(journalId)
    expect((await server('a').client.renewJournal(true)).journalId).not.toBe(journalId)
  })
})

describe('what was taken back', () => {
  test('a new peer gets neither name nor manifest of what was withdrawn or deleted, only the chain', async () => {
    const { server } = await createNetwork(['a'])
    const origin = server('a')
    await origin.client.addSeries('lts')
    const gone = [
      await origin.importImage('xyzzy-withdrawn', { series: ['lts'], description: 'xyzzy-description' }),
      await origin.importImage('xyzzy-deleted'),
    ]
    await origin.importImage('open', { series: ['lts'] })
    await origin.client.promoteImage({ image: 'xyzzy-withdrawn', state: 'RESTRICTED' })
    await origin.client.deleteImage('xyzzy-deleted')
    const raw = await RawPeer.start('raw')
    await raw.registerOn(origin, 'raw')
    const entries = await raw.readJournal(origin, 8)
    const bodies = entries.map(({ body }) => (body === undefined ? undefined : Buffer.from(body)))
    const sent = Buffer.concat(bodies.filter((body) => body !== undefined))
    expect(sent.includes('xyzzy')).toBe(false)
    for (const { content, sha256 } of gone)
      for (const digest of [content, sha256])
        expect(sent.includes(Buffer.from((digest as string).slice(7), 'hex'))).toBe(false)
    expect(sent.includes('open')).toBe(true)
    expect(bodies.map((body) => body !== undefined)).toEqual([
      true,
      false,
      false,
      false,
      true,
      true,
      true,
      true,
    ])
    expect(
      bodies[6]?.equals(encodeEvent({ type: 'image-withdrawn', image: gone[0]?.id as `sha256:${string}` })),
    ).toBe(true)
    // A receiver verifies the chain over what is not there.
    const { server: more } = await createNetwork(['b'])
    await origin.client.register({ serverData: (await more('b').client.serverData()).serverData })
    await more('b').register(origin)
    await more('b').waitLink('a', 'up')
    await origin.waitLink('b', 'up')
    expect((await more('b').client.images({ server: 'a' })).images.map(({ name }) => name)).toEqual(['open'])
    expect(await more('b').peer('a')).toMatchObject({ journalSeq: 8, fault: null })
    expect(await more('b').knows('xyzzy')).toBe(false)
  })
})
