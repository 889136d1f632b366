import { IngotError } from '../core/errors.ts'
import type { StoredContent } from '../image/content.ts'
import type { Digest } from '../image/digest.ts'
import { isAnnounced } from '../state/images.ts'
import type { State } from '../state/state.ts'

/** Decides for one peer what {@link authorise} says: asks the state again only when anything has changed since it asked for the same image. */
export function authoriser(
  components: { selfId: string; state: State },
  peerId: string,
): (image: Digest) => StoredContent {
  let known: { image: Digest; version: number; content: StoredContent } | undefined
  return (image) => {
    const { version } = components.state.db
    if (known?.image === image && known.version === version) return known.content
    const content = authorise(components, peerId, image)
    known = { image, version, content }
    return content
  }
}

/**
 * The one place that decides whether a peer may have an image's content: a registered peer, an image that was created here,
 * and that is announced now. Knowing an id or a digest gives nothing. Throws `not-announced`, without telling which failed.
 */
function authorise(
  components: { selfId: string; state: State },
  peerId: string,
  image: Digest,
): StoredContent {
  const { selfId, state } = components
  const record = state.images.byId(image)
  const allowed =
    state.peers.isRegistered(peerId) &&
    record !== undefined &&
    record.sealed.manifest.origin === selfId &&
    isAnnounced(record)
  const content = allowed ? state.images.content(record.sealed.manifest.content) : undefined
  if (content === undefined) throw new IngotError('not-announced', 'this image is not announced to this peer')
  return content
}
