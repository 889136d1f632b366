import { describe, expect, test } from 'vitest'
import { createNetwork } from '../support/network.ts'
import { rawContent } from '../support/raw-content.ts'
import { RawPeer } from '../support/raw-peer.ts'
import { randomBytes } from '../support/files.ts'
import { waitFor } from '../support/wait-for.ts'

const conflict = (hint: string) => ({
  code: 'conflict',
  hint: expect.stringContaining(hint) as string,
})
const kinds = ['client', 'target'] as const

describe('one name means one machine', () => {
  test.each(kinds)('a peer is not registered under the name of a %s', async (kind) => {
    const { server } = await createNetwork(['a', 'b'])
    await server('a').client.addMember(`${kind}s`, 'b')
    await expect(server('a').register(server('b'))).rejects.toMatchObject(conflict('--server NAME'))
    expect((await server('a').client.peers({})).peers).toEqual([])
    await server('a').register(server('b'), { server: 'bravo' })
    // Gone with the client or target, and only then.
    await server('a').client.unregister('bravo', true)
    await server('a').client.deleteMember(`${kind}s`, 'b')
    await server('a').register(server('b'))
  })

  test.each(kinds)('a %s is not added under the name of a peer, of a client or of a target', async (kind) => {
    const { server } = await createNetwork(['a', 'b'])
    const { client } = server('a')
    await server('a').register(server('b'))
    await client.addMember('clients', 'edge')
    await client.addMember('targets', 'rack')
    for (const name of ['b', 'edge', 'rack']) {
      await expect(client.addMember(`${kind}s`, name)).rejects.toMatchObject(conflict('choose another'))
    }
    expect((await client.members('clients', {}))['clients']).toMatchObject([{ name: 'edge' }])
    expect((await client.members('targets', {}))['targets']).toMatchObject([{ name: 'rack' }])
    await client.unregister('b', true)
    await client.addMember(`${kind}s`, 'b') // nothing of b is here
  })

  test('the name of an unregistered peer stays bound to its key while replicas of it are here', async () => {
    const { server, peer } = await createNetwork(['a', 'b', 'c'])
    await peer('a', 'b')
    await server('b').subscribeAll('a')
    await server('a').importImage('gold')
    await server('b').waitImage('a/gold')
    await server('b').client.unregister('a', false)
    await expect(server('b').register(server('c'), { server: 'a' })).rejects.toMatchObject(
      conflict('--server NAME'),
    )
    for (const kind of kinds) {
      await expect(server('b').client.addMember(`${kind}s`, 'a')).rejects.toMatchObject({
        ...conflict('choose another'),
        message: expect.stringContaining('replicas remain') as string,
      })
    }
    await expect(server('b').register(server('a'), { server: 'alpha' })).rejects.toMatchObject(
      conflict('--server a'),
    )
    // With the last replica the binding ends.
    await server('b').client.deleteImage('a/gold')
    await server('b').client.addMember('clients', 'a')
    await server('b').register(server('a'), { server: 'alpha' })
  })

  test("a peer may have this server's own name; the files of both stay apart", async () => {
    const { server } = await createNetwork(['hq', 'b'])
    await server('hq').register(server('b'), { server: 'hq' })
    await server('b').register(server('hq'))
    await server('hq').waitLink('hq', 'up')
    await server('b').waitLink('hq', 'up')
    await server('b').importImage('gold', { seed: 'theirs' })
    await server('hq').subscribeAll('hq')
    const theirs = await server('hq').waitImage('hq/gold')
    const own = await server('hq').importImage('gold', { seed: 'ours' })
    expect(own.link).not.toBe(theirs.link)
    expect((await server('hq').client.images({ image: 'hq/gold' })).images).toMatchObject([{ id: theirs.id }])
    expect((await server('hq').client.images({ image: './gold' })).images).toMatchObject([{ id: own.id }])
  })

  test('clients and targets are listed and deleted each by its kind, also after a restart', async () => {
    const { server } = await createNetwork(['a'])
    const { client } = server('a')
    await client.addMember('clients', 'edge')
    await client.addMember('targets', 'rack')
    await server('a').stop()
    await server('a').start()
    for (const gone of [
      client.deleteMember('targets', 'edge'),
      client.deleteMember('clients', 'nobody'),
      client.members('clients', { name: 'rack' }),
    ]) {
      await expect(gone).rejects.toMatchObject({
        code: 'not-found',
        hint: expect.stringMatching(/ingot query (client|target)/) as string,
      })
    }
    await expect(client.addMember('clients', '../edge')).rejects.toMatchObject({ code: 'usage' })
    await client.deleteMember('clients', 'edge')
    expect((await client.members('clients', {}))['clients']).toEqual([])
    expect((await client.members('targets', { name: 'rack' }))['targets']).toHaveLength(1)
  })
})

