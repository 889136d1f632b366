import { rm } from 'node:fs/promises'
import type { Clock } from '../core/clock.ts'
import type { StoredContent } from '../image/content.ts'
import type { SealedManifest } from '../image/manifest.ts'
import type { ImageState } from '../image/states.ts'
import type { ImageRecord } from '../state/images.ts'
import type { State } from '../state/state.ts'
import type { Layout } from '../store/layout.ts'
import { linkImage } from '../store/placement.ts'

export interface EnableComponents {
  state: State
  layout: Layout
  clock: Clock
}

/** A replica whose content is here, and how it shall stand. */
export interface Arrival {
  image: SealedManifest
  /** Its name here. */
  name: string
  content: StoredContent
  landAs: ImageState
  /** All of its bytes came from its origin. */
  pure: boolean
  /** The image that has its name until now. */
  replaced: ImageRecord | undefined
}

/** Links and records a replica whose content is here, runs `also` in the same durable transaction. */
export async function enable(
  { state, layout, clock }: EnableComponents,
  arrival: Arrival,
  also: () => void,
): Promise<void> {
  const { image, name, content, landAs, replaced, pure } = arrival
  const { origin } = image.manifest
  const owner = state.peers.byId(origin)?.name ?? origin
  const link = layout.link(owner, name)
  try {
    await linkImage(link, layout.file(content.digest))
    state.db.durably(() => {
      if (replaced !== undefined) state.images.delete(replaced.sealed.id)
      state.images.putContent(content)
      state.integrity.whole(content.digest, clock.now())
      const enabled = { name, sealed: image, state: landAs, private: false, enabledAt: clock.now() }
      state.images.insert(enabled, { pure })
      also()
    })
  } catch (error) {
    // What is not recorded is not visible; the next attempt links it again.
    if (replaced === undefined) await rm(link, { force: true })
    else await linkImage(link, layout.file(replaced.sealed.manifest.content))
    throw error
  }
}
