import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { randomBytes } from '../support/files.ts'
import {
  bodyDigestOf,
  entryHash,
  fingerprintOf,
  genesisOf,
  headMessage,
  headVerifies,
  Identity,
  imageIdOf,
  IndependentPeer,
  indexOf,
  leafDigest,
  messages,
  prefix,
  protocols,
  publicKeyOf,
  readServerData,
  varint,
  writeServerData,
  zeroSegment,
  type ContentRequest,
} from '../support/independent-peer.ts'
import { createNetwork, type TestServer } from '../support/network.ts'
import { tempDir } from '../support/temp-dir.ts'
import { pass, waitFor } from '../support/wait-for.ts'

const leaf = 65_536
const segment = 64 * leaf

/** What {@link createNetwork} takes. */
type Limits = Parameters<typeof createNetwork>[1]

interface Pair {
  server: TestServer
  peer: IndependentPeer
  /** The peer id of the server. */
  to: string
}

/** A real server and a started independent peer; neither is registered with the other. */
async function strangers(identity?: (server: string) => Identity, limits?: Limits): Promise<Pair> {
  const server = (await createNetwork(['real'], limits)).server('real')
  const to = server.peerId
  const peer = new IndependentPeer({ name: 'other', identity: identity?.(to) ?? new Identity() })
  onTestFinished(async () => await peer.stop())
  await peer.start()
  return { server, peer, to }
}

/** Both are registered with each other, and the server has dialled. */
async function linked(identity?: (server: string) => Identity, limits?: Limits): Promise<Pair> {
  const pair = await strangers(identity, limits)
  const { server, peer, to } = pair
  peer.register((await server.client.serverData()).serverData)
  await server.client.register({ serverData: peer.serverData() })
  await server.waitLink('other', 'up')
  await waitFor(() => peer.links.has(to), { what: 'the link at the peer' })
  return pair
}

/** An identity whose peer id comes before, or after, another one. */
function identityThatIs(order: 'smaller' | 'larger', than: string): Identity {
  for (;;) {
    const identity = new Identity()
    if (identity.peerId < than === (order === 'smaller')) return identity
  }
}

async function importContent(server: TestServer, image: string, content: Buffer) {
  const path = join(await tempDir(), 'source')
  await writeFile(path, content)
  return await server.importImage(image, { path })
}

async function announced({ peer, to }: Pair, name: string) {
  const images = peer.held(to).announced
  return await waitFor(() => [...images.values()].find(({ manifest }) => manifest.name === name), {
    what: `${name} in the journal`,
    timeoutMs: 20_000,
    dump: () => peer.held(to),
  })
}

/** Data in the first and the third segment, zeros between and a short last leaf. */
function sparseContent(): Buffer {
  const content = Buffer.alloc(3 * segment + 2 * leaf + 1234)
  randomBytes(100_000, 'one').copy(content, 3 * leaf)
  randomBytes(50 * leaf, 'two').copy(content, 2 * segment)
  randomBytes(1000, 'three').copy(content, content.length - 1000)
  return content
}

