import type { Clock } from '../core/clock.ts'
import { IngotError } from '../core/errors.ts'
import type { EventBus } from '../core/events.ts'
import type { Limits } from '../core/limits.ts'
import type { Logger } from '../core/logger.ts'
import { checkPeerName } from '../core/names.ts'
import { selectorText } from '../filter/selector.ts'
import { fingerprint } from '../image/signature.ts'
import { sayFarewell } from '../net/farewell.ts'
import { checkAddress, isAddress } from '../net/host.ts'
import type { Links } from '../net/links.ts'
import { decideAll } from '../replicate/decide.ts'
import type { JobQueue } from '../replicate/queue.ts'
import type { Peer } from '../state/peers.ts'
import type { State } from '../state/state.ts'
import type { Hello } from '../wire/hello.ts'
import type { ToldSelector } from '../wire/subscriptions.ts'
import { readServerData } from '../wire/server-data.ts'
import { Instances } from './instances.ts'

export interface PeeringComponents {
  selfId: string
  state: State
  links: Links
  queue: JobQueue
  events: EventBus
  clock: Clock
  limits: Limits
  logger: Logger
}

/** Makes and ends peer relations. The key counts, never the name; the name is the one under which it was registered here. */
export class Peering {
  readonly #components: PeeringComponents
  readonly #instances = new Instances()

  constructor(components: PeeringComponents) {
    this.#components = components
  }

  /**
   * Registers the server that a server-data file describes. The same file again renews its addresses. Throws `invalid` for a
   * file that is damaged or was altered, `conflict` for our own, a known key under another name, another key under a known
   * name, or a fingerprint that differs.
   */
  register(text: string, options: { server?: string; fingerprint?: string }): Peer {
    const { selfId, state, links, clock, limits, logger } = this.#components
    const data = readServerData(text, limits)
    if (data.peerId === selfId) {
      throw new IngotError('conflict', 'this is the server data of this server itself', {
        hint: 'run "ingot export server" on the other server and bring its file here',
      })
    }
    const found = fingerprint(data.peerId)
    if (options.fingerprint !== undefined && options.fingerprint.toLowerCase() !== found) {
      throw new IngotError(
        'conflict',
        `the key in the server data has the fingerprint ${found}, not the expected one`,
        {
          hint: 'the file is not from the server that you mean, or the fingerprint was mistyped: ask its operator again',
        },
      )
    }
    const name = checkPeerName(options.server ?? data.name)
    this.#requireUnambiguous(data.peerId, name)
    const known = state.peers.byId(data.peerId)
    if (known === undefined && state.peers.list().length >= limits.peers) {
      throw new IngotError('conflict', `${limits.peers} peers are registered; no more are taken`, {
        hint: '"ingot unregister server" ends a relation that is not needed any more',
      })
    }
    const addresses = mergeAddresses(data.addresses.filter(isAddress), known?.addresses ?? [], limits)
    state.db.durably(() =>
      state.peers.register({ id: data.peerId, name, addresses, registeredAt: clock.now() }),
    )
    logger.info({ peer: name, peerId: data.peerId }, 'peer registered')
    links.maintain(data.peerId)
    return state.peers.require(name)
  }

  /** Replaces the addresses at which a peer is dialled. Throws `usage` for what is no address that can be dialled. */
  modify(name: string, addresses: string[]): Peer {
    const { state, links } = this.#components
    const peer = state.peers.require(name)
    for (const address of addresses) checkAddress(address)
    state.db.durably(() => state.peers.setAddresses(peer.id, [...new Set(addresses)]))
    links.maintain(peer.id)
    return state.peers.require(name)
  }

  /** A peer told its selectors on our images. */
  onSubscriptions(peerId: string, selectors: readonly ToldSelector[]): void {
    const { state } = this.#components
    if (!state.peers.isRegistered(peerId)) return // it came while the relation ended
    const texts = selectors.map((selector) => {
      if (selector.kind !== 'image') return selectorText(selector)
      return selector.image === undefined ? 'image of another server' : `image ${selector.image}`
    })
    state.peerSubscriptions.replace(peerId, texts)
  }

