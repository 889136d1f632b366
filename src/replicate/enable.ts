import type { Clock } from '../core/clock.ts'
import type { StoredContent } from '../image/content.ts'
import type { SealedManifest } from '../image/manifest.ts'
import type { State } from '../state/state.ts'
import { adoptContent } from '../store/adopt.ts'
import type { Layout } from '../store/layout.ts'
import { linkImage } from '../store/placement.ts'

export interface EnableComponents {
  state: State
  layout: Layout
  clock: Clock
}

/**
 * The content of a peer's image when it lies here whole: recorded, or in its place without a record and then verified. A content
 * on which only private images stand does not count: its origin would learn from our receipt that we have it.
 */
export async function localContent(
  { state, layout, clock }: EnableComponents,
  image: SealedManifest,
  signal: AbortSignal,
): Promise<StoredContent | undefined> {
  const { content: digest } = image.manifest
  const recorded = state.images.content(digest)
  if (recorded !== undefined) return state.images.isPrivate(digest) ? undefined : recorded
  return await adoptContent(layout, digest, { now: clock.now(), signal })
}

/** Links and records a replica whose content is here, runs `also` in the same durable transaction. */
export async function enable(
  { state, layout, clock }: EnableComponents,
  replica: { image: SealedManifest; content: StoredContent },
  also: () => void,
): Promise<void> {
  const { image, content } = replica
  const { origin, name } = image.manifest
  const owner = state.peers.byId(origin)?.name ?? origin
  await linkImage(layout.link(owner, name), content.inPlace?.path ?? layout.file(content.digest))
  state.db.durably(() => {
    state.images.putContent(content)
    state.images.insert({ sealed: image, state: 'PUBLISHED', private: false, enabledAt: clock.now() })
    also()
  })
}
