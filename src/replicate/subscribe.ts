import type { Clock } from '../core/clock.ts'
import { IngotError } from '../core/errors.ts'
import type { EventBus } from '../core/events.ts'
import { evaluate } from '../filter/evaluate.ts'
import { selectorText, type Selector } from '../filter/selector.ts'
import type { SealedManifest } from '../image/manifest.ts'
import type { Peer } from '../state/peers.ts'
import type { State } from '../state/state.ts'
import { decideAll, selectorsOf } from './decide.ts'
import type { JobQueue } from './queue.ts'
import type { ReceiptSender } from './receipts.ts'

export interface SubscriberComponents {
  state: State
  clock: Clock
  events: EventBus
  queue: JobQueue
  receipts: ReceiptSender
}

/** What a selector takes now, before it takes it. Bytes to move are an upper bound. */
export interface Plan {
  images: { image: SealedManifest; here: boolean; bytes: number }[]
  bytesToMove: number
  /** In images that match and whose content is here whole. */
  bytesHere: number
  diskNeeded: number
}

/** Makes and ends subscriptions; every change is evaluated at once for all that the peer announces. */
export class Subscriber {
  readonly #components: SubscriberComponents

  constructor(components: SubscriberComponents) {
    this.#components = components
  }

  /** What the selector takes of what the mirror holds; the caller has brought that up to date. */
  plan(peer: Peer, selector: Selector): Plan {
    const { state } = this.#components
    const contents = new Set<string>()
    const plan: Plan = { images: [], bytesToMove: 0, bytesHere: 0, diskNeeded: 0 }
    for (const { sealed } of state.announced.list(peer.id)) {
      if (!evaluate([selector], sealed).wanted) continue
      const { size, content } = sealed.manifest
      const here =
        (state.images.content(content) !== undefined && !state.images.isPrivate(content)) ||
        contents.has(content)
      contents.add(content)
      plan.images.push({ image: sealed, here: state.images.byId(sealed.id) !== undefined, bytes: size })
      if (here) plan.bytesHere += size
      else plan.bytesToMove += size
    }
    plan.diskNeeded = plan.bytesToMove
    return plan
  }

  /** Adds the selector to the union of this peer's and takes what matches now. Returns the plan that was made for it. */
  subscribe(peer: Peer, selector: Selector): Plan {
    const { state, clock, events, queue, receipts } = this.#components
    const plan = this.plan(peer, selector)
    const headSeq = state.peers.cursor(peer.id)?.seq ?? 0
    const name = selector.kind === 'image' ? selector.name : ''
    state.db.durably(() => {
      state.subscriptions.add({
        peer: peer.id,
        selector: selectorText(selector),
        name,
        headSeq,
        createdAt: clock.now(),
      })
      decideAll(this.#components, peer.id)
    })
    events.emit({ type: 'subscription', peer: peer.name, change: 'added' })
    queue.kick()
    receipts.send(peer.id)
    return plan
  }

  /**
   * Removes exactly this selector. Jobs that another one still covers go on, the rest are cancelled and their partial data
   * goes; what has arrived stays. Returns how many jobs were cancelled. Throws `not-found` when there is no such selector.
   */
  async unsubscribe(peer: Peer, selector: Selector): Promise<number> {
    const { state, events, queue } = this.#components
    state.db.durably(() => {
      if (!state.subscriptions.remove(peer.id, selectorText(selector))) {
        throw new IngotError('not-found', `no subscription "${selectorText(selector)}" on ${peer.name}`, {
          hint: '"ingot query subscription" lists the subscriptions',
        })
      }
      decideAll(this.#components, peer.id)
    })
    events.emit({ type: 'subscription', peer: peer.name, change: 'removed' })
    const selectors = selectorsOf(state, peer.id)
    const jobs = state.jobs.liveOfPeer(peer.id).filter((job) => {
      const announced = state.announced.get(peer.id, job.image)
      return announced === undefined || !evaluate(selectors, announced.sealed).wanted
    })
    for (const job of jobs) await queue.cancel(job.id, 'not wanted any more')
    return jobs.length
  }
}
