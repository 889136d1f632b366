import type { SimImage, SimNetwork } from './sim-network.ts'
import type { SimServer } from './sim-server.ts'

/** Numbers that choose among what there is when something is done. */
export interface Numbers {
  a: number
  b: number
  c: number
}

export const types = ['DISK', 'OS', 'SOFTWARE'] as const

/** Own images of a server that it acknowledged. */
export function ownImages(network: SimNetwork, server: SimServer): SimImage[] {
  return [...server.facts.images.keys()].flatMap((name) => network.images.get(name) ?? [])
}

/** Images of the peers of a server that its peers acknowledged: whether they are there already is another matter. */
export function peerImages(network: SimNetwork, server: SimServer): SimImage[] {
  return network.peersOf(server).flatMap((peer) => ownImages(network, peer))
}

/** How an image is called at a server. */
export function refOf(server: SimServer, { origin, name }: SimImage): string {
  return `${origin === server ? '.' : origin.name}/${name}`
}