describe('the end of a relation', () => {
  const content = rawContent(randomBytes(200_000, 'content'))

  test('the origin that unregisters cuts the live transfer; the receiver is suspended and keeps its configuration', async () => {
    const { server, peer } = await createNetwork(['a', 'b'], { messagesPerSecond: 8 })
    await peer('a', 'b')
    await server('a').importImage('gold', { length: 40_000_000 })
    await server('b').subscribeAll('a')
    await server('a').subscribeAll('b')
    await server('b').waitPeer('a', ({ theirSubscriptions }) => theirSubscriptions.length === 1)
    await server('b').waitJob('a/gold', ({ state, bytesDone }) => state === 'FETCHING' && bytesDone > 0)
    await server('a').client.unregister('b', false)
    await server('b').waitLink('a', 'suspended')
    const job = await server('b').waitJob('a/gold', ({ state }) => state === 'WAITING')
    expect(job).toMatchObject({ reason: 'peer-unreachable', retryAt: null })
    expect(await server('b').peer('a')).toMatchObject({
      status: 'suspended',
      subscriptions: ['all'],
      theirSubscriptions: [],
    })
    expect((await server('a').client.peers({})).peers).toEqual([])
    expect((await server('a').client.images({ image: './gold', holders: true })).images[0]?.holders).toEqual(
      [],
    )
    // It does not dial until one of the two operators acts, while it tries again and again with another that is not there.
    await server('b').stop()
    const before = server('a').log.length
    await server('b').start()
    await server('b').waitLink('a', 'suspended')
    const gone = await RawPeer.start('gone')
    const serverData = gone.serverData('gone')
    await gone.host.stop()
    await server('b').client.register({ serverData })
    for (let pause = 0, last: string | null = null; pause < 4; pause++)
      ({ retryAt: last } = await server('b').waitPeer(
        'gone',
        ({ retryAt }) => retryAt !== null && retryAt !== last,
      ))
    const since = server('a').log.slice(before)
    expect(since.filter(({ message }) => message.startsWith('refused a server'))).toEqual([])
    await server('b').waitLink('a', 'suspended')
    await expect(server('b').client.images({ server: 'a' })).rejects.toMatchObject({
      code: 'peer-unreachable',
    })
    await server('b').client.unregister('a', false) // no force: there is nobody to tell
    expect(await server('b').list('images', 'staging')).toEqual([])
  })

  test('a suspended relation goes on when the other side registers again, and the job where it was', async () => {
    const { server, peer } = await createNetwork(['a', 'b'])
    await peer('a', 'b')
    await server('b').subscribeAll('a')
    await server('a').client.unregister('b', false)
    await server('b').waitLink('a', 'suspended')
    await server('a').importImage('gold')
    await server('a').register(server('b'))
    await server('b').waitImage('a/gold')
    expect(await server('b').peer('a')).toMatchObject({ status: 'registered', link: 'up' })
  })

  test('the receiver that unregisters: its jobs and their partial data go, and the origin forgets what it wanted', async () => {
    const raw = (await RawPeer.start('raw')).serve()
    const { server } = await createNetwork(['b'])
    const { id } = raw.publish('gold', content)
    raw.hold(id)
    await raw.registerOn(server('b'), 'raw')
    await server('b').subscribeAll('raw')
    await server('b').waitJob('raw/gold', ({ state }) => state === 'FETCHING')
    await server('b').client.unregister('raw', true)
    expect((await server('b').client.jobs({})).jobs).toMatchObject([
      { state: 'CANCELLED', reason: 'the peer was unregistered' },
    ])
    expect(await server('b').list('images', 'staging')).toEqual([])
    expect((await server('b').client.subscriptions({})).subscriptions).toEqual([])
    await waitFor(() => raw.host.connectionsOf(server('b').peerId).length === 0, { what: 'the cut' })
  })

  test('a peer that is away is unregistered with force alone; the error says so, and nothing has changed', async () => {
    const { server, peer } = await createNetwork(['a', 'b'])
    await peer('a', 'b')
    await server('b').subscribeAll('a')
    await server('a').stop()
    await server('b').waitLink('a', 'down')
    await expect(server('b').client.unregister('a', false)).rejects.toMatchObject({
      code: 'peer-unreachable',
      hint: expect.stringContaining('--force') as string,
    })
    expect(await server('b').peer('a')).toMatchObject({ status: 'registered', subscriptions: ['all'] })
    await server('b').client.unregister('a', true)
    await expect(server('b').client.unregister('a', true)).rejects.toMatchObject({ code: 'not-found' })
    // The side that was away finds the gate shut and says why.
    await server('a').start()
    const { reason } = await server('a').waitPeer('b', ({ link }) => link === 'down')
    expect(reason).toContain('not registered there (or cut)')
  })

  test('registered again, the journal goes on where it was: nothing is taken twice, and only new stays only new', async () => {
    const { server, peer } = await createNetwork(['a', 'b'])
    await peer('a', 'b')
    for (const name of ['old', 'second', 'third']) await server('a').importImage(name, { length: 10 })
    await server('b').subscribeImage('a', 'old')
    const old = await server('b').waitImage('a/old')
    await server('a').importImage('skipped', { state: 'TESTABLE' })
    await server('b').client.unregister('a', false)
    await server('a').importImage('while-apart')
    await server('a').client.promoteImage({ image: 'skipped', state: 'PUBLISHED' })
    await server('b').register(server('a'))
    await server('b').waitLink('a', 'up')
    await server('b').client.subscribe({ server: 'a', selector: { kind: 'all' }, newOnly: true })
    expect(await server('b').peer('a')).toMatchObject({ journalSeq: 5, lag: 0 })
    await server('a').importImage('new')
    await server('b').waitImage('a/new')
    const { images, jobs } = {
      ...(await server('b').client.images({})),
      ...(await server('b').client.jobs({})),
    }
    expect(images.map(({ ref }) => ref)).toEqual(['a/new', 'a/old'])
    expect(images.find(({ name }) => name === 'old')).toMatchObject({ id: old.id, enabledAt: old.enabledAt })
    expect(jobs.map(({ image }) => image)).toEqual(['a/old', 'a/new'])
  })
})

