import type { Connection } from '@libp2p/interface'
import { connect, type Socket } from 'node:net'
import { once } from 'node:events'
import { expect, onTestFinished, test } from 'vitest'
import { decodeMessage, encodeMessage } from '../../src/wire/decode.ts'
import { ingot } from '../../src/wire/generated/messages.js'
import { createNetwork, type TestServer } from '../support/network.ts'
import { RawPeer } from '../support/raw-peer.ts'
import { besiege } from '../support/siege.ts'
import { pass, waitFor } from '../support/wait-for.ts'

/** Sockets from one address of this machine to a server, which prove no key. */
async function sockets(server: TestServer, count: number, localAddress: string): Promise<Socket[]> {
  const port = Number((await server.client.server()).addresses[0]?.split('/').at(-1))
  return await Promise.all(
    Array.from({ length: count }, async () => {
      const socket = connect({ port, host: '127.0.0.1', localAddress })
      socket.on('error', () => {}) // refused or cut: what the test is about
      onTestFinished(() => void socket.destroy())
      await Promise.race([once(socket, 'connect'), once(socket, 'close')])
      return socket
    }),
  )
}

// Other systems have but one address of loopback.
test.skipIf(process.platform !== 'linux')(
  'a host that says nothing keeps no other out, however many connections it opens',
  async () => {
    const { victim, raw, expectService, expectLogged } = await besiege()
    await sockets(victim, 60, '127.0.0.2')
    await pass(100) // they are taken, or cut
    const connection = await raw.connect(victim)
    expect(connection.status).toBe('open')
    await expectService()
    expectLogged('an address has too many handshakes under way', { address: '127.0.0.2' })
  },
)

test('noise that is none is cut and leaves nothing behind: the next handshakes find their places', async () => {
  const { victim, raw, expectService } = await besiege({
    limits: { pendingHandshakesAddress: 3, dialMs: 2_000 },
  })
  for (const bytes of [
    'GET / HTTP/1.1\r\n\r\n',
    '\x13/multistream/1.0.0\n\x07/noise\nnoise?',
    '\0'.repeat(5_000),
  ]) {
    for (let round = 0; round < 4; round++) {
      const [socket] = await sockets(victim, 1, '127.0.0.1')
      socket?.end(bytes, 'latin1')
    }
  }
  await waitFor(async () => (await raw.connect(victim).catch(() => undefined))?.status === 'open', {
    what: 'a connection of a registered peer',
    timeoutMs: 10_000,
  })
  await expectService()
})

test('a host that stole a server-data file gets nothing: not with a key of its own, and not as that server', async () => {
  const { victim, honest, expectService, expectLogged } = await besiege()
  const thief = await RawPeer.start('thief')
  const { serverData } = await victim.client.serverData() // what it stole: where the victim is, and its key
  expect(serverData).toContain('BEGIN INGOT SERVER DATA')
  await expect(thief.connect(victim)).rejects.toThrow()
  await waitFor(() => victim.log.some(({ message }) => message.startsWith('refused a server')), {
    what: 'the refusal',
  })
  expectLogged('refused a server that is not registered here', { peerId: thief.key.peerId })
  // At the address of the honest server, with the file of the honest server, it still has not its key.
  await honest.stop()
  await victim.client.modifyPeer('honest', { addresses: thief.host.addresses() })
  await victim.waitPeer(
    'honest',
    ({ link, reason }) => link === 'down' && /identity key|unexpected peer/i.test(reason ?? ''),
  )
  expect(thief.host.connectionsOf(victim.peerId)).toEqual([])
  await honest.start()
  await victim.register(honest)
  await victim.waitLink('honest', 'up')
  await expectService()
})

test('a server-data file whose addresses were changed is refused', async () => {
  const { server } = await createNetwork(['victim', 'honest'])
  const { serverData } = await server('honest').client.serverData()
  const base64 = serverData.split('\n').slice(1, -2).join('')
  const signed = decodeMessage(ingot.SignedServerData, Buffer.from(base64, 'base64'), 65_536)
  const data = decodeMessage(ingot.ServerData, signed.serverData, 65_536)
  const changed = encodeMessage(
    ingot.ServerData,
    Object.assign(data, { addresses: ['/ip4/192.0.2.66/tcp/4160'] }),
  )
  const file = encodeMessage(ingot.SignedServerData, {
    serverData: changed,
    signature: signed.signature,
  })
  const text = [
    '-----BEGIN INGOT SERVER DATA-----',
    Buffer.from(file).toString('base64'),
    '-----END INGOT SERVER DATA-----',
  ]
  await expect(server('victim').client.register({ serverData: text.join('\n') })).rejects.toMatchObject({
    code: 'invalid',
  })
  expect((await server('victim').client.peers({})).peers).toEqual([])
})

test('a registered peer that connects again and again is refused until the minute is over, and others are not', async () => {
  const { victim, raw, expectService, expectLogged } = await besiege({ limits: { connectionsPerMinute: 10 } })
  const came = async () =>
    await raw.connect(victim).then(
      (connection) => {
        connection.abort(new Error('and again'))
        return true
      },
      () => false,
    )
  let taken = 0
  for (let i = 0; i < 20; i++) if (await came()) taken++
  expect(taken).toBeLessThanOrEqual(10)
  expect(taken).toBeGreaterThan(0)
  expectLogged('a peer connects again and again: it is refused until the minute is over', {
    peerId: raw.key.peerId,
  })
  await expectService()
})

test('more connections of one peer than it may have are cut', async () => {
  const { victim, raw, expectService } = await besiege({ limits: { connectionsPerPeer: 3 } })
  const { addresses } = await victim.client.server()
  const connections: Connection[] = []
  for (let i = 0; i < 6; i++)
    connections.push(await raw.host.dial(victim.peerId, addresses, AbortSignal.timeout(10_000)))
  await waitFor(() => connections.filter(({ status }) => status === 'open').length <= 3, {
    what: 'the end of the others',
  })
  await expectService()
})
