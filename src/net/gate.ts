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
 * away too often is turned away before the handshake.
 */
export class Gate {
  readonly #components: GateComponents
  /** Refused connections per remote host in the current minute. */
  readonly #refused = new Map<string, number>()
  #windowStart = 0

  constructor(components: GateComponents) {
    this.#components = components
  }

  /** The hooks that libp2p asks. */
  get gater(): ConnectionGater {
    return {
      denyDialPeer: (peerId) => !this.#isRegistered(peerId),
      denyInboundConnection: (connection) => this.#isTurnedAway(connection),
      denyInboundEncryptedConnection: (peerId, connection) => this.#refuse(peerId, connection),
      denyOutboundEncryptedConnection: (peerId) => !this.#isRegistered(peerId),
    }
  }

  #isRegistered(peerId: PeerId): boolean {
    return this.#components.isRegistered(peerId.toString())
  }

  #host(connection: MultiaddrConnection): string {
    const [address] = connection.remoteAddr.getComponents()
    return address?.value ?? connection.remoteAddr.toString()
  }

  #isTurnedAway(connection: MultiaddrConnection): boolean {
    const now = this.#components.clock.now()
    // Set back, the clock must not keep anybody out until it has caught up.
    if (Math.abs(now - this.#windowStart) > WINDOW_MS || this.#refused.size > COUNTED_ADDRESSES) {
      this.#refused.clear()
      this.#windowStart = now
    }
    return (
      (this.#refused.get(this.#host(connection)) ?? 0) >= this.#components.limits.refusedHandshakesPerMinute
    )
  }

  #refuse(peerId: PeerId, connection: MultiaddrConnection): boolean {
    if (this.#isRegistered(peerId)) return false
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
}
