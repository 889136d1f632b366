import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { AuditDocument, ErrorDocument, EventLine } from '../../src/control/documents.ts'
import { randomBytes } from '../support/files.ts'
import { createNetwork, type TestServer } from '../support/network.ts'
import { rawContent } from '../support/raw-content.ts'
import { RawPeer } from '../support/raw-peer.ts'
import { waitFor } from '../support/wait-for.ts'

const all = { kind: 'all' } as const

async function audit(server: TestServer, query = {}): Promise<AuditDocument[]> {
  return (await server.client.audit(query)).audit
}

/** Waits for what has to be refused. */
async function refused(...operations: Promise<unknown>[]): Promise<void> {
  const ends = await Promise.allSettled(operations)
  expect(ends.map(({ status }) => status)).toEqual(operations.map(() => 'rejected'))
}

describe('the audit log', () => {
  test('has every operation that changes something, with its outcome', async () => {
    const { server } = await createNetwork(['a', 'b'])
    const { client } = server('a')
    await server('a').register(server('b'))
    await server('b').register(server('a'))
    await server('a').waitLink('b', 'up')
    await server('b').waitLink('a', 'up')
    await server('b').importImage('theirs')
    const { addresses } = await server('b').client.server()
    await client.modifyPeer('b', { addresses })
    await client.addSeries('lts')
    await client.addImageType('VM', 'DISK')
    await client.addMember('clients', 'edge')
    await client.addMember('targets', 'rack')
    await server('a').importImage('gold', { imageType: 'VM' })
    await server('a').importImage('child', { parent: './gold' })
    await client.insertImage({ series: 'lts', image: 'gold' })
    await client.removeImage({ series: 'lts', image: 'gold' })
    await client.promoteImage({ image: 'gold', state: 'RESTRICTED' })
    await client.subscribe({ server: 'b', selector: all })
    await client.modifySubscription({ server: 'b', selector: all, priority: 3 })
    await server('a').waitImage('b/theirs')
    await client.adoptImage({ image: 'b/theirs', as: 'ours' })
    await client.deleteImage('b/theirs')
    await client.unsubscribe({ server: 'b', selector: all })
    await client.deleteSeries('lts', false)
    await client.deleteImage('gold')
    await client.deleteImage('child')
    await client.deleteImageType('VM')
    await client.deleteMember('clients', 'edge')
    await client.deleteMember('targets', 'rack')
    await client.renewJournal(true)
    await server('a').waitLink('b', 'up')
    await server('b').waitFault('a')
    await server('b').client.acceptPeer('a')
    await client.unregister('b', true)
    expect(
      (await audit(server('a'))).map(({ operation, subject, outcome }) => [operation, subject, outcome]),
    ).toEqual([
      ['register server', 'b', 'done'],
      ['modify peerserver', `b ${addresses.join(' ')}`, 'done'],
      ['add series', 'lts', 'done'],
      ['add imagetype', 'VM on DISK', 'done'],
      ['add client', 'edge', 'done'],
      ['add target', 'rack', 'done'],
      ['import image', 'gold', 'done'],
      ['add image', 'child', 'done'],
      ['insertimage series', 'lts gold', 'done'],
      ['deleteimage series', 'lts gold', 'done'],
      ['promote image', './gold to RESTRICTED', 'done'],
      ['instantiate image', 'b all', 'done'],
      ['modify subscription', 'b all', 'done'],
      ['adopt image', 'b/theirs as ours', 'done'],
      ['delete image', 'b/theirs', 'done'],
      ['uninstantiate image', 'b all', 'done'],
      ['delete series', 'lts', 'done'],
      ['delete image', './gold', 'done'],
      ['delete image', './child', 'done'],
      ['delete imagetype', 'VM', 'done'],
      ['delete client', 'edge', 'done'],
      ['delete target', 'rack', 'done'],
      ['renew journal', 'a', 'done'],
      ['unregister server', 'b', 'done'],
    ])
    expect((await audit(server('b'))).at(-1)).toMatchObject({ operation: 'accept peerserver', subject: 'a' })
  })

  test('has what was refused too, with why, and nothing of mere questions', async () => {
    const { server } = await createNetwork(['a', 'b'])
    const { client } = server('a')
    await server('a').register(server('b'))
    const name = 'nobody'
    await refused(
      client.register({ serverData: 'hello' }),
      client.unregister(name, false),
      client.modifyPeer('b', { addresses: ['nonsense'] }),
      client.acceptPeer('b'),
      client.acceptPeer(name),
      client.renewJournal(false),
      server('a').importImage(name, { path: '/does/not/exist' }),
      server('a').importImage(name, { parent: name, path: '/does/not/exist' }),
      client.promoteImage({ image: name, state: 'TESTABLE' }),
      client.adoptImage({ image: name }),
      client.deleteImage(name),
      client.deleteSeries(name, false),
      client.insertImage({ series: name, image: name }),
      client.removeImage({ series: name, image: name }),
      client.addImageType('DISK', 'OS'),
      client.deleteImageType(name),
      client.addMember('clients', 'b'),
      client.deleteMember('targets', name),
      client.subscribe({ server: 'b', selector: all }), // it has not registered us
      client.subscribe({ server: name, selector: all }),
      client.modifySubscription({ server: 'b', selector: all }),
      client.unsubscribe({ server: 'b', selector: { kind: 'image', image: name } }),
      client.controlJob(7, 'pause'),
      client.controlJob(7, 'retry'),
      client.resolveJob(7, { resolution: 'keep' }),
    )
    await refused(
      client.subscribe({ server: 'b', selector: all, dryRun: true }),
      client.images({ image: name }),
    )
    const failed = await audit(server('a'), { failed: true })
    expect(failed.map(({ operation, subject }) => `${operation}: ${subject}`).toSorted()).toEqual(
      [
        'register server: unreadable server data',
        'unregister server: nobody',
        'modify peerserver: b nonsense',
        'accept peerserver: b',
        'accept peerserver: nobody',
        'renew journal: a',
        'import image: nobody',
        'add image: nobody',
        'promote image: nobody to TESTABLE',
        'adopt image: nobody',
        'delete image: nobody',
        'delete series: nobody',
        'insertimage series: nobody nobody',
        'deleteimage series: nobody nobody',
        'add imagetype: DISK on OS',
        'delete imagetype: nobody',
        'add client: b',
        'delete target: nobody',
        'instantiate image: b all',
        'instantiate image: nobody all',
        'modify subscription: b all',
        'uninstantiate image: b image nobody',
        'pause job: 7',
        'retry job: 7',
        'resolve job: 7 by keep',
      ].toSorted(),
    )
    for (const { outcome } of failed) expect(outcome).not.toBe('done')
    expect(failed.find(({ operation }) => operation === 'promote image')?.outcome).toBe(
      'no image nobody is here',
    )
    expect(await audit(server('a'))).toHaveLength(failed.length + 1)
  })

  test('has what the operator says of jobs, by number and image', async () => {
    const raw = (await RawPeer.start('raw')).serve()
    const { server } = await createNetwork(['b'])
    const { id: image } = raw.publish('gold', rawContent(randomBytes(1_000, 'gold')))
    raw.hold(image)
    await raw.registerOn(server('b'), 'raw')
    await server('b').subscribeAll('raw')
    const { id } = await server('b').waitJob('raw/gold', ({ state }) => state === 'FETCHING')
    for (const action of ['pause', 'resume', 'cancel', 'retry'] as const)
      await server('b').client.controlJob(id, action)
    expect((await audit(server('b'), { subject: 'raw/gold' })).map(({ operation }) => operation)).toEqual([
      'pause job',
      'resume job',
      'cancel job',
      'retry job',
    ])
  })

  test('is asked by time, operation, subject, outcome and number, and outlives a restart', async () => {
    const { server } = await createNetwork(['a'])
    const { client } = server('a')
    for (const name of ['one', 'two', 'three']) await client.addMember('clients', name)
    await refused(client.addMember('targets', 'two'))
    await client.deleteMember('clients', 'two')
    await server('a').stop()
    await server('a').start()
    const every = await audit(server('a'))
    expect(every.map(({ operation, subject }) => `${operation} ${subject}`)).toEqual([
      'add client one',
      'add client two',
      'add client three',
      'add target two',
      'delete client two',
    ])
    const subjects = async (query: object) => (await audit(server('a'), query)).map(({ subject }) => subject)
    expect(await subjects({ operation: 'add client' })).toEqual(['one', 'two', 'three'])
    expect(await subjects({ operation: 'add' })).toEqual(['one', 'two', 'three', 'two'])
    expect(await subjects({ operation: 'ad' })).toEqual([])
    expect(await subjects({ subject: 'hre' })).toEqual(['three'])
    expect(await subjects({ failed: true })).toEqual(['two'])
    expect(await subjects({ limit: 2 })).toEqual(['two', 'two']) // the newest, oldest first
    expect(await subjects({ operation: 'add', subject: 'two', failed: true, limit: 1 })).toEqual(['two'])
    const times = every.map(({ time }) => Date.parse(time))
    const last = times.at(-1) as number
    const before = every.filter(({ time }) => Date.parse(time) < last).map(({ subject }) => subject)
    expect(await subjects({ to: last })).toEqual(before)
    expect(await subjects({ from: last })).toEqual(every.slice(before.length).map(({ subject }) => subject))
    expect(await subjects({ from: last + 1 })).toEqual([])
    await expect(client.audit({ limit: 0 })).rejects.toMatchObject({ code: 'usage' })
    await expect(client.audit({ from: -1 })).rejects.toMatchObject({ code: 'usage' })
  })

  test('keeps so many records and forgets the oldest, also those that a peer causes', async () => {
    const { server } = await createNetwork(['a'], { auditRecords: 5 })
    for (let i = 0; i < 8; i++) await server('a').client.addMember('clients', `edge-${i}`)
    expect((await audit(server('a'))).map(({ subject }) => subject)).toEqual(
      [3, 4, 5, 6, 7].map((i) => `edge-${i}`),
    )
    const raw = await RawPeer.start('raw')
    for (let i = 0; i < 10; i++) raw.append(randomBytes(40, `no event ${i}`))
    await raw.registerOn(server('a'), 'raw')
    await server('a').waitPeer('raw', ({ journalSeq }) => journalSeq === 10)
    const last = await audit(server('a'))
    expect(last).toHaveLength(5)
    expect(last.some(({ operation }) => operation === 'refuse entry')).toBe(true)
  })
})

