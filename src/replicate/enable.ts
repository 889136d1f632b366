import { rm } from 'node:fs/promises'
import type { Clock } from '../core/clock.ts'
import { IngotError, systemCode } from '../core/errors.ts'
import type { SealedManifest } from '../image/manifest.ts'
import type { State } from '../state/state.ts'
import type { Layout } from '../store/layout.ts'
import { linkImage } from '../store/placement.ts'
import { verifyContent } from '../store/verify.ts'

export interface EnableComponents {
  state: State
  layout: Layout
  clock: Clock
}

/**
 * True when the content of an image lies here whole: recorded, or in its place without a record (after a crash between the
 * two), and then only if it verifies leaf by leaf.
 */
export async function hasContent(
  { state, layout, clock }: EnableComponents,
  image: SealedManifest,
): Promise<boolean> {
  const { content, size, kind } = image.manifest
  if (state.images.content(content) !== undefined) return true
  try {
    await verifyContent({ image: layout.file(content), index: layout.index(content) }, content, size)
  } catch (error) {
    if (systemCode(error) !== 'ENOENT' && !(error instanceof IngotError) && !(error instanceof RangeError))
      throw error
    await rm(layout.content(content), { recursive: true, force: true })
    return false
  }
  state.images.putContent({ digest: content, kind, size, inPlace: undefined, createdAt: clock.now() })
  return true
}

/** Links and records a replica whose content is here, runs `also` in the same durable transaction, and shows it. */
export async function enable(
  { state, layout, clock }: EnableComponents,
  image: SealedManifest,
  also: () => void,
): Promise<void> {
  const { manifest } = image
  const peer = state.peers.byId(manifest.origin)
  const content = state.images.content(manifest.content)
  await linkImage(
    layout.link(peer?.name ?? manifest.origin, manifest.name),
    content?.inPlace?.path ?? layout.file(manifest.content),
  )
  state.db.durably(() => {
    if (content === undefined) {
      const { content: digest, kind, size } = manifest
      state.images.putContent({ digest, kind, size, inPlace: undefined, createdAt: clock.now() })
    }
    state.images.insert({ sealed: image, state: 'PUBLISHED', private: false, enabledAt: clock.now() })
    also()
  })
}
