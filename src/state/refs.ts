import type { SealedManifest } from '../image/manifest.ts'
import type { State } from './state.ts'

/** How an image is called here: `./name` for an own one, else `peer/name`. */
export function refOf({ selfId, state }: { selfId: string; state: State }, image: SealedManifest): string {
  const { origin } = image.manifest
  const name = state.images.byId(image.id)?.name ?? image.manifest.name
  return origin === selfId ? `./${name}` : `${state.peers.byId(origin)?.name ?? origin}/${name}`
}
