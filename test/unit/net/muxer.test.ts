import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import type { MessageStream, StreamMuxer } from '@libp2p/interface'
import { tcp } from '@libp2p/tcp'
import { createLibp2p } from 'libp2p'
import { expect, onTestFinished, test } from 'vitest'
import { FrameBudget } from '../../../src/net/frame-budget.ts'
import { boundEarly, boundFrames, boundUnsent, keepNarrow } from '../../../src/net/muxer.ts'
import { waitFor } from '../../support/wait-for.ts'

test('the muxer, its streams and the connection under it are made as they are taken to be', async () => {
  const seen: { muxer: StreamMuxer; connection: MessageStream }[] = []
  const budget = new FrameBudget(1_000)
  const make = yamux()
  const start = async (listen: string[]) => {
    const node = await createLibp2p({
      addresses: { listen },
      transports: [tcp()],
      connectionEncrypters: [noise()],
      streamMuxers: [
        () => {
          const factory = make()
          const create = factory.createStreamMuxer.bind(factory)
          return Object.assign(factory, {
            createStreamMuxer: (connection: MessageStream) => {
              const muxer = create(connection)
              seen.push({ muxer, connection })
              return muxer
            },
          })
        },
      ],
    })
    onTestFinished(async () => await node.stop())
    return node
  }
  const server = await start(['/ip4/127.0.0.1/tcp/0'])
  await server.handle('/echo', () => {})
  const client = await start([])
  const connection = await client.dial(server.getMultiaddrs())
  await waitFor(() => seen.length === 2, { what: 'both ends' })
  for (const { muxer, connection: under } of seen) {
    expect(boundFrames(muxer, budget, () => {})).toBe(true)
    expect(boundUnsent(under, 1_000)).toBe(true)
    expect(boundEarly(muxer, 1_000)).toBe(true)
  }
  const stream = await connection.newStream('/echo')
  keepNarrow(stream)
  expect(stream).toMatchObject({ maxStreamWindowSize: 256 * 1024 })
  expect(boundFrames({} as StreamMuxer, budget, () => {})).toBe(false)
  expect(boundUnsent({} as MessageStream, 1)).toBe(false)
  expect(boundEarly({} as StreamMuxer, 1)).toBe(false)
})

/** A muxer that lies on nothing, and what its decoder makes of bytes. */
function decoding(budget: FrameBudget): (bytes: Uint8Array) => Uint8Array[] {
  const log = () => {}
  Object.assign(log, { newScope: () => log, trace: () => {}, error: () => {} })
  const connection = { log, direction: 'inbound', addEventListener: () => {} }
  const muxer = yamux({ enableKeepAlive: false })().createStreamMuxer(connection as unknown as MessageStream)
  expect(boundFrames(muxer, budget, () => {})).toBe(true)
  const { decoder } = muxer as unknown as {
    decoder: { emitFrames: (bytes: Uint8Array) => Iterable<{ data: { subarray: () => Uint8Array } }> }
  }
  return (bytes) => [...decoder.emitFrames(bytes)].map(({ data }) => data.subarray())
}

test('a small frame that is not read yet keeps nothing else of the message of noise that it came in', () => {
  const decode = decoding(new FrameBudget(1_000))
  const frame = (length: number, byte: number) => {
    const bytes = Buffer.alloc(12 + length, byte).fill(0, 0, 12)
    bytes.writeUInt32BE(length, 8)
    return bytes
  }
  const lengths = [1, 1_000, 40_000]
  // Buffer.concat() takes small ones from a pool: this one is larger.
  const frames = decode(Buffer.concat(lengths.map((length, i) => frame(length, i + 1))))
  expect(frames.map(({ length }) => length)).toEqual(lengths)
  for (const [i, data] of frames.entries()) expect(data.every((byte) => byte === i + 1)).toBe(true)
  expect(frames.slice(0, 2).map(({ buffer }) => buffer.byteLength)).toEqual([1, 1_000])
})
