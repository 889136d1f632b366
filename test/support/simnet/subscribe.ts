import { pick } from '../random.ts'
import { ownImages, types } from './choices.ts'
import { subscriptionKey } from './facts.ts'
import type { SimNetwork } from './sim-network.ts'
import type { SimServer } from './sim-server.ts'

/** A selector as the control API takes it, of its kind and value. */
function selectorOf(kind: string, value: string) {
  const selectors = {
    all: { kind: 'all' },
    image: { kind: 'image', image: value },
    series: { kind: 'series', series: value },
    imagetype: { kind: 'imagetype', imageType: value },
  } as const
  return selectors[kind as keyof typeof selectors]
}

/** A server asks for images of a peer: mostly all of them, or by type, series, or one and its descendants. */
export async function subscribe(
  network: SimNetwork,
  server: SimServer,
  { peer, number }: { peer: SimServer; number: number },
): Promise<void> {
  const choice = number % 8
  const [kind, value] =
    choice === 0
      ? (['imagetype', pick(types, number >> 3) ?? ''] as const)
      : choice === 1
        ? (['series', `series${(number >> 3) % 4}`] as const)
        : choice === 2
          ? (['image', pick(ownImages(network, peer), number >> 3)?.name] as const)
          : (['all', ''] as const)
  if (value === undefined) return
  const what = `${server.name} subscribes to ${kind} ${value} of ${peer.name}`
  let key = subscriptionKey(peer.name, kind, value)
  const outcome = await network.attempt(server, what, async () => {
    const image = kind === 'image' ? `${peer.name}/${value}` : value
    await server.client.subscribe({ server: peer.name, selector: selectorOf(kind, image) })
    if (kind !== 'image') return
    // It is called by its id when it is ended.
    const { subscriptions } = await server.client.subscriptions({ server: peer.name })
    const made = subscriptions.find(
      (each) => each.selector === 'image' && each.value?.endsWith(value) === true,
    )
    key = subscriptionKey(peer.name, kind, made?.imageId ?? value)
  })
  if (outcome !== 'done') return
  server.facts.subscriptions.add(key)
  const pair = `${server.name} ${peer.name}`
  if (kind === 'all' && !network.wantedSince.has(pair)) network.wantedSince.set(pair, Date.now())
}

/** A server ends one of its subscriptions. */
export async function unsubscribe(network: SimNetwork, server: SimServer, number: number): Promise<void> {
  const key = pick([...server.facts.subscriptions], number)
  if (key === undefined) return
  const [peer = '', kind = '', value = ''] = key.split(' ')
  server.facts.subscriptions.delete(key)
  const outcome = await network.attempt(server, `${server.name} ends ${key}`, async () => {
    await server.client.unsubscribe({ server: peer, selector: selectorOf(kind, value) })
  })
  if (outcome === 'refused') server.facts.subscriptions.add(key)
  else if (kind === 'all') network.wantedSince.delete(`${server.name} ${peer}`)
}