test('the test vectors of the document', async () => {
  const document = await readFile(new URL('../../docs/protocol.md', import.meta.url), 'utf8')
  const vectors = document.slice(document.indexOf('. Test vectors\n')).replaceAll(/\n {2,}/g, '\n')
  const joined = vectors.replaceAll('\n', '')
  const stands = (bytes: Buffer): void => expect(joined).toContain(bytes.toString('hex'))

  stands(prefix('ingot/leaf/1'))
  stands(leafDigest(Buffer.alloc(leaf)))
  stands(leafDigest(Buffer.alloc(1)))
  stands(zeroSegment)
  const pattern = Buffer.from(Array.from({ length: 200_000 }, (_, i) => i % 251))
  const hello = Buffer.from('hello')
  for (const content of [Buffer.alloc(0), hello, pattern]) {
    const { leaves, segments, root } = indexOf(content)
    for (const digest of [...leaves, ...segments, root]) stands(digest)
  }
  stands(createHash('sha256').update(pattern).digest())
  const zeros = indexOf(Buffer.alloc(segment + 1))
  expect(zeros.segments[0]).toEqual(zeroSegment)
  stands(zeros.segments[1]!)
  stands(zeros.root)

  const identity = new Identity(Buffer.from(Array.from({ length: 32 }, (_, i) => i)))
  const { peerId, publicKey } = identity
  stands(publicKey)
  expect(publicKeyOf(peerId)).toEqual(publicKey)
  expect(joined).toContain(peerId)
  expect(joined).toContain(fingerprintOf(peerId))

  const journalId = Buffer.from('000102030405060708090a0b0c0d0e0f', 'hex')
  const genesis = genesisOf(journalId)
  stands(genesis)
  const empty = { journalId, seq: 0, hash: genesis, time: 0 }
  stands(identity.sign('ingot/head-signature/1', headMessage(empty)))
  const time = 1_700_000_000_000
  const body = messages.event.encode({ imageWithdrawn: { image: Buffer.alloc(32, 0x11) } })
  stands(body)
  const bodyDigest = bodyDigestOf(body)
  stands(bodyDigest)
  const hash = entryHash({ seq: 1, time, previous: genesis, bodyDigest })
  stands(hash)
  stands(identity.sign('ingot/head-signature/1', headMessage({ journalId, seq: 1, hash, time })))

  const manifest = messages.manifest.encode({
    version: 1,
    origin: peerId,
    name: 'hello',
    imageType: 'DISK',
    baseType: 'DISK',
    imageVersion: '1',
    labels: [{ key: 'os', value: 'none' }],
    kind: 'KIND_FILE',
    size: 5,
    content: indexOf(hello).root,
    sha256: createHash('sha256').update(hello).digest(),
    createdAt: time,
  })
  expect(manifest).toHaveLength(169)
  stands(manifest)
  stands(imageIdOf(manifest))
  stands(identity.sign('ingot/manifest-signature/1', manifest))

  const data = { name: 'hq', addresses: ['/ip4/192.0.2.1/tcp/4160'], createdAt: time }
  const text = writeServerData(identity, data)
  expect(vectors).toContain(text.trim())
  expect(readServerData(text)).toEqual({ version: 1, peerId, ...data })
  expect(varint(300).toString('hex')).toBe('ac02')
})

test('server data is read by the other side, and its fingerprint is the same', async () => {
  const { server, peer, to } = await strangers()
  const { serverData } = await server.client.serverData()
  const data = readServerData(serverData)
  expect(data).toMatchObject({ version: 1, name: 'real', peerId: to })
  expect(data.addresses).toHaveLength(1)
  expect(fingerprintOf(to)).toBe((await server.client.server()).fingerprint)
  const middle = Math.floor(serverData.length / 2)
  const other = serverData[middle] === 'A' ? 'B' : 'A'
  expect(() => readServerData(serverData.slice(0, middle) + other + serverData.slice(middle + 1))).toThrow()

  await server.client.register({ serverData: peer.serverData() })
  const registered = (await server.client.peers({ server: 'other' })).peers[0]
  expect(registered).toMatchObject({ name: 'other', peerId: peer.peerId, addresses: peer.addresses })
  expect(registered?.fingerprint).toBe(fingerprintOf(peer.peerId))

  // Not registered here: it is cut after the handshake, until it is.
  await waitFor(
    async () =>
      (await server.client.peers({ server: 'other' })).peers[0]?.reason === 'not registered there (or cut)',
    { what: 'the reason', dump: async () => await server.client.peers({}) },
  )
  peer.register(serverData)
  await server.waitLink('other', 'up')
})

test('a hello is answered and asked', async () => {
  const { server, peer, to } = await linked((than) => identityThatIs('smaller', than))
  // While both journals are empty, so is the cursor, and there is no head to hold.
  await waitFor(() => peer.opens.length > 0, { what: 'the journal stream of the server' })
  expect(peer.opens.at(-1)).toEqual({
    journalId: Buffer.alloc(0),
    seq: 0,
    hash: Buffer.alloc(0),
    headOnly: false,
  })
  const heard = peer.heard.at(-1)
  expect(heard).toMatchObject({ version: 1, name: 'real', heldHead: null })
  expect(heard?.ownHead?.seq).toBe(0)

  // The peer holds something by now, and says so.
  await importContent(server, 'first', Buffer.from('first'))
  await announced({ server, peer, to }, 'first')
  const hello = await peer.dial(to)
  expect(hello).toMatchObject({ version: 1, name: 'real', instance: heard?.instance })
  expect(hello.ownHead?.seq).toBe(1)
  expect(headVerifies(hello.ownHead!, to)).toBe(true)
  await server.waitLink('other', 'up')
})

