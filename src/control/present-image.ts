import type { Digest } from '../image/digest.ts'
import type { SealedManifest } from '../image/manifest.ts'
import type { ImageRecord } from '../state/images.ts'
import type { JobState } from '../state/job.ts'
import { refOf } from '../state/refs.ts'
import type { State } from '../state/state.ts'
import type { Layout } from '../store/layout.ts'
import type { HolderDocument, ImageDocument } from './documents.ts'
import { refOfId } from './resolve.ts'

export interface ImagePresenterComponents {
  selfId: string
  selfName: string
  state: State
  layout: Layout
}

/** What is told of an image besides what always is. */
export interface ImageOptions {
  holders?: boolean
  descendants?: boolean
}

/** A time as the API has it. */
export function time(ms: number | undefined): string | null {
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

/** Turns what is stored of an image into what the API answers. */
export class ImagePresenter {
  readonly #components: ImagePresenterComponents

  constructor(components: ImagePresenterComponents) {
    this.#components = components
  }

  /** An image that is here, or one that a peer announces. */
  image(sealed: SealedManifest, options: ImageOptions): ImageDocument {
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
}
