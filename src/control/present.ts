import type { Clock } from '../core/clock.ts'
import { parseSelector, selectorText, type Selector } from '../filter/selector.ts'
import { isDigest } from '../image/digest.ts'
import type { SealedManifest } from '../image/manifest.ts'
import { fingerprint } from '../image/signature.ts'
import type { Links } from '../net/links.ts'
import type { Explanation } from '../replicate/explain.ts'
import type { Intake } from '../replicate/intake.ts'
import type { Plan } from '../replicate/subscribe.ts'
import type { Job } from '../state/job.ts'
import type { Peer } from '../state/peers.ts'
import type { Subscription } from '../state/subscriptions.ts'
import type {
  ExplainDocument,
  ImageDocument,
  JobDocument,
  PeerDocument,
  PlanDocument,
  SeriesDocument,
  SubscriptionDocument,
} from './documents.ts'
import { ImagePresenter, time, type ImageOptions, type ImagePresenterComponents } from './present-image.ts'
import { refOfId } from './resolve.ts'

export interface PresenterComponents extends ImagePresenterComponents {
  links: Links
  intake: Intake
  clock: Clock
}

/** Turns what is stored into what the API answers. */
export class Presenter {
  readonly #components: PresenterComponents
  readonly #images: ImagePresenter

  constructor(components: PresenterComponents) {
    this.#components = components
    this.#images = new ImagePresenter(components)
  }

  /** An image that is here, or one that a peer announces. */
  image(sealed: SealedManifest, options: ImageOptions = {}): ImageDocument {
    return this.#images.image(sealed, options)
  }

  /** The text of a selector, with the name of its image where that is known here. */
  #shown(selector: string): string {
    const [kind, value = ''] = selector.split(' ')
    if (kind !== 'image' || !isDigest(value)) return selector
    return `image ${refOfId(this.#components, value) ?? value}`
  }

  job(job: Job): JobDocument {
    const origin = this.#components.state.peers.byId(job.peer)?.name ?? job.peer
    return {
      id: job.id,
      image: `${origin}/${job.name}`,
      imageId: job.image,
      origin,
      state: job.state,
      reason: job.reason ?? null,
      bytesTotal: job.bytesTotal,
      bytesDone: job.bytesDone,
      bytesLocal: job.bytesLocal,
      bytesWire: job.bytesWire,
      attempts: job.attempts,
      priority: job.priority,
      error: job.error ?? null,
      createdAt: new Date(job.createdAt).toISOString(),
      startedAt: time(job.startedAt),
      finishedAt: time(job.finishedAt),
      retryAt: time(job.retryAt),
    }
  }

  peer(peer: Peer): PeerDocument {
    const { state, links, intake, clock } = this.#components
    const link = links.state(peer.id)
    return {
      name: peer.name,
      peerId: peer.id,
      fingerprint: fingerprint(peer.id),
      addresses: peer.addresses,
      status: peer.status,
      link: link.state,
      reason: link.state === 'down' ? link.reason : null,
      retryAt: link.state === 'down' ? time(link.retryAt) : null,
      linkSince: link.state === 'up' ? time(link.since) : null,
      lastContact: time(link.state === 'up' ? clock.now() : peer.lastContact),
      registeredAt: new Date(peer.registeredAt).toISOString(),
      journalSeq: state.peers.cursor(peer.id)?.seq ?? 0,
      lag: intake.lag(peer.id) ?? null,
      wrongLeaves: peer.wrongLeaves,
      rateIn: peer.rateIn ?? null,
      rateOut: peer.rateOut ?? null,
      fault: peer.fault ?? null,
      subscriptions: state.subscriptions.list(peer.id).map(({ selector }) => this.#shown(selector)),
      theirSubscriptions: state.peerSubscriptions.list(peer.id).map((selector) => this.#shown(selector)),
    }
  }

  subscription(subscription: Subscription): SubscriptionDocument {
    const selector = parseSelector(subscription.selector, subscription.name)
    return {
      id: subscription.id,
      server: this.#components.state.peers.byId(subscription.peer)?.name ?? subscription.peer,
      selector: selector.kind,
      value: valueOf(selector),
      imageId: selector.kind === 'image' ? selector.image : null,
      newOnly: subscription.newOnly,
      landAs: subscription.landAs,
      keep: subscription.keep ?? null,
      maxBytes: subscription.maxBytes ?? null,
      priority: subscription.priority,
      trustPrivileged: subscription.trustPrivileged,
      preseed: subscription.preseed ?? null,
      rate: subscription.rate ?? null,
      window: subscription.window ?? null,
      createdAt: new Date(subscription.createdAt).toISOString(),
    }
  }

  plan(plan: Plan, options: { server: string; selector: Selector; dryRun: boolean }): PlanDocument {
    return {
      server: options.server,
      selector: this.#shown(selectorText(options.selector)),
      dryRun: options.dryRun,
      images: plan.images.map(({ image, here, bytes }) => ({
        name: image.manifest.name,
        id: image.id,
        size: bytes,
        here,
      })),
      notTaken: plan.notTaken.map(({ image, reason }) => ({
        name: image.manifest.name,
        id: image.id,
        reason,
      })),
      bytesToMove: plan.bytesToMove,
      exact: plan.exact,
      bytesHere: plan.bytesHere,
      diskNeeded: plan.diskNeeded,
    }
  }

  /** A series of this server, or of a peer as it announces it. */
  series(name: string, peer: Peer | undefined): SeriesDocument {
    const { selfName, state } = this.#components
    const ids =
      peer === undefined
        ? state.series.members(name).map(({ image }) => image)
        : state.announcedSeries.members(peer.id, name).map(({ image }) => image)
    const images = ids.flatMap((id) => {
      const sealed =
        peer === undefined ? state.images.byId(id)?.sealed : state.announced.get(peer.id, id)?.sealed
      return sealed === undefined ? [] : [this.image(sealed)]
    })
    return {
      name,
      origin: peer?.name ?? selfName,
      local: peer === undefined,
      images: images.map((image) => ({
        name: image.name,
        id: image.id,
        ref: image.ref,
        state: image.state,
        status: image.status,
      })),
    }
  }

  explanation({ image, selectors, declined, job, advice }: Explanation): ExplainDocument {
    const { state } = this.#components
    return {
      server: state.peers.byId(image.peer)?.name ?? image.peer,
      image: image.sealed.manifest.name,
      id: image.sealed.id,
      atOrigin: image.status,
      status: this.image(image.sealed).status,
      decision: image.decision,
      rule: this.#shown(image.rule),
      decidedAt: new Date(image.decidedAt).toISOString(),
      selectors: selectors.map(({ subscription, match }) => ({
        selector: this.#shown(subscription.selector),
        ...match,
      })),
      declined:
        declined === undefined ? null : { why: declined.why, since: new Date(declined.time).toISOString() },
      job: job === undefined ? null : this.job(job),
      advice,
    }
  }
}

/** What a selector names; null for `all`. */
function valueOf(selector: Selector): string | null {
  switch (selector.kind) {
    case 'all':
      return null
    case 'image':
      return selector.name
    case 'series':
      return selector.series
    case 'imagetype':
      return selector.imageType
  }
}