test('a hello of another version is refused, and a key that is not registered is cut', async () => {
  const { server, peer, to } = await strangers()
  peer.register((await server.client.serverData()).serverData)
  await expect(peer.dial(to)).rejects.toThrow()

  await server.client.register({ serverData: peer.serverData() })
  await server.waitLink('other', 'up')
  const { connection } = await waitFor(() => peer.links.get(to), { what: 'the link at the peer' })
  peer.version = 2
  await expect(peer.dial(to)).rejects.toThrow(/HELLO_REFUSAL_VERSION/)
  expect(connection.status).toBe('open')
})

test.for(['smaller', 'larger'] as const)(
  'of two connections the one survives that the smaller peer id dialled: the peer is the %s one',
  async (order) => {
    const { server, peer, to } = await linked((than) => identityThatIs(order, than))
    const first = peer.link(to)
    expect(first.dialledHere).toBe(false)
    await peer.dial(to).catch((error: unknown) => {
      // A dialler that has a link may see the end of the connection instead of the answer.
      if (order === 'smaller') throw error
    })
    await waitFor(() => peer.node.getConnections().length === 1, { what: 'one connection' })
    const link = peer.link(to)
    expect(link.connection.status).toBe('open')
    expect(link.dialledHere).toBe(order === 'smaller')
    expect(link === first).toBe(order === 'larger')

    // The journal goes on over the one that is left.
    await importContent(server, 'after', Buffer.from('after'))
    await announced({ server, peer, to }, 'after')
    expect(peer.node.getConnections()).toHaveLength(1)
  },
)

test('another instance replaces the link of the one before', async () => {
  const { server, peer, to } = await linked((than) => identityThatIs('larger', than))
  const first = peer.link(to)
  // As after a restart: another instance, nothing known of the link so far.
  peer.instance = Buffer.alloc(16, 7)
  peer.links.delete(to)
  await peer.dial(to)
  await waitFor(() => first.connection.status === 'closed', { what: 'the end of the old connection' })
  expect(peer.link(to).dialledHere).toBe(true)
  await server.waitLink('other', 'up')
})

test('probes are answered without a protocol for them', async () => {
  const { server, peer, to } = await linked(undefined, { probeMs: 20, probeAnswerMs: 200 })
  const { connection } = peer.link(to)
  await pass(1000)
  expect(peer.link(to).connection).toBe(connection)
  expect(connection.status).toBe('open')
  await expect(connection.newStream('/ipfs/ping/1.0.0')).rejects.toThrow(/protocol/i)
  await server.waitLink('other', 'up')
})

test('the journal is read from the beginning, acknowledged, followed and read on', async () => {
  const { server, peer, to } = await strangers()
  const before = ['a', 'b', 'c']
  for (const name of before) await importContent(server, name, Buffer.from(`content of ${name}`))
  await server.importImage('hidden', { length: 1000, private: true })
  await server.importImage('early', { length: 1000, state: 'TESTABLE' })

  peer.register((await server.client.serverData()).serverData)
  await server.client.register({ serverData: peer.serverData() })
  await announced({ server, peer, to }, 'c')
  const held = peer.held(to)
  expect([...held.announced.values()].map(({ manifest }) => manifest.name)).toEqual(before)
  expect(held.passedOver).toEqual([])

  const { connection } = peer.link(to)
  const image = await importContent(server, 'live', Buffer.from('live'))
  const live = await announced({ server, peer, to }, 'live')
  expect(peer.link(to).connection).toBe(connection)
  expect(`sha256:${live.id.toString('hex')}`).toBe(image.id)
  expect(live.manifest).toMatchObject({ origin: to, name: 'live', size: 4, kind: 'KIND_FILE' })
  const { journalId, journalSeq } = await server.client.server()
  expect(held.cursor?.journalId.toString('hex')).toBe(journalId)
  expect(held.cursor?.seq).toBe(journalSeq)

  // Only the head.
  const ask = async (open: { journalId: Buffer; seq: number; hash: Buffer; headOnly: boolean }) => {
    const channel = await peer.open(to, protocols.journal)
    await channel.send(messages.journalRequest.encode({ open }))
    const answer = await channel.answer(messages.journalAnswer)
    return { channel, answer }
  }
  const none = { journalId: Buffer.alloc(0), seq: 0, hash: Buffer.alloc(0) }
  const only = await ask({ ...none, headOnly: true })
  expect(only.answer.start?.head).toEqual(held.head)
  await only.channel.ended()
  await only.channel.close()

  // A cursor that is not on this journal.
  const wrong = { ...held.cursor!, hash: Buffer.alloc(32, 1), headOnly: false }
  const refused = await ask(wrong)
  expect(refused.answer.refusal?.code).toBe('JOURNAL_REFUSAL_CURSOR_UNKNOWN')
  expect(refused.answer.refusal?.head).toEqual(held.head)
  await refused.channel.ended()
  await refused.channel.close()

  // A cursor before the first entry.
  const genesis = { journalId: held.cursor!.journalId, seq: 0, hash: genesisOf(held.cursor!.journalId) }
  const begin = await ask({ ...genesis, headOnly: false })
  expect(begin.answer.start?.head).toEqual(held.head)
  expect((await begin.channel.answer(messages.journalAnswer)).entry?.seq).toBe(1)
  await begin.channel.close()

  // On a new link the journal goes on at the cursor.
  const count = held.entries.length
  await connection.close()
  await waitFor(() => peer.links.get(to)?.connection.status === 'open', { what: 'a new link' })
  await importContent(server, 'later', Buffer.from('later'))
  await announced({ server, peer, to }, 'later')
  expect(held.entries).toHaveLength(count + 1)
  expect(peer.heard.at(-1)?.ownHead?.seq).toBe(count)
})

