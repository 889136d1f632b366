import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import type { Connection, MessageStream, StreamMuxer } from '@libp2p/interface'
import { tcp } from '@libp2p/tcp'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { expect, onTestFinished, test } from 'vitest'
import { testKey } from '../support/keys.ts'
import type { TestServer } from '../support/network.ts'
import { besiege } from '../support/siege.ts'
import { pass, waitFor } from '../support/wait-for.ts'

// Below the protocols: frames of yamux as no library sends them.

const DATA = 0
const WINDOW = 1
const PING = 2
const SYN = 1
const RST = 8

function header(type: number, of: { flags?: number; stream?: number; length: number }): Buffer {
  const bytes = Buffer.alloc(12)
  bytes[1] = type
  bytes.writeUInt16BE(of.flags ?? 0, 2)
  bytes.writeUInt32BE(of.stream ?? 0, 4)
  bytes.writeUInt32BE(of.length, 8)
  return bytes
}

/** A socket, as far as it is needed to stop reading from it. */
interface Pausable {
  pause: () => void
}

interface Wire {
  connection: Connection
  /** Below the muxer: what is sent here is encrypted and nothing else. */
  encrypted: MessageStream
  socket: Pausable
}

/** A frame that the other side sent. */
interface Frame {
  header: { type: number; flag: number; streamID: number; length: number }
}

/** Puts the frames that the other side sends into `heard`, also those for streams that the muxer here knows nothing of. */
function listenIn(muxer: StreamMuxer, heard: Frame[]): void {
  const { decoder } = muxer as unknown as { decoder: { readFrame: () => Frame | undefined } }
  const readFrame = decoder.readFrame.bind(decoder)
  decoder.readFrame = () => {
    const frame = readFrame()
    if (frame !== undefined) heard.push(frame)
    return frame
  }
}

/** How many streams the other side reset. */
function resets(heard: Frame[]): number {
  return new Set(
    heard.filter(({ header: { flag } }) => (flag & RST) !== 0).map(({ header: { streamID } }) => streamID),
  ).size
}

/** Connects with the key of the raw peer, and hands out what lies under the muxer. */
async function connectBelow(victim: TestServer, heard: Frame[] = []): Promise<Wire> {
  let encrypted: MessageStream | undefined
  let socket: Pausable | undefined
  const makeMuxer = yamux({ enableKeepAlive: false })
  const makeNoise = noise()
  const node = await createLibp2p({
    privateKey: (await testKey('raw')).privateKey,
    transports: [tcp()],
    connectionMonitor: { enabled: false }, // it would end the connection itself
    connectionEncrypters: [
      (components) => {
        const encrypter = makeNoise(components)
        const secure = encrypter.secureOutbound.bind(encrypter)
        return Object.assign(encrypter, {
          secureOutbound: async (...[plain, options]: Parameters<typeof secure>) => {
            socket = (plain as unknown as { socket: Pausable }).socket
            return await secure(plain, options)
          },
        })
      },
    ],
    streamMuxers: [
      () => {
        const factory = makeMuxer()
        const create = factory.createStreamMuxer.bind(factory)
        return Object.assign(factory, {
          createStreamMuxer: (connection: MessageStream) => {
            encrypted = connection
            const muxer = create(connection)
            listenIn(muxer, heard)
            return muxer
          },
        })
      },
    ],
  })
  onTestFinished(async () => await node.stop())
  const { addresses } = await victim.client.server()
  const connection = await node.dial(multiaddr(`${addresses[0]}/p2p/${victim.peerId}`))
  await connection.newStream('/ingot/hello/1') // once it is answered the victim has the connection, too
  return {
    connection,
    encrypted: encrypted as unknown as MessageStream,
    socket: socket as unknown as Pausable,
  }
}

/** Sends until the other side cuts, or `most` bytes went out; resolves to how many. */
async function sendUntilCut({ connection, encrypted }: Wire, piece: Buffer, most: number): Promise<number> {
  let sent = 0
  while (connection.status === 'open' && sent < most) {
    try {
      if (!encrypted.send(piece)) await pass(1)
    } catch {
      break
    }
    sent += piece.length
    await pass(0)
  }
  return sent
}

test('a frame of the muxer that says that it has gigabytes is not collected: its connection is cut', async () => {
  const { victim, expectService } = await besiege()
  const wire = await connectBelow(victim)
  wire.encrypted.send(header(DATA, { flags: SYN, stream: 1001, length: 0xffff_ffff }))
  const sent = await sendUntilCut(wire, Buffer.alloc(64 * 1024), 64 * 1024 * 1024)
  expect(sent).toBeLessThan(32 * 1024 * 1024)
  await waitFor(() => wire.connection.status !== 'open', { what: 'the cut' })
  await expectService()
})

