import type { Connection } from '@libp2p/interface'
import { describeError } from '../core/errors.ts'
import type { Limits } from '../core/limits.ts'
import type { Logger } from '../core/logger.ts'
import type { Hello } from '../wire/hello.ts'
import { greet } from './hello.ts'
import type { Host } from './host.ts'

/** A link, as far as further connections hang on it. */
interface Base {
  peerId: string
  connection: Connection
  hello: Hello
  ended: AbortSignal
}

export interface SpreadComponents {
  host: Host
  limits: Limits
  logger: Logger
  hello: (peerId: string) => Hello
  /** Where the peer can be dialled. */
  addressesOf: (peerId: string) => string[]
}

/**
 * Further connections beside a link, for content only: over a long line one TCP connection carries no more than its window per
 * round trip. They are dialled when a stream wants one, live as long as the link, and never become it.
 */
export class Spread {
  readonly #components: SpreadComponents
  /** By link: its further connections, or undefined where there is none to be had. */
  readonly #connections = new WeakMap<Connection, Map<number, Promise<Connection | undefined>>>()
  /** Connections of peers that are for content only. */
  readonly #accepted = new WeakSet<Connection>()

  constructor(components: SpreadComponents) {
    this.#components = components
  }

  /** The connection for stream number `lane` of a job: the link's own where no other can be had. */
  async connectionFor(link: Base, lane: number): Promise<Connection> {
    const number = lane % this.#components.limits.contentConnections
    if (number === 0) return link.connection
    let connections = this.#connections.get(link.connection)
    if (connections === undefined) {
      connections = new Map()
      this.#connections.set(link.connection, connections)
    }
    let further = connections.get(number)
    if (further === undefined) {
      // One after the other: libp2p makes one connection of dials to the same peer at the same time.
      const before = Promise.all(connections.values())
      further = before.then(async () => await this.#dial(link))
      connections.set(number, further)
    }
    const connection = await further
    return connection?.status === 'open' ? connection : link.connection
  }

  async #dial({ peerId, connection: main, ended }: Base): Promise<Connection | undefined> {
    const { host, limits, hello, addressesOf, logger } = this.#components
    const dialled =
      main.direction === 'outbound' ? [main.remoteAddr.toString().replace(/\/p2p\/.*$/, '')] : []
    const addresses = [...dialled, ...addressesOf(peerId)]
    if (addresses.length === 0) return undefined
    const signal = AbortSignal.any([ended, AbortSignal.timeout(limits.dialMs)])
    let connection: Connection | undefined
    try {
      connection = await host.dial(peerId, addresses, signal)
      await greet(host, connection, { hello: { ...hello(peerId), contentOnly: true }, limits, signal })
      this.#bind(connection, ended)
      return connection
    } catch (error) {
      connection?.abort(error as Error)
      logger.debug({ peerId, error: describeError(error) }, 'no further connection to a peer')
      return undefined
    }
  }

  /** Takes a connection that a peer dialled for content, beside its link; once, however often it is asked. */
  accept(connection: Connection, link: Base): void {
    if (this.#accepted.has(connection)) return
    this.#accepted.add(connection)
    this.#bind(connection, link.ended)
  }

  /** True for a connection that a peer dialled for content. */
  isAccepted(connection: Connection): boolean {
    return this.#accepted.has(connection)
  }

  #bind(connection: Connection, ended: AbortSignal): void {
    const end = () => connection.abort(ended.reason as Error)
    if (ended.aborted) end()
    ended.addEventListener('abort', end, { once: true })
    connection.addEventListener('close', () => ended.removeEventListener('abort', end), { once: true })
  }
}