test('no more entries come than the window has without an acknowledgement', async () => {
  // The window of the document has 256: so many imports take long.
  const { server, peer, to } = await linked(undefined, { journalWindowEntries: 8 })
  const path = join(await tempDir(), 'source')
  await writeFile(path, 'one content')
  for (let i = 1; i <= 10; i++) await server.importImage(`image-${i}`, { path })
  await announced({ server, peer, to }, 'image-10')

  const channel = await peer.open(to, protocols.journal)
  const open = { journalId: Buffer.alloc(0), seq: 0, hash: Buffer.alloc(0), headOnly: false }
  await channel.send(messages.journalRequest.encode({ open }))
  expect((await channel.answer(messages.journalAnswer)).start?.head?.seq).toBe(10)
  for (let seq = 1; seq <= 8; seq++) {
    expect((await channel.answer(messages.journalAnswer)).entry?.seq).toBe(seq)
  }
  const next = channel.answer(messages.journalAnswer)
  expect(await Promise.race([next, pass(300)])).toBeUndefined()
  await channel.send(messages.journalRequest.encode({ ack: { seq: 1 } }))
  expect((await next).entry?.seq).toBe(9)
  await channel.close()
})

test('content is fetched and verified; zeros are not asked for', async () => {
  const pair = await linked()
  const { server, peer, to } = pair
  const contents = {
    sparse: sparseContent(),
    exact: randomBytes(segment, 'exact'),
    small: Buffer.from('hello'),
    zeros: Buffer.alloc(2 * segment + 5),
    empty: Buffer.alloc(0),
  }
  const leaves: Record<string, number> = { sparse: 2 + 50 + 1, exact: 64, small: 1, zeros: 0, empty: 0 }
  const lists: Record<string, number> = { sparse: 3, exact: 1, small: 1, zeros: 1, empty: 0 }
  for (const [name, content] of Object.entries(contents)) {
    await importContent(server, name, content)
    const fetched = await peer.fetch(to, await announced(pair, name))
    expect(fetched.content.equals(content), name).toBe(true)
    expect({ name, leaves: fetched.leaves }).toEqual({ name, leaves: leaves[name] })
    expect(fetched.lists).toBe(lists[name])
  }

  const { id } = await announced(pair, 'exact')
  const hidden = await server.importImage('hidden', { length: 1000, private: true })
  const ask = async (request: Partial<ContentRequest>) => {
    const channel = await peer.open(to, protocols.content)
    await channel.send(messages.contentRequest.encode({ image: id, ...request }))
    const { code, payloadBytes } = await channel.answer(messages.contentAnswer)
    const payload = await channel.payload(payloadBytes)
    await channel.close()
    await channel.ended()
    return { code, bytes: payload.length }
  }
  const notAnnounced = { code: 'CONTENT_NOT_ANNOUNCED', bytes: 0 }
  const one = { first: 0, count: 1 }
  expect(await ask({ leaves: { first: 0, count: 64 } })).toEqual({ code: 'CONTENT_OK', bytes: segment })
  expect(await ask({ image: Buffer.alloc(32, 9), leaves: one })).toEqual(notAnnounced)
  const hiddenId = Buffer.from(hidden.id.replace('sha256:', ''), 'hex')
  expect(await ask({ image: hiddenId, leaves: one })).toEqual(notAnnounced)
  expect(await ask({ leaves: { first: 64, count: 1 } })).toEqual({ code: 'CONTENT_INVALID', bytes: 0 })
  const sparse = (await announced(pair, 'sparse')).id
  const tooMany = { image: sparse, leaves: { first: 0, count: 65 } }
  expect(await ask(tooMany)).toEqual({ code: 'CONTENT_TOO_LARGE', bytes: 0 })
})

