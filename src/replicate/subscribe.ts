import type { Clock } from '../core/clock.ts'
import { IngotError } from '../core/errors.ts'
import type { EventBus } from '../core/events.ts'
import type { Limits } from '../core/limits.ts'
import { match } from '../filter/evaluate.ts'
import { selectorText, type Selector } from '../filter/selector.ts'
import type { SealedManifest } from '../image/manifest.ts'
import type { Peer } from '../state/peers.ts'
import type { Subscription, SubscriptionOptions } from '../state/subscriptions.ts'
import type { State } from '../state/state.ts'
import { candidateOf, decideAll, toStanding } from './decide.ts'
import type { JobQueue } from './queue.ts'
import type { ReceiptSender } from './receipts.ts'

export interface SubscriberComponents {
  state: State
  clock: Clock
  limits: Limits
  events: EventBus
  queue: JobQueue
  receipts: ReceiptSender
  /** Bytes of an image that would have to travel now. */
  measure: (of: Measured) => Promise<number>
  /** Told when our selectors on a peer's images changed. */
  onChange: (peerId: string) => void
}

/** An image whose missing bytes are counted. */
export interface Measured {
  peerId: string
  image: SealedManifest
  /** File or directory that its subscription names. */
  preseed: string | undefined
  signal: AbortSignal
}

/** What a selector takes now, before it takes it. Bytes to move are an upper bound until they are measured. */
export interface Plan {
  /** `moves`: its content is not here. */
  images: { image: SealedManifest; here: boolean; moves: boolean; bytes: number }[]
  notTaken: { image: SealedManifest; reason: string }[]
  bytesToMove: number
  /** In images that match and whose content is here whole. */
  bytesHere: number
  diskNeeded: number
  exact: boolean
}

/** A subscription that is asked for. */
export interface Wish extends SubscriptionOptions {
  selector: Selector
  newOnly: boolean
}

/** What an end of a subscription leaves. */
export interface Remainder {
  cancelledJobs: number
  /** Jobs that another selector still covers. */
  remainingJobs: number
  /** Replicas of that peer that stay. */
  replicas: number
}

/** Makes, changes and ends subscriptions; every change is evaluated at once for all that the peer announces. */
export class Subscriber {
  readonly #components: SubscriberComponents

  constructor(components: SubscriberComponents) {
    this.#components = components
  }

  /** What a subscription would take of what the mirror holds; the caller has brought that up to date. Changes nothing. */
  plan(peer: Peer, wish: Wish): Plan {
    return this.#components.state.db.rehearse(() => this.#apply(peer, wish))
  }

  /** The plan with the bytes that would travel exactly: the indexes of what is not here are fetched for that. */
  async measured(
    peer: Peer,
    plan: Plan,
    { preseed, signal }: { preseed: string | undefined; signal: AbortSignal },
  ): Promise<Plan> {
    let bytes = 0
    for (const { image, moves } of plan.images)
      if (moves) bytes += await this.#components.measure({ peerId: peer.id, image, preseed, signal })
    const diskNeeded = plan.diskNeeded - plan.bytesToMove + bytes
    return { ...plan, bytesToMove: bytes, diskNeeded, exact: true }
  }