test('a peer that has its frames answered and reads nothing is cut before the answers fill the memory', async () => {
  const { victim, expectService } = await besiege({
    // nothing else ends it
    limits: { unsentBytes: 100_000, exchangeMs: 300_000, probeMs: 300_000, framesPerSecond: 1e9 },
  })
  const wire = await connectBelow(victim)
  wire.socket.pause()
  const pings = Buffer.concat(
    Array.from({ length: 4_000 }, (_, i) => header(PING, { flags: SYN, length: i })),
  )
  const most = 16 * 1024 * 1024
  expect(await sendUntilCut(wire, pings, most)).toBeLessThan(most)
  await expectService()
})

const small: [string, (i: number) => Buffer, number][] = [
  ['pings', (i) => header(PING, { flags: SYN, length: i }), 100],
  [
    'bytes one by one',
    () => Buffer.concat([header(DATA, { stream: 1001, length: 1 }), Buffer.alloc(1)]),
    4_000,
  ],
  ['frames without a byte', () => header(DATA, { stream: 1001, length: 0 }), 4_000],
  [
    'bytes for a stream that is none',
    () => Buffer.concat([header(DATA, { stream: 9, length: 1 }), Buffer.alloc(1)]),
    4_000,
  ],
  ['updates of a window', () => header(WINDOW, { stream: 1001, length: 1 }), 4_000],
  ['new streams', (i) => header(WINDOW, { flags: SYN, stream: 2001 + 2 * i, length: 0 }), 400],
]
test.each(small)(
  'a peer that sends %s without end is cut, and others are served on',
  async (_what, frame, count) => {
    const { victim, expectService, expectLogged } = await besiege({ limits: { framesPerSecond: 2_000 } })
    const wire = await connectBelow(victim)
    wire.encrypted.send(header(WINDOW, { flags: SYN, stream: 1001, length: 0 }))
    // As many as fit into one message of noise: they arrive together, however slow this machine is.
    const frames = Buffer.concat(Array.from({ length: count }, (_, i) => frame(i)))
    const most = 4 * frames.length
    expect(await sendUntilCut(wire, frames, most)).toBeLessThanOrEqual(most)
    await waitFor(() => wire.connection.status !== 'open', { what: 'the cut' })
    expectLogged('cut a peer that broke the protocol', { error: 'too many small frames of the muxer' })
    await expectService()
  },
)

/** A message of multistream-select. */
function line(text: string): Buffer {
  return Buffer.concat([Uint8Array.of(text.length + 1), Buffer.from(`${text}\n`)])
}

/** A stream on which these pieces are sent, each in a frame. */
function opened(stream: number, pieces: Buffer[]): Buffer {
  const frames = pieces.flatMap((piece) => [header(DATA, { stream, length: piece.length }), piece])
  return Buffer.concat([header(WINDOW, { flags: SYN, stream, length: 0 }), ...frames])
}

const multistream = line('/multistream/1.0.0')
/** So many times that it wants to know the protocols. */
const lists = (count: number) => Buffer.concat(Array.from({ length: count }, () => line('ls')))
const early: [string, Buffer[]][] = [
  [
    'asks for the list of protocols again and again',
    [multistream, ...Array.from({ length: 16 }, () => lists(256))],
  ],
  ['sends its bytes one by one', [multistream, ...Array.from(lists(25), (byte) => Buffer.alloc(1, byte))]],
]
test.each(early)(
  'a stream that %s before its protocol is agreed on is reset, and others are served on',
  async (_what, pieces) => {
    const { victim, raw, expectService } = await besiege({ limits: { exchangeMs: 60_000 } })
    const heard: Frame[] = []
    const wire = await connectBelow(victim, heard)
    const count = 24
    for (let i = 0; i < count; i++) {
      // All of it in one message of noise: it is here before anything of it is read.
      wire.encrypted.send(opened(1001 + 2 * i, pieces))
      await pass(0)
    }
    await waitFor(() => resets(heard) === count, { what: 'the resets', dump: () => resets(heard) })
    expect(wire.connection.status).toBe('open')
    expect((await raw.connect(victim)).status).toBe('open')
    await expectService()
  },
)

test('more streams on a connection than it may have, of no protocol, are reset', async () => {
  const { victim, expectService } = await besiege({
    limits: { streamsPerConnection: 40, exchangeMs: 60_000 },
  })
  const heard: Frame[] = []
  const wire = await connectBelow(victim, heard)
  wire.encrypted.send(
    Buffer.concat(Array.from({ length: 100 }, (_, i) => opened(1001 + 2 * i, [multistream]))),
  )
  // One more is open: that of the hello.
  await waitFor(() => resets(heard) === 61, { what: 'the resets', dump: () => resets(heard) })
  expect(wire.connection.status).toBe('open')
  await expectService()
})
