import type { EventBus } from '../core/events.ts'
import type { Logger } from '../core/logger.ts'
import type { Peers } from '../state/peers.ts'

/** How the link to a peer stands. Times are milliseconds since 1970. */
export type LinkState =
  | { state: 'connecting' }
  | { state: 'up'; since: number; address: string }
  | { state: 'down'; reason: string; retryAt: number | undefined }
  | { state: 'suspended' }

export interface LinkStatesComponents {
  peers: Peers
  events: EventBus
  logger: Logger
}

/** How the link to each peer stands; tells when that changes. */
export class LinkStates {
  readonly #components: LinkStatesComponents
  readonly #states = new Map<string, LinkState>()

  constructor(components: LinkStatesComponents) {
    this.#components = components
  }

  of(peerId: string): LinkState {
    return this.#states.get(peerId) ?? { state: 'connecting' }
  }

  set(peerId: string, state: LinkState): void {
    const { peers, events, logger } = this.#components
    const before = this.#states.get(peerId)
    this.#states.set(peerId, state)
    const reason = state.state === 'down' ? state.reason : null
    if (before?.state === state.state && (before.state !== 'down' || before.reason === reason)) return
    const peer = peers.byId(peerId)?.name ?? peerId
    events.emit({ type: 'peer', peer, link: state.state, reason })
    if (state.state !== 'connecting') logger.info({ peer, link: state.state, reason }, 'link changed')
  }

  /** The peer is not registered any more. */
  forget(peerId: string): void {
    this.#states.delete(peerId)
  }
}