test('requests may be sent far ahead of the answers', async () => {
  const pair = await linked()
  await importContent(pair.server, 'image', randomBytes(segment, 'ahead'))
  const { id } = await announced(pair, 'image')
  const channel = await pair.peer.open(pair.to, protocols.content)
  for (let first = 0; first < 64; first++) {
    await channel.send(messages.contentRequest.encode({ image: id, leaves: { first, count: 1 } }))
  }
  for (let first = 0; first < 64; first++) {
    const { code, payloadBytes } = await channel.answer(messages.contentAnswer)
    expect({ code, payloadBytes }).toEqual({ code: 'CONTENT_OK', payloadBytes: leaf })
    await channel.payload(payloadBytes)
  }
  await channel.close()
  await channel.ended()
})

test('receipts show up among the holders', async () => {
  const pair = await linked()
  const { server, peer, to } = pair
  await importContent(server, 'image', Buffer.from('image'))
  const { id } = await announced(pair, 'image')
  const holders = async () =>
    (await server.client.images({ image: 'image', holders: true })).images[0]?.holders?.map(
      ({ peer, state, reason }) => ({ peer, state: state.toLowerCase(), reason: reason ?? '' }),
    )
  const receipt = { image: id, reason: '' }
  const wanted = { ...receipt, state: 'RECEIPT_WANTED' }
  const fetching = { ...receipt, state: 'RECEIPT_FETCHING' }
  const unknown = { ...receipt, image: Buffer.alloc(32, 5), state: 'RECEIPT_ENABLED' }
  expect(await peer.sendReceipts(to, [wanted, unknown, fetching])).toEqual([true, false, true])
  expect(await holders()).toEqual([{ peer: 'other', state: 'fetching', reason: '' }])
  await peer.sendReceipts(to, [{ ...receipt, state: 'RECEIPT_ENABLED' }])
  expect(await holders()).toEqual([{ peer: 'other', state: 'enabled', reason: '' }])
  await peer.sendReceipts(to, [{ image: id, state: 'RECEIPT_REFUSED', reason: 'no space' }])
  expect(await holders()).toEqual([{ peer: 'other', state: 'refused', reason: 'no space' }])
  await peer.sendReceipts(to, [{ ...receipt, state: 'RECEIPT_DELETED' }])
  expect((await holders())?.[0]?.state).toBe('deleted')
})

test('the server replicates what this peer publishes', async () => {
  const pair = await linked()
  const { server, peer, to } = pair
  const sparse = sparseContent()
  const first = peer.publish(sparse, { name: 'sparse', labels: [{ key: 'os', value: 'none' }] })
  await server.subscribeAll('other')
  const image = await server.waitImage('other/sparse')
  expect(image.id).toBe(`sha256:${first.toString('hex')}`)
  const { images } = await server.client.images({ server: 'other' })
  expect(images.map(({ name }) => name)).toEqual(['sparse'])
  expect(peer.opens.at(-1)?.headOnly).toBe(true)
  expect(image).toMatchObject({ origin: 'other', originId: peer.peerId, labels: { os: 'none' } })
  expect((await readFile(image.path!)).equals(sparse)).toBe(true)

  // Zero leaves are not asked for by the server either.
  const asked = peer.requests.reduce((sum, { leaves }) => sum + (leaves?.count ?? 0), 0)
  expect(asked).toBe(2 + 50 + 1)

  // Live, on the open stream: an empty file, and one of another size.
  const { connection } = peer.link(to)
  for (const content of [Buffer.alloc(0), randomBytes(2 * segment, 'exact')]) {
    const name = `live-${content.length}`
    const id = peer.publish(content, { name, imageType: 'golden', baseType: 'OS', imageVersion: '2.1' })
    const live = await server.waitImage(`other/${name}`)
    expect((await readFile(live.path!)).equals(content)).toBe(true)
    await waitFor(
      () => peer.receipts.some(({ image, state }) => image.equals(id) && state === 'RECEIPT_ENABLED'),
      { what: 'the receipt', dump: () => peer.receipts },
    )
  }
  expect(peer.link(to).connection).toBe(connection)
  expect(peer.receipts.map(({ state }) => state)).not.toContain('RECEIPT_REFUSED')
})