describe('query peerserver', () => {
  test('shows the link, the last contact, the lag and the selectors of both sides', async () => {
    const { server, peer } = await createNetwork(['a', 'b'])
    await peer('a', 'b')
    await server('a').importImage('gold')
    await server('b').subscribeAll('a')
    await server('b').client.subscribe({ server: 'a', selector: { kind: 'series', series: 'lts' } })
    await server('a').client.subscribe({ server: 'b', selector: { kind: 'imagetype', imageType: 'ISO' } })
    const b = await server('a').waitPeer('b', ({ theirSubscriptions }) => theirSubscriptions.length === 2)
    expect(b).toMatchObject({
      link: 'up',
      status: 'registered',
      fault: null,
      lag: 0,
      journalSeq: 0,
      subscriptions: ['imagetype ISO'],
      theirSubscriptions: ['all', 'series lts'],
    })
    await server('b').waitPeer('a', ({ theirSubscriptions }) => theirSubscriptions.length === 1)
    expect(await server('b').peer('a')).toMatchObject({
      journalSeq: 1,
      lag: 0,
      subscriptions: ['all', 'series lts'],
    })
    await server('b').client.unsubscribe({ server: 'a', selector: { kind: 'all' } })
    await server('a').waitPeer('b', ({ theirSubscriptions }) => theirSubscriptions.join() === 'series lts')
    await server('b').stop()
    const away = await server('a').waitPeer('b', ({ link }) => link === 'down')
    expect(Date.parse(away.lastContact as string)).toBeGreaterThanOrEqual(Date.parse(b.lastContact as string))
    expect(away).toMatchObject({ linkSince: null, theirSubscriptions: ['series lts'] })
    expect(away.reason).not.toBeNull()
  })

  test('the lag is what a peer is known to have and what is not taken in', async () => {
    const raw = (await RawPeer.start('raw')).serve()
    const { server } = await createNetwork(['b'])
    for (let i = 0; i < 5; i++)
      raw.append(Buffer.from('x'), i === 2 ? (entry) => ({ ...entry, time: 1 }) : undefined)
    await raw.registerOn(server('b'), 'raw')
    await server('b').waitFault('raw')
    expect(await server('b').peer('raw')).toMatchObject({ journalSeq: 2, lag: 3 })
  })

  test('a peer is told which image of its own or of ours a selector names, and never that of a third server', async () => {
    const { server, peer } = await createNetwork(['a', 'b', 'c'])
    await peer('a', 'b')
    await peer('b', 'c')
    await server('b').subscribeAll('a')
    const third = await server('a').importImage('gold')
    await server('b').waitImage('a/gold')
    await server('b').importImage('ours')
    await server('c').importImage('theirs')
    for (const image of ['a/gold', './ours', 'theirs']) await server('b').subscribeImage('c', image)
    const seen = await server('c').waitPeer('b', ({ theirSubscriptions }) => theirSubscriptions.length === 3)
    expect(seen.theirSubscriptions.toSorted()).toEqual([
      'image ./theirs',
      'image b/ours',
      'image of another server',
    ])
    for (const trace of [third.id, third.name, server('a').peerId]) {
      expect(await server('c').knows(trace), trace).toBe(false)
    }
    // Also when the third server has gone and taken its image back.
    await server('a').client.deleteImage('gold')
    await server('b').waitPeer('a', ({ journalSeq }) => journalSeq === 2)
    await server('b').client.deleteImage('a/gold')
    await server('b').client.unregister('a', false)
    await server('b').subscribeImage('c', './ours', { priority: 1 })
    await server('b').stop()
    await server('b').start()
    await server('b').waitLink('c', 'up')
    await server('c').importImage('last')
    await server('b').client.images({ server: 'c' })
    expect(await server('c').knows(third.id)).toBe(false)
  })

  test('modify peerserver: the new addresses are dialled at once; what is no address is refused', async () => {
    const { server } = await createNetwork(['a', 'b'])
    await server('a').register(server('b'))
    const { addresses } = await server('b').client.server()
    const { client } = server('a')
    await client.modifyPeer('b', { addresses: ['/ip4/127.0.0.1/tcp/1'] })
    expect(await server('a').peer('b')).toMatchObject({ addresses: ['/ip4/127.0.0.1/tcp/1'] })
    await server('b').client.register({ serverData: (await client.serverData()).serverData })
    // b only answers: the addresses that a has are the only way.
    await server('b').client.modifyPeer('a', { addresses: ['/ip4/127.0.0.1/tcp/1'] })
    await server('b').stop()
    await server('b').start()
    for (const wrong of ['b.example.com:4160', '/ip4/1.2.3.4/udp/4160/quic-v1', '']) {
      await expect(client.modifyPeer('b', { addresses: [wrong] })).rejects.toMatchObject({ code: 'usage' })
    }
    await expect(client.modifyPeer('c', { addresses })).rejects.toMatchObject({ code: 'not-found' })
    await client.modifyPeer('b', { addresses })
    await server('a').waitLink('b', 'up')
    expect((await server('a').peer('b')).addresses).toContain(addresses[0])
  })
})
