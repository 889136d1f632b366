import type { Clock } from '../core/clock.ts'
import { parseSelector, selectorText, type Selector } from '../filter/selector.ts'
import { isDigest, type Digest } from '../image/digest.ts'
import type { SealedManifest } from '../image/manifest.ts'
import { fingerprint } from '../image/signature.ts'
import type { Links } from '../net/links.ts'
import type { Explanation } from '../replicate/explain.ts'
import type { Intake } from '../replicate/intake.ts'
import type { Plan } from '../replicate/subscribe.ts'
import type { ImageRecord } from '../state/images.ts'
import type { Job, JobState } from '../state/jobs.ts'
import type { Peer } from '../state/peers.ts'
import { refOf } from '../state/refs.ts'
import type { State } from '../state/state.ts'
import type { Subscription } from '../state/subscriptions.ts'
import type { Layout } from '../store/layout.ts'
import type {
  ExplainDocument,
  HolderDocument,
  ImageDocument,
  JobDocument,
  PeerDocument,
  PlanDocument,
  SeriesDocument,
  SubscriptionDocument,
} from './documents.ts'
import { refOfId } from './resolve.ts'

export interface PresenterComponents {
  selfId: string
  selfName: string
  state: State
  links: Links
  intake: Intake
  layout: Layout
  clock: Clock
}

function time(ms: number | undefined): string | null {
  return ms === undefined ? null : new Date(ms).toISOString()
}

const jobStatus: Record<JobState, string> = {
  QUEUED: 'queued',
  PLANNING: 'fetching',
  FETCHING: 'fetching',
  ENABLING: 'staged',
  WAITING: 'waiting',
  PAUSED: 'paused',
  CONFLICT: 'conflict',
  DONE: 'announced',
  FAILED: 'failed',
  CANCELLED: 'announced',
}

/** Turns what is stored into what the API answers. */
export class Presenter {
  readonly #components: PresenterComponents

  constructor(components: PresenterComponents) {
    this.#components = components
  }

  /** An image that is here, or one that a peer announces. */
  image(sealed: SealedManifest, options: { holders?: boolean; descendants?: boolean } = {}): ImageDocument {
    const { selfId, selfName, state } = this.#components
    const { manifest } = sealed
    const local = manifest.origin === selfId
    const here = state.images.byId(sealed.id)
    const job = local ? undefined : state.jobs.latest(manifest.origin, sealed.id)
    const peer = state.peers.byId(manifest.origin)
    return {
      id: sealed.id,
      name: here?.name ?? manifest.name,
      origin: local ? selfName : (peer?.name ?? manifest.origin),
      originId: manifest.origin,
      ref: refOf(this.#components, sealed),
      local,
      type: manifest.type,
      baseType: manifest.baseType,
      version: manifest.version,
      description: manifest.description,
      labels: manifest.labels,
      series: this.#seriesOf(sealed),
      state: here?.state ?? 'PUBLISHED',
      private: here?.private ?? false,
      atOrigin: local ? null : (state.announced.get(manifest.origin, sealed.id)?.status ?? 'deleted'),
      size: manifest.size,
      kind: manifest.kind,
      manifest: sealed.id,
      content: manifest.content,
      sha256: manifest.sha256 ?? null,
      sha256Checked: this.#sha256Checked(sealed, here),
      ancestors: manifest.ancestors.map((id) => ({ id, ref: refOfId(this.#components, id) })),
      ...(options.descendants === true ? { descendants: this.#descendants(sealed.id) } : {}),
      status: here === undefined ? (job === undefined ? 'announced' : jobStatus[job.state]) : 'enabled',
      damage: null,
      verifiedAt: null,
      ...(here === undefined ? {} : this.#integrity(manifest.content)),
      ...this.#places(here),
      createdAt: new Date(manifest.createdAt).toISOString(),
      enabledAt: time(here?.enabledAt),
      ...(options.holders === true && local ? { holders: this.#holders(sealed) } : {}),
    }
  }

  /** How the bytes of an image that is here stand. */
  #integrity(content: Digest): Pick<ImageDocument, 'damage' | 'verifiedAt'> & { status?: string } {
    const { integrity } = this.#components.state
    const verifiedAt = time(integrity.verifiedAt(content))
    const damage = integrity.damage(content)
    if (damage === undefined) return { damage: null, verifiedAt }
    const { since, foundBy, leaves, ranges, other, reason = null } = damage
    const document = { since: new Date(since).toISOString(), foundBy, leaves, ranges, other, reason }
    return { status: 'damaged', damage: document, verifiedAt }
  }

  #sha256Checked({ manifest }: SealedManifest, here: ImageRecord | undefined): boolean | null {
    if (manifest.sha256 === undefined) return null
    const content = here && this.#components.state.images.content(manifest.content)
    return content?.sha256 === manifest.sha256
  }

  #places(here: ImageRecord | undefined): { path: string | null; link: string | null } {
    if (here === undefined) return { path: null, link: null }
    const { selfId, state, layout } = this.#components
    const { origin, content } = here.sealed.manifest
    const owner = origin === selfId ? undefined : (state.peers.byId(origin)?.name ?? origin)
    return {
      path: state.images.content(content)?.inPlace?.path ?? layout.file(content),
      link: layout.link(owner, here.name),
    }
  }

  /** The text of a selector, with the name of its image where that is known here. */
  #shown(selector: string): string {
    const [kind, value = ''] = selector.split(' ')
    if (kind !== 'image' || !isDigest(value)) return selector
    return `image ${refOfId(this.#components, value) ?? value}`
  }

  #seriesOf({ id, manifest }: SealedManifest): string[] {
    const { selfId, state } = this.#components
    if (manifest.origin === selfId) return state.series.of(id)
    return state.announcedSeries.of(manifest.origin, id).map(({ series }) => series)
  }

  #descendants(id: Digest): { id: string; ref: string }[] {
    const { state } = this.#components
    const announced = state.announced
      .descendants(id)
      .filter(({ status, peer }) => status === 'announced' && state.peers.isRegistered(peer))
    const known = [...state.images.descendants(id), ...announced].map(({ sealed }) => sealed)
    const unique = new Map(known.map((sealed) => [sealed.id, refOf(this.#components, sealed)]))
    return [...unique].map(([each, ref]) => ({ id: each, ref }))
  }

  #holders({ id }: SealedManifest): HolderDocument[] {
    const { state } = this.#components
    return state.receipts.holders(id).map((receipt) => ({
      peer: state.peers.byId(receipt.peer)?.name ?? receipt.peer,
      state: receipt.state,
      reason: receipt.reason === '' ? null : receipt.reason,
      since: new Date(receipt.time).toISOString(),
    }))
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