test('what the server cannot use is passed over, and the window holds', async () => {
  const pair = await strangers()
  const { server, peer, to } = pair
  const withdrawn = peer.publish(Buffer.from('withdrawn'), { name: 'withdrawn' })
  peer.withdraw(withdrawn)
  peer.journal.append(Buffer.from('no event', 'utf8'))
  peer.journal.append(Buffer.alloc(0))
  peer.publish(Buffer.from('bad'), { name: 'not a name' })
  peer.publish(Buffer.from('bad'), { name: 'bad', version: 2 })
  const manifest = messages.manifest.encode({ version: 1, origin: peer.peerId, name: 'bad' })
  peer.journal.append(messages.event.encode({ imagePublished: { manifest, signature: Buffer.alloc(63) } }))
  peer.journal.append(messages.event.encode({ imageWithdrawn: { image: Buffer.alloc(31) } }))
  const treeWithSha256 = peer.publish(Buffer.from('tree'), { name: 'tree', kind: 'KIND_TREE' })
  for (let i = 0; i < 600; i++) {
    const image = Buffer.alloc(32, i % 256)
    peer.journal.append(messages.event.encode({ imageDeleted: { image } }))
  }
  const published = peer.publish(Buffer.from('good'), { name: 'good' })

  peer.register((await server.client.serverData()).serverData)
  await server.client.register({ serverData: peer.serverData() })
  await server.waitLink('other', 'up')
  await server.subscribeAll('other')
  const good = await server.waitImage('other/good')
  expect(await readFile(good.path!, 'utf8')).toBe('good')
  expect(peer.widestWindow).toBeLessThanOrEqual(256)
  // What it tells of others, it told before that.
  await waitFor(
    () => peer.receipts.some(({ image, state }) => image.equals(published) && state === 'RECEIPT_ENABLED'),
    { what: 'the receipt', dump: () => peer.receipts },
  )
  expect(peer.receipts.some(({ image }) => image.equals(treeWithSha256))).toBe(false)
  const known = (await server.client.peers({ server: 'other' })).peers[0]
  expect(known).toMatchObject({ fault: null, journalSeq: peer.journal.entries.length })
  expect(peer.receipts.some(({ image }) => image.equals(withdrawn))).toBe(false)

  // After a new link it goes on at its cursor, and tells the head that it holds.
  await peer.link(to).connection.close()
  await waitFor(() => peer.links.get(to)?.connection.status === 'open', { what: 'a new link' })
  expect(peer.heard.at(-1)?.heldHead).toEqual(peer.journal.head())
})

test('after a farewell the relation is suspended until a hello', async () => {
  const { server, peer, to } = await linked()
  const { serverData } = await server.client.serverData()
  await peer.sayFarewell(to)
  await server.waitLink('other', 'suspended')
  await waitFor(() => peer.node.getConnections().length === 0, { what: 'the end of the connection' })

  peer.register(serverData)
  await peer.dial(to)
  await server.waitLink('other', 'up')
})

test('a farewell of the server is answered', async () => {
  const { server, peer, to } = await linked()
  await server.client.unregister('other', false)
  expect(peer.registered(to).suspended).toBe(true)
  await waitFor(() => peer.node.getConnections().length === 0, { what: 'the end of the connection' })
  expect((await server.client.peers({})).peers).toEqual([])
  await expect(peer.dial(to)).rejects.toThrow()

  // Registered again: its hello ends the suspension.
  await server.client.register({ serverData: peer.serverData() })
  await server.waitLink('other', 'up')
  await waitFor(() => !peer.registered(to).suspended, { what: 'the end of the suspension' })
})
