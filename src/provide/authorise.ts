import { IngotError } from '../core/errors.ts'
import type { StoredContent } from '../image/content.ts'
import type { Digest } from '../image/digest.ts'
import { isAnnounced } from '../state/images.ts'
import type { State } from '../state/state.ts'
import type { ContentRequest } from '../wire/content.ts'

/** What an origin may ask of its own image when it repairs it: no patches, and nothing that is for finding blocks. */
const repairing: readonly ContentRequest['what'][] = [
  'segments',
  'leafLists',
  'leaves',
  'pageTable',
  'pages',
  'leafDigests',
]

/** A content that a peer may have, and of it only parts for its repair. */
interface Allowed {
  content: StoredContent
  onlyRepair: boolean
}

/** Decides for one peer what {@link authorise} says: asks the state again only when anything has changed since it asked for the same image. */
export function authoriser(
  components: { selfId: string; state: State },
  peerId: string,
): (request: ContentRequest) => StoredContent {
  let known: (Allowed & { image: Digest; version: number }) | undefined
  return ({ image, what }) => {
    const { version } = components.state.db
    if (known?.image !== image || known.version !== version)
      known = { image, version, ...authorise(components, peerId, image) }
    if (known.onlyRepair && !repairing.includes(what)) throw refused()
    return known.content
  }
}

/**
 * The one place that decides whether a peer may have an image's content: a registered peer, an image that was created here,
 * and that is announced now. One exception, for repair: a replica is served back to its origin, and to nobody else, if no byte of it came
 * from an image of any other origin. Knowing an id or a digest gives nothing. Throws `not-announced`, without telling which failed;
 * `changed-on-disk` for what is known to be damaged here.
 */
function authorise(components: { selfId: string; state: State }, peerId: string, image: Digest): Allowed {
  const { selfId, state } = components
  const record = state.images.byId(image)
  if (record === undefined || !state.peers.isRegistered(peerId)) throw refused()
  const { origin, content: digest } = record.sealed.manifest
  const isOwn = origin === selfId && isAnnounced(record)
  const onlyRepair = origin === peerId && state.images.isPure(image)
  const content = isOwn || onlyRepair ? state.images.content(digest) : undefined
  if (content === undefined) throw refused()
  if (state.integrity.isDamaged(digest))
    throw new IngotError('changed-on-disk', 'the content is damaged here')
  return { content, onlyRepair }
}

function refused(): IngotError {
  return new IngotError('not-announced', 'this image is not announced to this peer')
}
