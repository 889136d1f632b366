import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import type { MessageStream } from '@libp2p/interface'
import { tcp } from '@libp2p/tcp'
import { createLibp2p, type Libp2p } from 'libp2p'
import { afterEach, expect, test, vi } from 'vitest'
import { Channel } from '../../../src/net/channel.ts'
import { leanNoise, makeLean } from '../../../src/net/noise.ts'
import { randomBytes } from '../../support/files.ts'

const nodes: Libp2p[] = []

afterEach(async () => {
  await Promise.all(nodes.splice(0).map(async (node) => await node.stop()))
})

async function start(encrypter: ReturnType<typeof noise>, listen: string[] = []): Promise<Libp2p> {
  const node = await createLibp2p({
    addresses: { listen },
    transports: [tcp()],
    connectionEncrypters: [encrypter],
    streamMuxers: [yamux()],
  })
  nodes.push(node)
  return node
}

const step = { timeoutMs: 10_000, signal: new AbortController().signal }

/** Answers each stream with what it was sent. */
async function echo(node: Libp2p, length: number): Promise<void> {
  await node.handle('/echo', async (stream) => {
    const channel = new Channel(stream)
    const bytes = Buffer.alloc(length)
    await channel.readInto(bytes, step)
    await channel.write(bytes, step)
  })
}

test.each([
  ['lean to plain', leanNoise(), noise()],
  ['plain to lean', noise(), leanNoise()],
  ['lean to lean', leanNoise(), leanNoise()],
])('%s: what was sent comes back', async (_, one, other) => {
  const length = 3_000_001
  const server = await start(one, ['/ip4/127.0.0.1/tcp/0'])
  await echo(server, length)
  const client = await start(other)
  const connection = await client.dial(server.getMultiaddrs())
  const channel = new Channel(await connection.newStream('/echo'))
  const sent = randomBytes(length, 'echo')
  const back = Buffer.alloc(length)
  await Promise.all([channel.write(sent, step), channel.readInto(back, step)])
  expect(back.equals(sent)).toBe(true)
})

test('the encrypted stream of the library is made as it is taken to be', async () => {
  const seen: { encrypted: MessageStream; plain: MessageStream }[] = []
  const make = noise()
  const watched: typeof make = (components) => {
    const encrypter = make(components)
    const secure = encrypter.secureOutbound.bind(encrypter)
    vi.spyOn(encrypter, 'secureOutbound').mockImplementation(async (plain, options) => {
      const secured = await secure(plain, options)
      seen.push({ encrypted: secured.connection, plain })
      return secured
    })
    return encrypter
  }
  const server = await start(noise(), ['/ip4/127.0.0.1/tcp/0'])
  const client = await start(watched)
  await client.dial(server.getMultiaddrs())
  expect(seen.map(({ encrypted, plain }) => makeLean(encrypted, plain))).toEqual([true])
  const [{ encrypted, plain } = { encrypted: undefined, plain: undefined }] = seen
  expect(makeLean(encrypted as MessageStream, {} as MessageStream)).toBe(false)
  expect(makeLean({} as MessageStream, plain as MessageStream)).toBe(false)
})
