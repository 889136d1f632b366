import type { Connection } from '@libp2p/interface'
import type { Clock } from '../core/clock.ts'
import { IngotError, describeError, isIngotError } from '../core/errors.ts'
import type { EventBus } from '../core/events.ts'
import type { Limits } from '../core/limits.ts'
import type { Logger } from '../core/logger.ts'
import type { Peers } from '../state/peers.ts'
import type { Hello, HelloAnswer } from '../wire/hello.ts'
import type { Channel } from './channel.ts'
import { DialLoops } from './dial-loops.ts'
import { answerHellos, greet } from './hello.ts'
import type { Host } from './host.ts'
import { LinkStates, type LinkState } from './link-states.ts'
import { Penalties } from './penalties.ts'
import { Spread } from './spread.ts'

/** A connection on which both sides said hello. */
export interface Link {
  peerId: string
  connection: Connection
  hello: Hello
  since: number
  /** Aborted when the link ends. */
  ended: AbortSignal
}

export interface LinksComponents {
  selfId: string
  host: Host
  peers: Peers
  events: EventBus
  clock: Clock
  random: () => number
  limits: Limits
  logger: Logger
  /** What we say on a new connection to that peer. */
  hello: (peerId: string) => Hello
  /** Told what a peer said, before anything else happens on the link. */
  onHello: (peerId: string, hello: Hello) => void
}

interface LinkRecord extends Link {
  end: AbortController
  /** Milliseconds of the fastest exchange on the connection that was seen; Infinity before the first. */
  roundTripMs: number
}

/**
 * One link to each registered peer: dialled from both sides, one connection survives, dialled again with growing, jittered
 * pauses when it is lost. Where two connections meet, the one that the server with the smaller peer id dialled stays, unless
 * the peer was restarted or dialled again: then the newer one.
 */
export class Links {
  readonly #components: LinksComponents
  readonly #stopping = new AbortController()
  readonly #links = new Map<string, LinkRecord>()
  readonly #states: LinkStates
  readonly #loops: DialLoops
  /** Until when a peer that broke the protocol is not let in, milliseconds since 1970; and how often it did. */
  readonly #penalties: Penalties
  readonly #listeners = new Set<(link: Link) => void>()
  readonly #spread: Spread
  /** Peers that said hello in another version of the protocol since they last had a link, and what is told of it. */
  readonly #otherVersions = new Map<string, string>()

