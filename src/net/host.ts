import type { Connection, MessageStream, PrivateKey } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import { tcp } from '@libp2p/tcp'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p, type Libp2p } from 'libp2p'
import { IngotError, describeError, isIngotError } from '../core/errors.ts'
import type { Clock } from '../core/clock.ts'
import type { Limits } from '../core/limits.ts'
import type { Logger } from '../core/logger.ts'
import { Channel, type ChannelTrace } from './channel.ts'
import { FrameBudgets } from './frame-budget.ts'
import type { Gate } from './gate.ts'
import { boundedYamux, keepNarrow } from './muxer.ts'
import { leanNoise } from './noise.ts'
import { Rates } from './rates.ts'
import { StreamPlaces } from './stream-places.ts'
import type { Trace } from './trace.ts'

/**
 * What a socket is given before it says that it is full: with Node's 64 KiB each frame of noise is a round of its own through all
 * streams of a connection. Sockets of net.Server and net.connect take it; libp2p's types do not name it.
 */
const socketOptions = { noDelay: true, highWaterMark: 256 * 1024 }

export interface HostComponents {
  privateKey: PrivateKey
  gate: Gate
  clock: Clock
  limits: Limits
  logger: Logger
  /** Told when a peer sends what no honest server sends. */
  onViolation: (peerId: string, error: IngotError) => void
  /** Sees what crosses the streams; absent in service. */
  trace?: Trace | undefined
}

/** Streams that were traced in this process. */
let tracedStreams = 0

export interface HostInit {
  /** Multiaddrs to listen on. */
  listen: string[]
  /** Multiaddrs to tell others in place of those. */
  advertise: string[]
}

/** Answers one stream of a protocol; `peerId` is authenticated. The channel is cut when it throws. */
export type ChannelHandler = (channel: Channel, connection: Connection) => Promise<void>

/** True for an error that only a peer that breaks the protocol causes. */
export function isViolation(error: unknown): error is IngotError {
  return isIngotError(error, 'protocol', 'invalid', 'too-large')
}

/** True for a multiaddr that can be listened on or dialled over TCP. */
export function isAddress(address: string): boolean {
  try {
    const [host, transport, ...rest] = multiaddr(address).getComponents()
    const known = ['ip4', 'ip6', 'dns', 'dns4', 'dns6'].includes(host?.name ?? '')
    return known && transport?.name === 'tcp' && rest.length === 0
  } catch {
    return false // not a multiaddr at all
  }
}

/** Returns `address`; throws a usage error unless {@link isAddress}. */
export function checkAddress(address: string): string {
  if (isAddress(address)) return address
  throw new IngotError('usage', `${JSON.stringify(address)} is not an address that ingot can use`, {
    hint: 'use /ip4/ADDRESS/tcp/PORT, /ip6/ADDRESS/tcp/PORT or /dns/NAME/tcp/PORT',
  })
}

/** The libp2p node: TCP, noise and yamux; nothing that discovers, relays or identifies. */
export class Host {
  readonly #components: HostComponents
  readonly #init: HostInit
  readonly #stopping = new AbortController()
  readonly #rates: Rates
  readonly #places: StreamPlaces
  readonly #budgets: FrameBudgets
  /** Whose key the other end of a connection proved. */
  readonly #peers = new WeakMap<MessageStream, string>()
  #node: Libp2p | undefined

  constructor(components: HostComponents, init: HostInit) {
    this.#components = components
    this.#init = init
    this.#rates = new Rates(components.clock, components.limits.messagesPerSecond)
    this.#places = new StreamPlaces(components.limits.streamsPerPeer)
    this.#budgets = new FrameBudgets(components.limits.framesPerSecond)
  }

