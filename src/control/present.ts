import { parseSelector, selectorText } from '../filter/selector.ts'
import type { SealedManifest } from '../image/manifest.ts'
import { fingerprint } from '../image/signature.ts'
import type { Links } from '../net/links.ts'
import type { Plan } from '../replicate/subscribe.ts'
import type { ImageRecord } from '../state/images.ts'
import type { Job, JobState } from '../state/jobs.ts'
import type { Peer } from '../state/peers.ts'
import type { State } from '../state/state.ts'
import type { Subscription } from '../state/subscriptions.ts'
import type { Layout } from '../store/layout.ts'
import type {
  HolderDocument,
  ImageDocument,
  JobDocument,
  PeerDocument,
  PlanDocument,
  SubscriptionDocument,
} from './documents.ts'
import { refOf } from './resolve.ts'

export interface PresenterComponents {
  selfId: string
  selfName: string
  state: State
  links: Links
  layout: Layout
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
  CONFLICT: 'conflict',
  DONE: 'enabled',
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
  image(sealed: SealedManifest, options: { holders?: boolean } = {}): ImageDocument {
    const { selfId, selfName, state } = this.#components
    const { manifest } = sealed
    const local = manifest.origin === selfId
    const here = state.images.byId(sealed.id)
    const job = local ? undefined : state.jobs.latest(manifest.origin, sealed.id)
    const peer = state.peers.byId(manifest.origin)
    return {
      id: sealed.id,
      name: manifest.name,
      origin: local ? selfName : (peer?.name ?? manifest.origin),
      originId: manifest.origin,
      ref: refOf(this.#components, sealed),
      local,
      type: manifest.type,
      baseType: manifest.baseType,
      version: manifest.version,
      description: manifest.description,
      labels: manifest.labels,
      series: [],
      state: here?.state ?? 'PUBLISHED',
      private: here?.private ?? false,
      size: manifest.size,
      kind: manifest.kind,
      manifest: sealed.id,
      content: manifest.content,
      sha256: manifest.sha256,
      ancestors: manifest.ancestors.map((id) => {
        const known = state.images.byId(id)
        return { id, ref: known === undefined ? null : refOf(this.#components, known.sealed) }
      }),
      status: here === undefined ? (job === undefined ? 'announced' : jobStatus[job.state]) : 'enabled',
      ...this.#places(here),
      createdAt: new Date(manifest.createdAt).toISOString(),
      enabledAt: time(here?.enabledAt),
      ...(options.holders === true && local ? { holders: this.#holders(sealed) } : {}),
    }
  }

  #places(here: ImageRecord | undefined): { path: string | null; link: string | null } {
    if (here === undefined) return { path: null, link: null }
    const { selfId, state, layout } = this.#components
    const { origin, name, content } = here.sealed.manifest
    const owner = origin === selfId ? undefined : (state.peers.byId(origin)?.name ?? origin)
    return {
      path: state.images.content(content)?.inPlace?.path ?? layout.file(content),
      link: layout.link(owner, name),
    }
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
      error: job.error ?? null,
      createdAt: new Date(job.createdAt).toISOString(),
      startedAt: time(job.startedAt),
      finishedAt: time(job.finishedAt),
      retryAt: time(job.retryAt),
    }
  }

  peer(peer: Peer): PeerDocument {
    const { state, links } = this.#components
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
      lastContact: time(peer.lastContact),
      registeredAt: new Date(peer.registeredAt).toISOString(),
      journalSeq: state.peers.cursor(peer.id)?.seq ?? 0,
      wrongLeaves: peer.wrongLeaves,
      fault: peer.fault ?? null,
      subscriptions: state.subscriptions.list(peer.id).map(({ selector }) => selector),
    }
  }

  subscription(subscription: Subscription): SubscriptionDocument {
    const selector = parseSelector(subscription.selector, subscription.name)
    const values = {
      all: null,
      image: subscription.name,
      imagetype: subscription.selector.split(' ')[1] ?? null,
    }
    return {
      id: subscription.id,
      server: this.#components.state.peers.byId(subscription.peer)?.name ?? subscription.peer,
      selector: selector.kind,
      value: values[selector.kind],
      imageId: selector.kind === 'image' ? selector.image : null,
      createdAt: new Date(subscription.createdAt).toISOString(),
    }
  }

  plan(
    plan: Plan,
    options: { server: string; selector: Parameters<typeof selectorText>[0]; dryRun: boolean },
  ): PlanDocument {
    return {
      server: options.server,
      selector: selectorText(options.selector),
      dryRun: options.dryRun,
      images: plan.images.map(({ image, here, bytes }) => ({
        name: image.manifest.name,
        id: image.id,
        size: bytes,
        here,
      })),
      bytesToMove: plan.bytesToMove,
      exact: plan.bytesToMove === 0,
      bytesHere: plan.bytesHere,
      diskNeeded: plan.diskNeeded,
    }
  }
}