  constructor(components: LinksComponents) {
    this.#components = components
    const addressesOf = (peerId: string) => components.peers.byId(peerId)?.addresses ?? []
    this.#spread = new Spread({ ...components, addressesOf })
    this.#states = new LinkStates(components)
    this.#penalties = new Penalties(components)
    this.#loops = new DialLoops({
      ...components,
      states: this.#states,
      penalties: this.#penalties,
      stopping: this.#stopping.signal,
      linkOf: (peerId) => this.#links.get(peerId),
      connect: async (peerId, addresses) => await this.#connect(peerId, addresses),
    })
  }

  /** Answers hellos and begins to dial every registered peer. */
  async start(): Promise<void> {
    const { host, limits, peers } = this.#components
    const answer = (hello: Hello, connection: Connection) => this.#answer(hello, connection)
    await answerHellos(host, limits, answer, (peerId, reason) => this.#onOtherVersion(peerId, reason))
    host.onConnection((connection) => this.#onConnection(connection))
    for (const peer of peers.list()) this.maintain(peer.id)
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new IngotError('aborted', 'this server is stopping'))
    for (const peerId of this.#links.keys()) this.#drop(peerId, 'this server is stopping')
    await this.#loops.settled()
  }

  /** Calls `listener` for each new link. */
  onUp(listener: (link: Link) => void): void {
    this.#listeners.add(listener)
  }

  state(peerId: string): LinkState {
    const penalty = this.#penalties.of(peerId)
    if (penalty !== undefined) return { state: 'down', reason: penalty.reason, retryAt: penalty.until }
    const state = this.#states.of(peerId)
    const reason = this.#otherVersions.get(peerId)
    // What the peer said of itself says more than that it cannot be dialled from here.
    return state.state === 'down' && reason !== undefined ? { ...state, reason } : state
  }

  /** The link to a peer that is up now. */
  get(peerId: string): Link | undefined {
    return this.#links.get(peerId)
  }

  /**
   * Opens a stream to a peer; with `lane`, the number of one of many streams, perhaps on a further connection. Throws
   * `peer-unreachable` when there is no link.
   */
  async open(peerId: string, protocol: string, signal: AbortSignal, lane = 0): Promise<Channel> {
    const link = this.#links.get(peerId)
    if (link !== undefined) {
      const connection = lane === 0 ? link.connection : await this.#spread.connectionFor(link, lane)
      return await this.#components.host.openChannel(connection, protocol, signal)
    }
    const state = this.state(peerId)
    throw new IngotError(
      'peer-unreachable',
      `no link to the peer now${state.state === 'down' ? `: ${state.reason}` : ''}`,
      {
        hint: 'try again when the link is up; "ingot query peerserver" shows it, "ingot doctor" what to look at',
      },
    )
  }

  /** Milliseconds to the peer and back, at best since the link is up: a busy peer seems to be far at times. Infinity while not known. */
  roundTripMs(peerId: string): number {
    const link = this.#links.get(peerId)
    if (link === undefined) return Infinity
    link.roundTripMs = Math.min(link.roundTripMs, link.connection.rtt ?? Infinity)
    return link.roundTripMs
  }

  /** Begins to make the connections over which the first `lanes` streams to a peer will be spread. */
  prepareFor(peerId: string, lanes: number): void {
    const link = this.#links.get(peerId)
    if (link === undefined) return
    for (let lane = 0; lane < lanes; lane++) void this.#spread.connectionFor(link, lane)
  }

  /** Begins to keep a link to a registered peer (or to try at once, when it is kept already). */
  maintain(peerId: string): void {
    this.#penalties.clear(peerId)
    if (!this.#loops.wake(peerId)) this.#loops.start(peerId)
  }

  /** Ends the link; the dialling loop ends by itself when the peer is no longer registered. */
  release(peerId: string, reason: string): void {
    this.#cut(peerId, reason)
    this.#loops.wake(peerId)
  }

  /** Cuts a peer that broke the protocol, and keeps it out for a growing pause. */
  punish(peerId: string, error: IngotError): void {
    const { peers, logger } = this.#components
    const reason = `broke the protocol: ${error.message}`
    const { until } = this.#penalties.add(peerId, reason)
    const fields = { peer: peers.byId(peerId)?.name ?? peerId, error: error.message, until }
    logger.warn(fields, 'cut a peer that broke the protocol')
    this.#cut(peerId, reason)
  }

  /** True while a peer that broke the protocol is kept out. */
  isKeptOut(peerId: string): boolean {
    return this.#penalties.of(peerId) !== undefined
  }

  async #connect(peerId: string, addresses: string[]): Promise<void> {
    const { host, limits, hello } = this.#components
    if (addresses.length === 0) throw new IngotError('peer-unreachable', 'no address of this peer is known')
    const signal = AbortSignal.any([this.#stopping.signal, AbortSignal.timeout(limits.dialMs)])
    const connection = await host.dial(peerId, addresses, signal)
    try {
      const { answer, roundTripMs } = await greet(host, connection, {
        hello: hello(peerId),
        limits,
        signal: this.#stopping.signal,
      })
      this.#establish(peerId, connection, answer, roundTripMs)
    } catch (error) {
      connection.abort(error as Error)
      if (isIngotError(error, 'conflict', 'protocol', 'invalid', 'too-large')) throw error
      throw new IngotError('peer-unreachable', 'not registered there (or cut)', { cause: error })
    }
  }

  /** An inbound connection has to become a link within the time of one exchange. */
  #onConnection(connection: Connection): void {
    const peerId = connection.remotePeer.toString()
    if (connection.direction === 'outbound') return
    if (this.isKeptOut(peerId)) {
      connection.abort(new IngotError('protocol', 'kept out for a while'))
      return
    }
    const { limits, host } = this.#components
    if (host.connectionsOf(peerId).length > limits.connectionsPerPeer) {
      connection.abort(new IngotError('protocol', `more than ${limits.connectionsPerPeer} connections`))
      return
    }
    const timer = setTimeout(() => {
      if (this.#links.get(peerId)?.connection !== connection && !this.#spread.isAccepted(connection)) {
        connection.abort(new IngotError('timeout', 'no hello came on this connection'))
      }
    }, limits.exchangeMs)
    timer.unref()
    connection.addEventListener('close', () => clearTimeout(timer), { once: true })
  }

  #answer(hello: Hello, connection: Connection): HelloAnswer {
    const peerId = connection.remotePeer.toString()
    // The gate asked when the connection came; this connection may be older than the answer.
    const welcome = this.#components.peers.isRegistered(peerId) && !this.isKeptOut(peerId)
    if (!welcome || this.#stopping.signal.aborted)
      throw new IngotError('aborted', 'not registered here (any more)')
    // It may have sat in its stream while the connection ended, which nothing would tell us any more.
    if (connection.status !== 'open') throw new IngotError('aborted', 'the connection has ended')
    const answer = { refusal: undefined, hello: this.#components.hello(peerId) }
    if (hello.contentOnly) this.#acceptForContent(peerId, connection, hello)
    else if (this.#spread.isAccepted(connection))
      throw new IngotError('aborted', 'a connection for content does not become the link')
    else this.#establish(peerId, connection, hello)
    return answer
  }

  #acceptForContent(peerId: string, connection: Connection, hello: Hello): void {
    const link = this.#links.get(peerId)
    if (link?.hello.instance !== hello.instance)
      throw new IngotError('aborted', 'a connection for content without a link')
    // Not a breach: two dials of a peer that meet may give it one connection for both.
    if (link.connection === connection)
      throw new IngotError('aborted', 'the connection of the link is not one beside it')
    this.#spread.accept(connection, link)
  }

  #onOtherVersion(peerId: string, reason: string): void {
    const { peers, logger } = this.#components
    const name = peers.byId(peerId)?.name
    if (name === undefined || this.#otherVersions.get(peerId) === reason) return
    this.#otherVersions.set(peerId, reason)
    logger.warn({ peer: name, reason }, 'refused a peer of another version')
    if (this.#links.get(peerId) === undefined)
      this.#states.set(peerId, { state: 'down', reason, retryAt: undefined })
  }

  #establish(peerId: string, connection: Connection, hello: Hello, roundTripMs = Infinity): void {
    const { clock, onHello } = this.#components
    this.#otherVersions.delete(peerId)
    onHello(peerId, hello)
    const before = this.#links.get(peerId)
    if (before !== undefined && before.connection.status === 'open') {
      if (before.connection === connection) return
      if (!this.#replaces(connection, hello, before)) {
        void connection.close().catch((error: unknown) => connection.abort(error as Error))
        return
      }
    }
    const end = new AbortController()
    const since = clock.now()
    const link: LinkRecord = { peerId, connection, hello, since, ended: end.signal, end, roundTripMs }
    this.#links.set(peerId, link)
    before?.end.abort(new IngotError('link-lost', 'another connection to this peer took over'))
    before?.connection.close().catch((error: unknown) => before.connection.abort(error as Error))
    connection.addEventListener('close', () => this.#onClosed(link), { once: true })
    this.#noteContact(peerId)
    this.#states.set(peerId, { state: 'up', since: link.since, address: connection.remoteAddr.toString() })
    if (!this.#loops.wake(peerId)) this.maintain(peerId)
    for (const listener of this.#listeners) listener(link)
  }

  #replaces(connection: Connection, hello: Hello, before: LinkRecord): boolean {
    if (hello.instance !== before.hello.instance) return true
    if (connection.direction === before.connection.direction) return true
    const smallerIsUs = this.#components.selfId < before.peerId
    return (connection.direction === 'outbound') === smallerIsUs
  }

  #onClosed(link: LinkRecord): void {
    if (this.#links.get(link.peerId) === link) this.#drop(link.peerId, 'the connection was lost')
  }

  /** Ends the link and every other connection of the peer. */
  #cut(peerId: string, reason: string): void {
    this.#drop(peerId, reason)
    const error = new IngotError('link-lost', reason)
    for (const connection of this.#components.host.connectionsOf(peerId)) connection.abort(error)
  }

  #drop(peerId: string, reason: string): void {
    const link = this.#links.get(peerId)
    if (link === undefined) return
    const error = new IngotError('link-lost', reason)
    this.#links.delete(peerId)
    link.end.abort(error)
    link.connection.abort(error)
    this.#states.set(peerId, { state: 'down', reason, retryAt: undefined })
    this.#noteContact(peerId)
  }

  #noteContact(peerId: string): void {
    const { peers, clock, logger } = this.#components
    try {
      peers.setLastContact(peerId, clock.now())
    } catch (cause) {
      // A full disk must not end the daemon from within an event of a connection, nor keep a link from coming up.
      logger.error({ peer: peerId, error: describeError(cause) }, 'could not record the last contact')
    }
  }
}
