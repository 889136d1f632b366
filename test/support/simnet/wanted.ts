import type { ImageDocument, SubscriptionDocument } from '../../../src/control/documents.ts'
import type { SimNetwork } from './sim-network.ts'
import type { SimServer } from './sim-server.ts'

/** Whether a subscription takes an image: what the commands say, and nothing of the code that decides. */
function takes({ selector, value, imageId }: SubscriptionDocument, image: ImageDocument): boolean {
  switch (selector) {
    case 'all':
      return true
    case 'imagetype':
      return image.type === value
    case 'series':
      return image.series.includes(value ?? '')
    default:
      return image.id === imageId || image.ancestors.some(({ id }) => id === imageId)
  }
}

/** Own images of each server that it announces now. */
export async function announcedBy(servers: readonly SimServer[]): Promise<Map<string, ImageDocument[]>> {
  const announced = new Map<string, ImageDocument[]>()
  for (const { name, client } of servers) {
    const { images } = await client.images({})
    announced.set(
      name,
      images.filter((image) => image.local && image.state === 'PUBLISHED' && !image.private),
    )
  }
  return announced
}

/** What a server wants of its peers and does not have, or does not list as it should; by their names, with why. */
export async function missingAt(
  network: SimNetwork,
  server: SimServer,
  announced: ReadonlyMap<string, ImageDocument[]>,
): Promise<string[]> {
  const [{ images }, { subscriptions }] = await Promise.all([
    server.client.images({}),
    server.client.subscriptions({}),
  ])
  const here = new Set(images.filter(({ status }) => status === 'enabled').map(({ id }) => id))
  const wanted = subscriptions.flatMap((subscription) =>
    (announced.get(subscription.server) ?? []).filter((image) => takes(subscription, image)),
  )
  return wanted
    .filter(({ id, name }) => !here.has(id) && !network.declined.has(`${server.name} ${name}`))
    .map(({ origin, name }) => `${origin}/${name}`)
}
