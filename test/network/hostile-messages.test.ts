import { expect, test } from 'vitest'
import { defaultLimits as limits } from '../../src/core/limits.ts'
import { greet } from '../../src/net/hello.ts'
import { encodeContentRequest } from '../../src/wire/content.ts'
import type { Hello } from '../../src/wire/hello.ts'
import { randomBytes } from '../support/files.ts'
import { testDigest } from '../support/manifests.ts'
import { createNetwork, randomId } from '../support/network.ts'
import { RawPeer } from '../support/raw-peer.ts'
import { besiege } from '../support/siege.ts'
import { waitFor } from '../support/wait-for.ts'

const step = { timeoutMs: 10_000, signal: AbortSignal.timeout(120_000) }

const protocols = ['hello', 'journal', 'content', 'receipt', 'farewell'].map((name) => `/ingot/${name}/1`)

const breaches: [string, Uint8Array][] = [
  ['a frame of random bytes', Buffer.concat([Uint8Array.of(100), randomBytes(100, 'garbage')])],
  ['a frame that says it has 200 MB', Uint8Array.of(0x80, 0x84, 0xaf, 0x5f)],
  ['a length that does not end', Buffer.alloc(16, 0xff)],
]

for (const protocol of protocols) {
  test.each(breaches)(`${protocol}: %s cuts the peer, and others are served on`, async (_what, bytes) => {
    const { server, peer } = await createNetwork(['victim', 'honest'])
    await peer('victim', 'honest')
    const raw = await RawPeer.start('raw')
    await server('victim').client.register({ serverData: raw.serverData('raw') })
    const connection = await raw.connect(server('victim'))
    const channel = await raw.host.openChannel(connection, protocol, step.signal)
    await channel.write(bytes, step)
    const reason = await waitFor(
      async () => (await server('victim').client.peers({ server: 'raw' })).peers[0]?.reason,
      { what: 'the reason', dump: () => server('victim').log.slice(-5) },
    )
    expect(reason).toContain('broke the protocol')
    await waitFor(() => connection.status !== 'open', { what: 'the end of the connection' })
    await server('honest').subscribeAll('victim')
    await server('victim').importImage('gold', { length: 1000 })
    await server('honest').waitImage('victim/gold')
  })
}

test('a message that ends too early ends its stream alone', async () => {
  const { server } = await createNetwork(['victim'])
  const raw = await RawPeer.start('raw')
  await server('victim').client.register({ serverData: raw.serverData('raw') })
  const connection = await raw.connect(server('victim'))
  for (const protocol of protocols) {
    const channel = await raw.host.openChannel(connection, protocol, step.signal)
    await channel.write(Uint8Array.of(100, 1, 2, 3), step)
    await channel.end(step)
    await expect(channel.requireFrame(1000, step)).rejects.toMatchObject({ code: 'link-lost' })
  }
  expect(connection.status).toBe('open')
})

test('more streams of one protocol than the limit are refused', async () => {
  const { server } = await createNetwork(['victim'], { streamsPerProtocol: 4 })
  const raw = await RawPeer.start('raw')
  await server('victim').client.register({ serverData: raw.serverData('raw') })
  const connection = await raw.connect(server('victim'))
  const open = async () => {
    const channel = await raw.host.openChannel(connection, '/ingot/content/1', step.signal)
    await channel.write(Uint8Array.of(1), step)
    return channel
  }
  for (let i = 0; i < 4; i++) await open()
  // One that is taken would be waited for: its message has no end.
  const fifth = open().then(async (channel) => await channel.requireFrame(1000, step))
  await expect(fifth).rejects.toMatchObject({ code: 'link-lost' })
})

test('a flood of messages is read slowly, and others are served on', async () => {
  const { server, peer } = await createNetwork(['victim', 'honest'], { messagesPerSecond: 20 })
  await peer('victim', 'honest')
  const raw = await RawPeer.start('raw')
  await server('victim').client.register({ serverData: raw.serverData('raw') })
  const connection = await raw.connect(server('victim'))
  const channel = await raw.host.openChannel(connection, '/ingot/content/1', step.signal)
  const request = encodeContentRequest({
    image: testDigest('unknown'),
    what: 'leaves',
    run: { first: 0, count: 1 },
  })
  const began = Math.floor(Date.now() / 1000)
  for (let i = 0; i < 50; i++) await channel.writeFrame(request, step)
  for (let i = 0; i < 50; i++) expect(await channel.requireFrame(100, step)).not.toHaveLength(0)
  expect(Math.floor(Date.now() / 1000) - began).toBeGreaterThanOrEqual(2)
  await server('honest').subscribeAll('victim')
  await server('victim').importImage('gold', { length: 1000 })
  await server('honest').waitImage('victim/gold')
})

/** A siege with a link that the raw peer dialled, and a way to say further hellos of the same instance. */
async function withHellos() {
  const siege = await besiege()
  const { victim, raw } = siege
  await victim.waitLink('raw', 'up')
  const hello: Hello = {
    version: 1,
    software: 'raw',
    features: [],
    addresses: [],
    name: 'raw',
    ownHead: raw.head(),
    heldHead: undefined,
    instance: randomId(),
    contentOnly: false,
  }
  raw.onHello = () => hello
  const connection = await raw.connect(victim)
  const say = async (on: typeof connection, contentOnly: boolean) =>
    await greet(raw.host, on, { hello: { ...hello, contentOnly }, limits, signal: step.signal })
  return { ...siege, connection, say }
}

test('a hello for content on the connection of the link is refused, however often it comes', async () => {
  const { connection, say, expectService } = await withHellos()
  for (let i = 0; i < 50; i++)
    await expect(say(connection, true)).rejects.toMatchObject({ code: 'link-lost' })
  expect(connection.status).toBe('open')
  await expectService()
})

test('a connection for content that says hello for a link is refused, and the link stays', async () => {
  const { victim, raw, connection, say, expectService } = await withHellos()
  const { linkSince } = await victim.peer('raw')
  const { addresses } = await victim.client.server()
  const further = await raw.host.dial(victim.peerId, addresses, step.signal)
  for (let i = 0; i < 3; i++) await say(further, true)
  await expect(say(further, false)).rejects.toMatchObject({ code: 'link-lost' })
  expect([connection.status, further.status]).toEqual(['open', 'open'])
  expect((await victim.peer('raw')).linkSince).toBe(linkSince)
  await expectService()
})
