import type { SubscribeBody } from '../../../src/control/schema.ts'
import type { ChainNetwork } from './chain-network.ts'
import { pick } from '../random.ts'
import { freshContent, relatedContent, type Content } from './content.ts'
import { arePeers, type ModelImage, type ModelSeries, type ModelServer } from './model.ts'

export const types = ['DISK', 'OS', 'ISO']

/** Own images that are here, as the model has them. */
export function ownImages(network: ChainNetwork, server: ModelServer): ModelImage[] {
  return network.model.images.filter((image) => image.origin === server && !image.deleted)
}

/** Replicas that a server has, in the order in which they were made. */
export async function replicasAt(network: ChainNetwork, server: ModelServer): Promise<ModelImage[]> {
  const { images } = await network.real(server).client.images({})
  const here = new Set(
    images.filter(({ local, status }) => !local && status === 'enabled').map(({ id }) => id),
  )
  return network.model.images.filter(({ id }) => here.has(id))
}

/** Own images and replicas. */
export async function imagesAt(network: ChainNetwork, server: ModelServer): Promise<ModelImage[]> {
  return [...ownImages(network, server), ...(await replicasAt(network, server))]
}

/** Own series. */
export function seriesOf(network: ChainNetwork, server: ModelServer): ModelSeries[] {
  return network.model.series.filter((series) => series.owner === server && !series.deleted)
}

/** Peers that run. */
export function linkedPeers(network: ChainNetwork, server: ModelServer): ModelServer[] {
  return network.running().filter((other) => other !== server && arePeers(server, other))
}

/** How an image is called at a server. */
export function refOf(server: ModelServer, image: ModelImage): string {
  return `${image.origin === server ? '.' : image.origin.name}/${image.name}`
}

/** Content of a new image: mostly its own, now and then what somebody else has, in part or whole. */
export function chooseContent(network: ChainNetwork, name: string, number: number): Content {
  const other = pick(network.model.images, number >> 3)?.content
  switch (number % 8) {
    case 0:
      return other ?? freshContent(name, 1) // equal to what somebody has, here or elsewhere
    case 1:
    case 2:
      return other === undefined ? freshContent(name, 2) : relatedContent(other, name)
    case 3:
    case 4:
      return freshContent(name, 2)
    default:
      return freshContent(name, 1)
  }
}

/** Which of a peer's images a server asks for. */
export async function chooseSelector(
  network: ChainNetwork,
  server: ModelServer,
  peer: ModelServer,
  number: number,
): Promise<{ selector: SubscribeBody['selector']; series?: ModelSeries }> {
  const choice = number % 8
  if (choice < 2) return { selector: { kind: 'imagetype', imageType: pick(types, number >> 3) ?? 'DISK' } }
  if (choice < 4) {
    // Of that peer, of anybody else, or its own: whose descendants the peer may make.
    const others = [...server.known].filter((image) => !image.deleted)
    const image = pick([...others, ...(await imagesAt(network, server))], number >> 3)
    if (image !== undefined) return { selector: { kind: 'image', image: refOf(server, image) } }
  }
  const series = choice === 4 || choice === 5 ? pick(seriesOf(network, peer), number >> 3) : undefined
  if (series !== undefined) return { selector: { kind: 'series', series: series.name }, series }
  return { selector: { kind: 'all' } }
}