  /** What the audit log calls the server that such a file is about. */
  subject(text: string, options: { server?: string }): string {
    if (options.server !== undefined) return options.server
    try {
      return readServerData(text, this.#components.limits).name
    } catch {
      return 'unreadable server data'
    }
  }

  #requireUnambiguous(peerId: string, name: string): void {
    const { state } = this.#components
    const sameKey = state.peers.byId(peerId)
    if (sameKey !== undefined && sameKey.name !== name) {
      throw new IngotError('conflict', `this key is known here under the name ${sameKey.name}`, {
        hint:
          sameKey.status === 'unregistered'
            ? `replicas of it remain under that name: register it with --server ${sameKey.name}`
            : `it is registered already; "ingot unregister server --server ${sameKey.name}" ends that relation`,
      })
    }
    const member = state.members.get(name)
    if (member !== undefined) {
      throw new IngotError('conflict', `the name ${name} belongs to a ${member.kind} of this server`, {
        hint: 'register the peer under another name with --server NAME',
      })
    }
    const sameName = state.peers.byName(name)
    if (sameName !== undefined && sameName.id !== peerId) {
      throw new IngotError(
        'conflict',
        `the name ${name} belongs to another key here (${fingerprint(sameName.id)})`,
        {
          hint: 'register this server under another name with --server NAME; if it replaced the other, unregister that first',
        },
      )
    }
  }

  /**
   * Ends the relation: cuts running transfers, tells the other side, drops the subscriptions; images that are here stay. Throws
   * `peer-unreachable` when the other side cannot be told, unless forced.
   */
  async unregister(name: string, force: boolean, signal: AbortSignal): Promise<void> {
    const { state, links, queue, clock, limits, logger } = this.#components
    const peer = state.peers.require(name)
    const reachable = links.get(peer.id) !== undefined
    if (!reachable && !force && peer.status !== 'suspended') {
      throw new IngotError('peer-unreachable', `${name} cannot be told now that the relation ends`, {
        hint: 'try again when the link is up, or end it on this side alone with --force',
      })
    }
    // From here on the gate is shut and nobody dials: the other side must not come back while we still clean up.
    state.db.durably(() => state.peers.setStatus(peer.id, 'unregistered'))
    try {
      if (reachable) await sayFarewell(links, peer.id, { time: clock.now(), limits, signal })
    } catch (error) {
      if (!force) {
        state.db.durably(() => state.peers.setStatus(peer.id, peer.status))
        links.maintain(peer.id)
        throw new IngotError('peer-unreachable', `${name} could not be told that the relation ends`, {
          cause: error,
          hint: 'try again, or end it on this side alone with --force',
        })
      }
    }
    state.db.durably(() => {
      state.subscriptions.clear(peer.id)
      state.receipts.clear(peer.id)
      state.peerSubscriptions.replace(peer.id, [])
      decideAll(this.#components, peer.id) // the mirror stays with its cursor: registering again goes on from there
    })
    links.release(peer.id, 'the peer was unregistered')
    this.#instances.forget(peer.id)
    await queue.cancelAll(peer.id, 'the peer was unregistered')
    state.db.durably(() => {
      state.receipts.clear(peer.id) // what the cancelling noted
      if (state.images.countOf(peer.id) === 0) state.peers.delete(peer.id)
    })
    logger.info({ peer: name, peerId: peer.id }, 'peer unregistered')
  }

  /** The other side ended the relation: it is suspended until that side registers again or we unregister. */
  onFarewell(peerId: string): void {
    const { state, links, logger } = this.#components
    const peer = state.peers.byId(peerId)
    if (peer?.status !== 'registered') return
    state.db.transaction(() => {
      state.peers.setStatus(peerId, 'suspended')
      state.peerSubscriptions.replace(peerId, []) // the subscriptions of the side that ends a relation go
    })
    logger.warn({ peer: peer.name }, 'the peer ended the relation; it is suspended here')
    links.release(peerId, 'the peer ended the relation')
  }

  /** True while two processes with the key of a peer take turns: its home was copied, and both copies run. */
  runsTwice(peerId: string): boolean {
    return this.#instances.runsTwice(peerId, this.#components.clock.now())
  }

  /** A registered peer said hello: it can be reached at these addresses, and a suspended relation goes on. */
  onHello(peerId: string, hello: Hello): void {
    const { state, clock, limits, logger } = this.#components
    const peer = state.peers.byId(peerId)
    if (peer === undefined) return
    if (this.#instances.note(peerId, hello.instance, clock.now()))
      logger.error({ peer: peer.name }, 'two servers run with the key of this peer')
    if (peer.status === 'suspended') state.peers.setStatus(peerId, 'registered')
    // An address of a kind that we cannot dial is no fault of the peer's.
    const addresses = mergeAddresses(hello.addresses.filter(isAddress), peer.addresses, limits)
    if (addresses.join() !== peer.addresses.join()) state.peers.setAddresses(peerId, addresses)
  }
}

/** The newest addresses first; older ones stay behind them (a peer behind NAT does not know its own), so many in all. */
function mergeAddresses(newest: string[], older: string[], limits: Limits): string[] {
  return [...new Set([...newest, ...older])].slice(0, limits.addressesPerPeer)
}