describe('events', () => {
  /** Follows the events of a server, from when this resolves until `stop()`. Throws what the server answers instead. */
  async function watch(
    server: TestServer,
  ): Promise<{ lines: EventLine[]; ended: Promise<unknown>; stop: () => void }> {
    const request = get({ socketPath: join(server.home, 'run', 'control.sock'), path: '/v1/events' })
    const [response] = (await once(request, 'response')) as [IncomingMessage]
    response.setEncoding('utf8').on('error', () => {}) // 'close' follows
    if (response.statusCode !== 200) {
      const [text] = (await once(response, 'data')) as [string]
      throw Object.assign(new Error('refused'), (JSON.parse(text) as ErrorDocument).error)
    }
    const lines: EventLine[] = []
    let rest = ''
    response.on('data', (text: string) => {
      const texts = (rest + text).split('\n')
      rest = texts.pop() ?? ''
      lines.push(...texts.map((line) => JSON.parse(line) as EventLine))
    })
    const ended = new Promise((resolve) => response.once('close', resolve))
    return { lines, ended, stop: () => request.destroy() }
  }

  test('tell of links, images, jobs, subscriptions and the audit log, as they happen', async () => {
    const { server, peer } = await createNetwork(['a', 'b'])
    const { lines, stop, ended } = await watch(server('b'))
    await peer('a', 'b')
    await server('b').subscribeAll('a')
    await server('a').importImage('gold')
    await server('b').waitImage('a/gold')
    await server('a').client.deleteImage('gold')
    await waitFor(() => lines.some(({ type, status }) => type === 'image' && status === 'deleted'), {
      what: 'the end of the image',
      dump: () => lines,
    })
    expect(lines).toContainEqual(
      expect.objectContaining({ type: 'peer', peer: 'a', link: 'up', reason: null }),
    )
    expect(lines).toContainEqual(
      expect.objectContaining({ type: 'subscription', peer: 'a', change: 'added' }),
    )
    expect(lines).toContainEqual(
      expect.objectContaining({
        type: 'audit',
        operation: 'instantiate image',
        subject: 'a all',
        outcome: 'done',
      }),
    )
    const jobs = lines.filter(({ type }) => type === 'job').map(({ state }) => state)
    expect(jobs.filter((state, i) => state !== jobs[i - 1])).toEqual([
      'PLANNING',
      'FETCHING',
      'ENABLING',
      'DONE',
    ])
    expect(lines.filter(({ type }) => type === 'image').map(({ ref, status }) => [ref, status])).toEqual([
      ['a/gold', 'enabled'],
      ['a/gold', 'deleted'],
    ])
    for (const { time } of lines) expect(new Date(time).toISOString()).toBe(time)
    stop()
    await ended
  })

  test('come to a program as they happen, until it stops', async () => {
    const { server } = await createNetwork(['a'])
    const stop = new AbortController()
    const events = server('a').client.events(stop.signal)
    let first: EventLine | undefined
    const coming = events.next().then(({ value }) => (first = value as EventLine))
    let count = 0
    await waitFor(
      async () => {
        await server('a').client.addMember('clients', `edge-${count++}`)
        return first
      },
      { what: 'an event' },
    )
    await coming
    expect(first).toMatchObject({ type: 'audit', operation: 'add client', outcome: 'done' })
    stop.abort()
    await expect(Array.fromAsync(events)).rejects.toThrow()
  })

  test('end with the server, and the next one takes watchers anew', async () => {
    const { server } = await createNetwork(['a'])
    const { ended, lines } = await watch(server('a'))
    await server('a').client.addMember('clients', 'edge')
    await waitFor(() => lines.length > 0, { what: 'an event' })
    await server('a').stop()
    await ended
    await server('a').start()
    const again = await watch(server('a'))
    await server('a').client.addMember('clients', 'other')
    await waitFor(() => again.lines.length > 0, { what: 'an event' })
    again.stop()
  })

  test('more watchers than the limit are refused, and one that goes makes room', async () => {
    const { server } = await createNetwork(['a'], { eventWatchers: 2 })
    const [first] = [await watch(server('a')), await watch(server('a'))]
    const refusal = { code: 'busy', hint: expect.stringContaining('eventWatchers') as string }
    await expect(watch(server('a'))).rejects.toMatchObject(refusal)
    first.stop()
    await first.ended
    await waitFor(
      async () =>
        await watch(server('a')).then(
          () => true,
          () => false,
        ),
      { what: 'room' },
    )
  })

  test('a watcher that does not read is cut, and nobody else notices', async () => {
    const { server } = await createNetwork(['a'], { eventBacklogBytes: 20_000 })
    const reader = await watch(server('a'))
    const deaf = connect(join(server('a').home, 'run', 'control.sock'))
    await once(deaf, 'connect')
    deaf.write('GET /v1/events HTTP/1.1\r\nhost: a\r\n\r\n')
    await once(deaf, 'readable') // the head of the answer is there; nothing is read
    let closed = false
    deaf.on('error', () => {})
    deaf.on('close', () => (closed = true))
    const long = Array.from({ length: 16 }, (_, i) => String(i).repeat(250))
    let changes = 0
    await waitFor(
      async () => {
        await refused(server('a').client.modifyPeer('nobody', { addresses: long }))
        changes++
        return server('a').log.some(({ message }) => message === 'cut a watcher of events that does not read')
      },
      { what: 'the cut', timeoutMs: 30_000 },
    )
    deaf.resume()
    await waitFor(() => closed, { what: 'the end of the connection' })
    await waitFor(
      () => reader.lines.filter(({ operation }) => operation === 'modify peerserver').length === changes,
      {
        what: 'all events at the other watcher',
      },
    )
    reader.stop()
  })
})
