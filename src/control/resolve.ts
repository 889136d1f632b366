import { IngotError } from '../core/errors.ts'
import { checkName } from '../core/names.ts'
import { isDigest, type Digest } from '../image/digest.ts'
import type { SealedManifest } from '../image/manifest.ts'
import type { ImageRecord } from '../state/images.ts'
import { refOf } from '../state/refs.ts'
import type { State } from '../state/state.ts'

interface ResolveComponents {
  selfId: string
  state: State
}

/** Images of a name: own, replicas, and what registered peers announce. */
function named({ state }: ResolveComponents, name: string): SealedManifest[] {
  const announced = state.announced.named(name).filter(({ peer }) => state.peers.isRegistered(peer))
  const images = new Map<string, SealedManifest>()
  for (const { sealed } of [...state.images.named(name), ...announced]) images.set(sealed.id, sealed)
  return [...images.values()]
}

/**
 * Finds an image by id, `./name`, `peer/name`, or by a bare name: then our own first, else the only peer's. `prefer`: the peer
 * whose image a bare name means first in a command about that peer. Undefined when there is none; throws `conflict` with the list when
 * several fit.
 */
export function findImage(
  components: ResolveComponents,
  ref: string,
  prefer?: string,
): SealedManifest | undefined {
  const { selfId, state } = components
  if (isDigest(ref)) return (state.images.byId(ref) ?? state.announced.byId(ref))?.sealed
  const slash = ref.indexOf('/')
  if (slash === -1) {
    const fits = named(components, checkName(ref, 'image name'))
    const of = (origin: string | undefined) => fits.find(({ manifest }) => manifest.origin === origin)
    const preferred = of(prefer) ?? of(selfId)
    if (preferred !== undefined) return preferred
    if (fits.length <= 1) return fits[0]
    const refs = fits.map((image) => refOf(components, image)).join(', ')
    throw new IngotError('conflict', `several images are called ${ref}: ${refs}`, {
      hint: 'name one of them in full',
    })
  }
  const owner = ref.slice(0, slash)
  const name = checkName(ref.slice(slash + 1), 'image name')
  const origin = owner === '.' ? selfId : state.peers.byName(owner)?.id
  if (origin === undefined) {
    throw new IngotError('not-found', `no peer ${owner} is known here`, {
      hint: '"ingot query peerserver" lists the peers',
    })
  }
  return state.images.byName(origin, name)?.sealed ?? state.announced.byName(origin, name)?.sealed
}

/** What the audit log calls an image that an operator named; as it was named when it does not mean one image. */
export function subjectOf(components: ResolveComponents, ref: string): string {
  try {
    const image = findImage(components, ref)
    return image === undefined ? ref : refOf(components, image)
  } catch {
    return ref // the operation says why
  }
}

/** How an id in a line of ancestors is called here, if it is or was known; null otherwise. */
export function refOfId(components: ResolveComponents, id: Digest): string | null {
  const { state } = components
  const here = state.images.byId(id)
  if (here !== undefined) return refOf(components, here.sealed)
  const announced = state.announced.known(id)
  if (announced !== undefined && state.peers.isRegistered(announced.peer))
    return refOf(components, announced.sealed)
  const buried = state.images.buried(id)
  return buried === undefined ? null : `./${buried}`
}

/** What a peer announces under that name or id now; undefined when it is called otherwise or not announced. */
export function findAnnounced(
  { state }: ResolveComponents,
  ref: string,
  peer: { id: string; name: string },
): SealedManifest | undefined {
  if (!isDigest(ref)) return state.announced.byName(peer.id, nameAt(peer, ref))?.sealed
  const announced = state.announced.get(peer.id, ref)
  return announced?.status === 'announced' ? announced.sealed : undefined
}

/** What a peer announced under that name or id and has taken back since; of several the newest. */
export function findTakenBack(
  { state }: ResolveComponents,
  ref: string,
  peer: { id: string; name: string },
): SealedManifest | undefined {
  const known = isDigest(ref)
    ? state.announced.get(peer.id, ref)
    : state.announced.lastByName(peer.id, nameAt(peer, ref))
  return known?.sealed
}

/** The name without the peer's before it. */
function nameAt(peer: { name: string }, ref: string): string {
  return ref.startsWith(`${peer.name}/`) ? ref.slice(peer.name.length + 1) : ref
}

/** An image that is here: own or replica. Throws `not-found`. */
export function requireHere(components: ResolveComponents, ref: string): ImageRecord {
  const image = findImage(components, ref)
  const record = image && components.state.images.byId(image.id)
  if (record !== undefined) return record
  throw new IngotError('not-found', `no image ${ref} is here`, {
    hint: '"ingot query image" lists the images that are here',
  })
}

/** An image that was created here. Throws `not-found`, and `conflict` for a replica. */
export function requireOwn(components: ResolveComponents, ref: string): ImageRecord {
  const record = requireHere(components, ref)
  if (record.sealed.manifest.origin === components.selfId) return record
  throw new IngotError('conflict', `${refOf(components, record.sealed)} was created on another server`, {
    hint: '"ingot adopt image" makes it an image of this server',
  })
}

/** Like {@link findImage}; throws `not-found` when there is none. */
export function requireImage(components: ResolveComponents, ref: string, prefer?: string): SealedManifest {
  const image = findImage(components, ref, prefer)
  if (image !== undefined) return image
  throw new IngotError('not-found', `no image ${ref} is known here`, {
    hint: '"ingot query image" lists the images here, "ingot query image --server PEER" those of a peer',
  })
}
