import type { Clock } from '../core/clock.ts'
import type { StoredContent } from '../image/content.ts'
import type { SealedManifest } from '../image/manifest.ts'
import type { State } from '../state/state.ts'
import type { Layout } from '../store/layout.ts'
import { linkImage } from '../store/placement.ts'

export interface EnableComponents {
  state: State
  layout: Layout
  clock: Clock
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
  await linkImage(layout.link(owner, name), layout.file(content.digest))
  state.db.durably(() => {
    state.images.putContent(content)
    state.images.insert({ sealed: image, state: 'PUBLISHED', private: false, enabledAt: clock.now() })
    also()
  })
}