  /** Begins to listen. Throws `conflict` when an address is taken. */
  async start(): Promise<void> {
    if (this.#node !== undefined) return
    const { privateKey, gate, limits } = this.#components
    const node = await createLibp2p({
      privateKey,
      addresses: { listen: this.#init.listen, announce: this.#init.advertise },
      transports: [
        tcp({
          maxConnections: limits.connections,
          backlog: limits.pendingHandshakes,
          dialOpts: socketOptions,
          listenOpts: socketOptions,
        }),
      ],
      connectionEncrypters: [leanNoise((connection, peerId) => this.#peers.set(connection, peerId))],
      streamMuxers: [
        boundedYamux({
          limits,
          budgetOf: (connection) => this.#budgets.of(this.#peerAt(connection)),
          onFlood: (connection, error) => this.#components.onViolation(this.#peerAt(connection), error),
        }),
      ],
      connectionGater: gate.gater,
      connectionManager: {
        maxConnections: limits.connections,
        maxIncomingPendingConnections: limits.pendingHandshakes,
        // The gate counts refusals per address itself; many sites may share one address honestly.
        inboundConnectionThreshold: limits.connections,
        inboundUpgradeTimeout: limits.dialMs,
        dialTimeout: limits.dialMs,
        maxParallelReconnects: 0,
      },
      connectionMonitor: {
        pingInterval: limits.probeMs,
        pingTimeout: { minTimeout: limits.probeAnswerMs, maxTimeout: limits.probeAnswerMs },
      },
      start: false,
    })
    try {
      await node.start()
    } catch (error) {
      await node.stop()
      throw new IngotError('conflict', `cannot listen on ${this.#init.listen.join(', ')}`, {
        cause: error,
        hint: 'is another program using the port? choose another with --listen /ip4/0.0.0.0/tcp/PORT',
      })
    }
    this.#node = node
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new IngotError('aborted', 'this server is stopping'))
    await this.#node?.stop()
    this.#node = undefined
  }

  /** Aborted when the server stops: ends every step of the streams that it answers. */
  get stopping(): AbortSignal {
    return this.#stopping.signal
  }

  get #started(): Libp2p {
    if (this.#node === undefined) throw new IngotError('aborted', 'this server is not running')
    return this.#node
  }

  #peerAt(connection: MessageStream): string {
    const peerId = this.#peers.get(connection)
    if (peerId === undefined) throw new Error('a connection whose other end proved no key')
    return peerId
  }

  /** Addresses to tell others, without peer id. */
  addresses(): string[] {
    return this.#started
      .getMultiaddrs()
      .map((address) => address.toString().replace(/\/p2p\/[^/]+$/, ''))
      .slice(0, this.#components.limits.addressesPerPeer)
  }

  /** The connections to a peer that are open now. */
  connectionsOf(peerId: string): Connection[] {
    return this.#node?.getConnections(peerIdFromString(peerId)) ?? []
  }

  /** Calls `onOpen` for each connection that passed the gate. */
  onConnection(onOpen: (connection: Connection) => void): void {
    this.#started.addEventListener('connection:open', (event) => onOpen(event.detail))
  }

  /** Connects and proves that the peer has that key. Always a new connection. */
  async dial(peerId: string, addresses: string[], signal: AbortSignal): Promise<Connection> {
    const id = peerIdFromString(peerId)
    const targets = addresses.map((address) => multiaddr(address).encapsulate(`/p2p/${id.toString()}`))
    return await this.#started.dial(targets, { signal, force: true })
  }

  /** Answers a protocol. Streams beyond the limits per connection and per peer are refused. */
  async handle(protocol: string, handler: ChannelHandler): Promise<void> {
    const { limits, logger } = this.#components
    await this.#started.handle(
      protocol,
      async (stream, connection) => {
        const peerId = connection.remotePeer.toString()
        if (!this.#places.take(peerId)) {
          logger.debug({ peerId, protocol }, 'a peer has too many streams open')
          stream.abort(new IngotError('busy', 'too many streams'))
          return
        }
        keepNarrow(stream)
        const onFrame = async () => await this.#rates.take(peerId, this.#stopping.signal)
        const channel = new Channel(stream, onFrame, this.#traceOf(protocol, connection))
        try {
          await handler(channel, connection)
          await channel.end({ timeoutMs: limits.exchangeMs, signal: this.#stopping.signal })
        } catch (error) {
          logger.debug({ peerId, protocol, error: describeError(error) }, 'a stream of a peer ended early')
          channel.abort(error instanceof Error ? error : new Error(String(error)))
          if (isViolation(error)) this.#components.onViolation(peerId, error)
        } finally {
          this.#places.release(peerId)
        }
      },
      { maxInboundStreams: limits.streamsPerProtocol, maxOutboundStreams: limits.streamsPerProtocol },
    )
  }

  #traceOf(protocol: string, connection: Connection): ChannelTrace | undefined {
    const { trace } = this.#components
    if (trace === undefined) return undefined
    const of = { peerId: connection.remotePeer.toString(), protocol, stream: ++tracedStreams }
    return (traced) => trace({ ...of, ...traced })
  }

  /** Opens a stream on a connection. Throws `link-lost`, or `protocol` when the peer does not speak it. */
  async openChannel(connection: Connection, protocol: string, signal: AbortSignal): Promise<Channel> {
    const timeout = AbortSignal.timeout(this.#components.limits.exchangeMs)
    try {
      const options = { signal: AbortSignal.any([signal, timeout]) }
      const stream = await connection.newStream(protocol, options)
      return new Channel(stream, undefined, this.#traceOf(protocol, connection))
    } catch (cause) {
      signal.throwIfAborted()
      if (cause instanceof Error && cause.name === 'UnsupportedProtocolError') {
        throw new IngotError('unsupported', `the peer does not speak ${protocol}`, {
          cause,
          hint: 'the two servers run versions of ingot that do not fit; upgrade the older one',
        })
      }
      throw new IngotError('link-lost', 'the connection was lost', { cause })
    }
  }
}