  /** Adds the selector to the union of this peer's, or changes its options, and takes what matches now. Returns the plan. */
  async subscribe(peer: Peer, wish: Wish): Promise<Plan> {
    const { state, queue } = this.#components
    const plan = state.db.durably(() => this.#apply(peer, wish))
    await queue.cancelUnwanted(peer.id)
    this.#changed(peer, 'added')
    await queue.prune(peer.id)
    return plan
  }

  /** Changes options of a subscription. Throws `not-found` when there is no such selector. */
  async modify(peer: Peer, selector: Selector, options: Partial<SubscriptionOptions>): Promise<Subscription> {
    const { state, queue } = this.#components
    const held = this.#require(peer, selector)
    state.db.durably(() => {
      state.subscriptions.put({ ...held, ...options })
      decideAll(this.#components, peer.id)
    })
    await queue.cancelUnwanted(peer.id)
    this.#changed(peer, 'modified')
    await queue.prune(peer.id)
    return this.#require(peer, selector)
  }

  /**
   * Removes exactly this selector. Jobs that another one still covers go on, the rest are cancelled and their partial data
   * goes; what has arrived stays. Throws `not-found` when there is no such selector.
   */
  async unsubscribe(peer: Peer, selector: Selector): Promise<Remainder> {
    const { state, queue } = this.#components
    this.#require(peer, selector)
    state.db.durably(() => {
      state.subscriptions.remove(peer.id, selectorText(selector))
      decideAll(this.#components, peer.id)
    })
    const cancelledJobs = await queue.cancelUnwanted(peer.id)
    this.#changed(peer, 'removed')
    const remainingJobs = state.jobs.liveOfPeer(peer.id).length
    return { cancelledJobs, remainingJobs, replicas: state.images.countOf(peer.id) }
  }

  /** Decides anew about what a peer announces: after something that stood against it here went. */
  reconsider(peerId: string): void {
    const { state, queue, receipts } = this.#components
    state.db.durably(() => decideAll(this.#components, peerId))
    queue.kick()
    receipts.send(peerId)
  }

  #apply(peer: Peer, { selector, newOnly, ...options }: Wish): Plan {
    const { state, clock, limits } = this.#components
    const held = state.subscriptions.list(peer.id)
    const text = selectorText(selector)
    if (held.length >= limits.subscriptionsPeer && !held.some((each) => each.selector === text)) {
      throw new IngotError(
        'conflict',
        `there are ${held.length} subscriptions on ${peer.name}; no more are taken`,
        { hint: '"ingot uninstantiate image" ends one; --all takes every image of the peer' },
      )
    }
    const before = this.#announced(peer)
    state.subscriptions.put({
      peer: peer.id,
      selector: text,
      name: selector.kind === 'image' ? selector.name : '',
      headSeq: state.peers.cursor(peer.id)?.seq ?? 0,
      ordinal: state.peers.taken(peer.id),
      newOnly,
      createdAt: clock.now(),
      ...options,
    })
    // Asked for by name: what the operator once did not want, or what failed, is wanted again.
    if (selector.kind === 'image') {
      state.declined.remove(peer.id, selector.image)
      state.jobs.forgetFailure(peer.id, selector.image)
    }
    decideAll(this.#components, peer.id)
    return this.#planOf(peer, selector, before)
  }

  /** Contents that are here and may be used for images of that peer. */
  #announced(peer: Peer): Set<string> {
    const { state } = this.#components
    const contents = new Set<string>()
    for (const { sealed } of state.announced.each(peer.id)) {
      const { content } = sealed.manifest
      if (state.images.content(content) !== undefined && !state.images.isPrivate(content))
        contents.add(content)
    }
    return contents
  }

  /** The decisions on what a selector matches, as a plan. */
  #planOf(peer: Peer, selector: Selector, contents: Set<string>): Plan {
    const { state } = this.#components
    const subscription = state.subscriptions.get(peer.id, selectorText(selector)) as Subscription
    const standing = toStanding(state, subscription)
    const plan: Plan = { images: [], notTaken: [], bytesToMove: 0, bytesHere: 0, diskNeeded: 0, exact: false }
    for (const announced of state.announced.each(peer.id)) {
      const { sealed, decision, rule } = announced
      if (!match(standing, candidateOf(state, announced)).matches) continue
      const { size, content } = sealed.manifest
      if (decision !== 'wanted') {
        plan.notTaken.push({ image: sealed, reason: rule })
        continue
      }
      const isHere = state.images.byId(sealed.id) !== undefined
      const job = state.jobs.latest(peer.id, sealed.id)
      if (job?.state === 'FAILED' && !isHere) {
        const reason = `its job failed; "ingot retry job --job ${job.id}" tries it again`
        plan.notTaken.push({ image: sealed, reason })
        continue
      }
      const here = contents.has(content)
      contents.add(content)
      plan.images.push({ image: sealed, here: isHere, moves: !here, bytes: size })
      if (here) plan.bytesHere += size
      else plan.bytesToMove += size
      // A file in place is not ours: it is copied.
      if (here && !isHere && state.images.content(content)?.inPlace !== undefined) plan.diskNeeded += size
    }
    plan.diskNeeded += plan.bytesToMove
    plan.exact = plan.bytesToMove === 0
    return plan
  }

  #require(peer: Peer, selector: Selector): Subscription {
    const text = selectorText(selector)
    const held = this.#components.state.subscriptions.get(peer.id, text)
    if (held !== undefined) return held
    throw new IngotError('not-found', `no subscription "${text}" on ${peer.name}`, {
      hint: '"ingot query subscription" lists the subscriptions',
    })
  }

  #changed(peer: Peer, change: 'added' | 'modified' | 'removed'): void {
    const { events, queue, receipts, onChange } = this.#components
    events.emit({ type: 'subscription', peer: peer.name, change })
    queue.kick()
    receipts.send(peer.id)
    onChange(peer.id)
  }
}
