import type { ConnectionGater, MultiaddrConnection, PeerId } from '@libp2p/interface'
import type { Clock } from '../core/clock.ts'
import type { Limits } from '../core/limits.ts'
import type { Logger } from '../core/logger.ts'

/** What the gate asks of the rest. */
export interface GateComponents {
  logger: Logger
  clock: Clock
  limits: Limits
  /** True for a key that is registered here. */
  isRegistered: (peerId: string) => boolean
}

const WINDOW_MS = 60_000
/** Addresses whose refusals are counted at a time; beyond it the count begins anew. */
const COUNTED_ADDRESSES = 10_000

/**
 * The door: an unregistered key is turned away right after the noise handshake, before any stream; an address that is turned
 * away too often, or that has too many handshakes under way, is turned away before the handshake. A registered key that comes again and
 * again is turned away until the minute is over.
 */
export class Gate {
  readonly #components: GateComponents
  /** Refused connections per remote host in the current minute. */
  readonly #refused = new Map<string, number>()
  /** Connections per registered key in the current minute. */
  readonly #came = new Map<string, number>()
  /** Hosts that had too many handshakes under way in the current minute. */
  readonly #crowded = new Set<string>()
  /** Handshakes under way per remote host, and what ends the count of each. */
  readonly #pending = new Map<string, number>()
  readonly #handshakes = new WeakMap<MultiaddrConnection, () => void>()
  #windowStart = 0

  constructor(components: GateComponents) {
    this.#components = components
  }

  /** The hooks that libp2p asks. */
  get gater(): ConnectionGater {
    return {
      denyDialPeer: (peerId) => !this.#isRegistered(peerId),
      denyInboundConnection: (connection) => this.#isTurnedAway(connection),
      denyInboundEncryptedConnection: (peerId, connection) => {
        this.#handshakes.get(connection)?.()
        return this.#refuse(peerId, connection)
      },
      denyOutboundEncryptedConnection: (peerId) => !this.#isRegistered(peerId),
    }
  }

  #isRegistered(peerId: PeerId): boolean {
    return this.#components.isRegistered(peerId.toString())
  }

  #host(connection: MultiaddrConnection): string {
    const [address] = connection.remoteAddr.getComponents()
    return countedAs(address?.value ?? connection.remoteAddr.toString())
  }

  #isTurnedAway(connection: MultiaddrConnection): boolean {
    const now = this.#components.clock.now()
    // Set back, the clock must not keep anybody out until it has caught up.
    if (Math.abs(now - this.#windowStart) > WINDOW_MS || this.#refused.size > COUNTED_ADDRESSES) {
      this.#refused.clear()
      this.#came.clear()
      this.#crowded.clear()
      this.#windowStart = now
    }
    const { limits, logger } = this.#components
    const host = this.#host(connection)
    if ((this.#refused.get(host) ?? 0) >= limits.refusedHandshakesPerMinute) return true
    const pending = this.#pending.get(host) ?? 0
    if (pending >= limits.pendingHandshakesAddress) {
      if (!this.#crowded.has(host))
        logger.warn({ address: host }, 'an address has too many handshakes under way')
      this.#crowded.add(host) // once in a minute
      return true
    }
    this.#pending.set(host, pending + 1)
    const end = () => {
      if (!this.#handshakes.delete(connection)) return
      const left = (this.#pending.get(host) ?? 1) - 1
      if (left === 0) this.#pending.delete(host)
      else this.#pending.set(host, left)
    }
    this.#handshakes.set(connection, end)
    connection.addEventListener('close', end, { once: true })
    return false
  }

  #refuse(peerId: PeerId, connection: MultiaddrConnection): boolean {
    if (this.#isRegistered(peerId)) return this.#comesTooOften(peerId.toString())
    const host = this.#host(connection)
    const count = (this.#refused.get(host) ?? 0) + 1
    this.#refused.set(host, count)
    // The last line in a minute says that the rest will be silent, so that a flood does not fill the log.
    const { limits, logger } = this.#components
    if (count <= limits.refusedHandshakesPerMinute) {
      logger.warn(
        { peerId: peerId.toString(), address: host, refusedThisMinute: count },
        'refused a server that is not registered here',
      )
    }
    return true
  }

  #comesTooOften(peerId: string): boolean {
    const { limits, logger } = this.#components
    const count = (this.#came.get(peerId) ?? 0) + 1
    this.#came.set(peerId, count)
    if (count === limits.connectionsPerMinute + 1)
      logger.warn({ peerId }, 'a peer connects again and again: it is refused until the minute is over')
    return count > limits.connectionsPerMinute
  }
}

/** Groups of 16 bits of an IPv6 address, and how many of them are one network. */
const GROUPS = 8
const NETWORK_GROUPS = 4

/** Under what a remote host is counted: of IPv6 its network of 64 bits, of which one host has all addresses that it likes. */
export function countedAs(address: string): string {
  if (!address.includes(':') || address.includes('.')) return address
  const [head = [], tail] = address.split('::').map((part) => part.split(':').filter((group) => group !== ''))
  const zeros =
    tail === undefined ? [] : Array.from({ length: GROUPS - head.length - tail.length }, () => '0')
  const groups = [...head, ...zeros, ...(tail ?? [])].slice(0, NETWORK_GROUPS)
  return `${groups.map((group) => Number.parseInt(group, 16).toString(16)).join(':')}::/64`
}
