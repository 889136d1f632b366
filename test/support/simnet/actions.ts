import { pick } from '../random.ts'
import { ownImages, peerImages, refOf, type Numbers } from './choices.ts'
import { acknowledge, importImage } from './make.ts'
import type { SimImage, SimNetwork } from './sim-network.ts'
import type { SimServer } from './sim-server.ts'
import { subscribe, unsubscribe } from './subscribe.ts'

/** How often each kind of action comes. */
export const actionWeights = {
  import: 10,
  descend: 7,
  promote: 5,
  subscribe: 8,
  unsubscribe: 1,
  adopt: 2,
  deleteOwn: 2,
  deleteReplica: 1,
  createSeries: 1,
  insert: 4,
  takeOut: 1,
  verify: 1,
  pause: 6,
} as const
export type ActionKind = keyof typeof actionWeights

const states = ['PUBLISHED', 'PUBLISHED', 'TESTABLE', 'RESTRICTED'] as const
const never = new AbortController().signal

type Perform = (network: SimNetwork, server: SimServer, b: number, c: number) => Promise<void>

/** Does one action on one of the servers that run. One for which there is nothing to choose does nothing. */
export async function perform(network: SimNetwork, kind: ActionKind, { a, b, c }: Numbers): Promise<void> {
  const server = pick(network.servers, a)
  if (server?.running === true) await actions[kind](network, server, b, c)
}

const actions: Record<ActionKind, Perform> = {
  import: async (network, server, b, c) => await importImage(network, server, { b, c }),

  descend: async (network, server, b, c) => {
    const parent = pick([...ownImages(network, server), ...peerImages(network, server)], b)
    if (parent !== undefined) await importImage(network, server, { b: c, c: b, parent })
  },

  promote: async (network, server, b, c) => {
    const image = pick(ownImages(network, server), b)
    if (image === undefined) return
    const state = pick(states, c) ?? 'PUBLISHED'
    const { images } = server.facts
    const before = images.get(image.name)
    images.set(image.name, undefined)
    const what = `${server.name} promotes ${image.name} to ${state}`
    const outcome = await network.attempt(server, what, async () => {
      await server.client.promoteImage({ image: refOf(server, image), state })
    })
    if (outcome === 'unsure' || !server.facts.images.has(image.name)) return
    if (outcome === 'done') acknowledge(server, image, state)
    else images.set(image.name, before)
  },

  subscribe: async (network, server, b, c) => {
    const peer = pick(network.peersOf(server), b)
    if (peer !== undefined) await subscribe(network, server, { peer, number: c })
  },

  unsubscribe: async (network, server, b) => await unsubscribe(network, server, b),

  adopt: async (network, server, b, c) => {
    const source = pick(peerImages(network, server), b)
    if (source === undefined) return
    const name = `adopted${network.images.size}`
    const state = pick(states, c) ?? 'PUBLISHED'
    const image: SimImage = { ...source, name, origin: server, announcedAt: undefined }
    network.images.set(name, image)
    const what = `${server.name} adopts ${refOf(server, source)} as ${name}, ${state}`
    const outcome = await network.attempt(server, what, async () => {
      await server.client.adoptImage({ image: refOf(server, source), as: name, state })
    })
    if (outcome !== 'done') return
    acknowledge(server, image, state)
  },

  deleteOwn: async (network, server, b) => {
    const image = pick(ownImages(network, server), b)
    if (image === undefined) return
    const state = server.facts.images.get(image.name)
    server.facts.images.delete(image.name)
    const outcome = await network.attempt(server, `${server.name} deletes ${image.name}`, async () => {
      await server.client.deleteImage(refOf(server, image))
    })
    if (outcome === 'refused') server.facts.images.set(image.name, state)
  },

  deleteReplica: async (network, server, b) => {
    const image = pick(peerImages(network, server), b)
    if (image === undefined) return
    const { replicas } = server.facts
    const wasSeen = replicas.delete(image.name)
    const outcome = await network.attempt(
      server,
      `${server.name} deletes ${refOf(server, image)}`,
      async () => {
        await server.client.deleteImage(refOf(server, image))
      },
    )
    if (outcome !== 'refused') network.declined.add(`${server.name} ${image.name}`)
    else if (wasSeen) server.facts.replicas.add(image.name)
  },

  createSeries: async (network, server, b) => {
    const name = `series${b % 4}`
    if (server.facts.series.has(name)) return
    const outcome = await network.attempt(server, `${server.name} creates ${name}`, async () => {
      await server.client.addSeries(name)
    })
    if (outcome === 'done') server.facts.series.set(name, new Set())
  },

  insert: async (network, server, b, c) => await changeSeries(network, server, { b, c, into: true }),

  takeOut: async (network, server, b, c) => await changeSeries(network, server, { b, c, into: false }),

  verify: async (network, server, b) => {
    const image = pick([...ownImages(network, server), ...peerImages(network, server)], b)
    if (image === undefined || network.rotten.size > 0) return
    await network.attempt(server, `${server.name} verifies ${refOf(server, image)}`, async () => {
      await server.client.verifyImage(
        { image: refOf(server, image) },
        { signal: never, onProgress: () => {} },
      )
    })
  },

  /** Time passes: what was announced begins to move. */
  pause: async (_, __, b) => await new Promise((resolve) => setTimeout(resolve, b % 40)),
}

async function changeSeries(
  network: SimNetwork,
  server: SimServer,
  { b, c, into }: { b: number; c: number; into: boolean },
): Promise<void> {
  const series = pick([...server.facts.series.keys()], b)
  if (series === undefined) return
  const members = server.facts.series.get(series) as Set<string>
  const choice = into
    ? ownImages(network, server)
    : ownImages(network, server).filter(({ name }) => members.has(name))
  const image = pick(choice, c)
  if (image === undefined) return
  server.facts.series.delete(series)
  const what = `${server.name} ${into ? `inserts ${image.name} into` : `takes ${image.name} out of`} ${series}`
  const outcome = await network.attempt(server, what, async () => {
    const body = { series, image: refOf(server, image) }
    await (into ? server.client.insertImage(body) : server.client.removeImage(body))
  })
  if (outcome === 'unsure') return
  if (outcome === 'done' && into) members.add(image.name)
  if (outcome === 'done' && !into) members.delete(image.name)
  server.facts.series.set(series, members)
}
