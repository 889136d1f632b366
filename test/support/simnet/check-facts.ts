import { subscriptionKey } from './facts.ts'
import type { SimNetwork } from './sim-network.ts'
import type { SimServer } from './sim-server.ts'
import { Violation } from './violation.ts'

/** Nothing that was acknowledged is lost: asks a server that runs for all that it ever promised and did not take back. */
export async function checkFacts(network: SimNetwork, server: SimServer): Promise<void> {
  const { client, facts, name: here } = server
  const lost = (what: string): never => {
    throw new Violation(`${here} lost ${what}`)
  }
  const [{ images }, { peers }, { series }, { subscriptions }] = await Promise.all([
    client.images({}),
    client.peers({}),
    client.series({}),
    client.subscriptions({}),
  ])
  const own = new Map(images.filter(({ local }) => local).map((image) => [image.name, image]))
  for (const [name, state] of facts.images) {
    const image = own.get(name) ?? lost(`its image ${name}`)
    if (state !== undefined && image.state !== state)
      lost(`the state ${state} of ${name}: it is ${image.state}`)
  }
  for (const name of facts.peers)
    if (!peers.some((peer) => peer.name === name)) lost(`its registration of ${name}`)
  for (const [name, members] of facts.series) {
    const found = series.find((each) => each.name === name) ?? lost(`its series ${name}`)
    const there = found.images.map((image) => image.name)
    for (const member of members) {
      // An image is taken out of all series before it is deleted.
      if (!there.includes(member)) lost(`${member} in its series ${name}`)
    }
  }
  const held = new Set(
    subscriptions.map(({ server: peer, selector, value, imageId }) =>
      subscriptionKey(peer, selector, imageId ?? value),
    ),
  )
  for (const key of facts.subscriptions) if (!held.has(key)) lost(`its subscription ${key}`)
  const replicas = new Set(
    images.filter(({ local, status }) => !local && status === 'enabled').map(({ name }) => name),
  )
  for (const name of facts.replicas)
    if (!replicas.has(name) && !network.declined.has(`${here} ${name}`)) lost(`its replica ${name}`)
}
