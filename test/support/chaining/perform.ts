import { writeFile } from 'node:fs/promises'
import type { ImportBody, SubscribeBody } from '../../../src/control/schema.ts'
import { isIngotError } from '../../../src/core/errors.ts'
import type { Digest } from '../../../src/image/digest.ts'
import { waitFor } from '../wait-for.ts'
import type { Action, ActionKind } from './actions.ts'
import { PROXIED, type ChainNetwork } from './chain-network.ts'
import type { ChainServer } from './chain-server.ts'
import { Violation } from './check.ts'
import { freshContent, relatedContent, type Content } from './content.ts'
import { arePeers, type ModelImage, type ModelSeries, type ModelServer } from './model.ts'

const signal = new AbortController().signal
/** How often a link may be lost while something waits for it. */
const LINK_ATTEMPTS = 20

const types = ['DISK', 'OS', 'ISO']
const states = ['PUBLISHED', 'PUBLISHED', 'PUBLISHED', 'TESTABLE', 'RESTRICTED', 'PUBLISHED'] as const

function pick<T>(list: readonly T[], number: number): T | undefined {
  return list.length === 0 ? undefined : list[number % list.length]
}

/** Does one action; resolves to the servers that did something. An action for which there is nothing to choose does nothing. */
export async function perform(network: ChainNetwork, { kind, a, b, c }: Action): Promise<ModelServer[]> {
  if (kind === 'stopOrStart') return await stopOrStart(network, a)
  const server = pick(network.running(), a)
  if (server === undefined) return []
  await actions[kind](network, server, b, c)
  return [server]
}

type Perform = (network: ChainNetwork, server: ModelServer, b: number, c: number) => Promise<void>

const actions: Record<Exclude<ActionKind, 'stopOrStart'>, Perform> = {
  import: async (network, server, b, c) => await importImage(network, server, { b, c }),

  addDescendant: async (network, server, b, c) => {
    const parent = pick(await imagesAt(network, server), b)
    if (parent !== undefined) await importImage(network, server, { b: c, c: b, parent })
  },

  adopt: async (network, server, b, c) => {
    const source = pick(await replicasAt(network, server), b)
    if (source === undefined) return
    const name = network.model.freshName('adopted')
    const state = pick(states, c) ?? 'PUBLISHED'
    const isPrivate = c % 7 === 6
    await network.attempt(`${server.name} adopts ${refOf(server, source)} as ${name}, ${state}`, async () => {
      const { client } = network.real(server)
      const adopted = await client.adoptImage({
        image: refOf(server, source),
        as: name,
        state,
        private: isPrivate,
      })
      const { content, texts, type } = source
      const id = adopted.id as Digest
      network.model.addImage({ id, name, origin: server, content, texts, type, state, private: isPrivate })
    })
  },

  promote: async (network, server, b, c) => {
    const image = pick(await imagesAt(network, server), b)
    if (image === undefined) return
    const state = pick(states, c) ?? 'PUBLISHED'
    const done = await network.attempt(
      `${server.name} promotes ${refOf(server, image)} to ${state}`,
      async () => {
        await network.real(server).client.promoteImage({ image: refOf(server, image), state })
      },
    )
    if (done && image.origin === server) image.state = state
  },

  createSeries: async (network, server) => {
    const name = network.model.freshName('series')
    await network.attempt(`${server.name} creates the series ${name}`, async () => {
      await network.real(server).client.addSeries(name)
      network.model.addSeries(name, server)
    })
  },

  insert: async (network, server, b, c) => {
    const series = pick(seriesOf(network, server), b)
    const image = pick(ownImages(network, server), c)
    if (series === undefined || image === undefined) return
    const before = c % 3 === 0 ? pick([...series.images], b) : undefined
    await network.attempt(`${server.name} inserts ${image.name} into ${series.name}`, async () => {
      const body = { series: series.name, image: refOf(server, image) }
      const place = before === undefined ? {} : { before: refOf(server, before) }
      await network.real(server).client.insertImage({ ...body, ...place })
      series.images.add(image)
    })
  },

  remove: async (network, server, b, c) => {
    const series = pick(seriesOf(network, server), b)
    const image = series === undefined ? undefined : pick([...series.images], c)
    if (series === undefined || image === undefined) return
    await network.attempt(`${server.name} removes ${image.name} from ${series.name}`, async () => {
      await network.real(server).client.removeImage({ series: series.name, image: refOf(server, image) })
      series.images.delete(image)
    })
  },

  deleteSeries: async (network, server, b, c) => {
    const series = pick(seriesOf(network, server), b)
    if (series === undefined) return
    await network.attempt(`${server.name} deletes the series ${series.name}`, async () => {
      await network.real(server).client.deleteSeries(series.name, c % 2 === 0)
      series.deleted = true
    })
  },

  deleteImage: async (network, server, b) => {
    const image = pick(await imagesAt(network, server), b)
    if (image === undefined) return
    const done = await network.attempt(`${server.name} deletes ${refOf(server, image)}`, async () => {
      await network.real(server).client.deleteImage(refOf(server, image))
    })
    if (!done) return
    if (image.origin === server) image.deleted = true
    else server.removed.add(image)
  },

  subscribe: async (network, server, b, c) => {
    const peer = pick(linkedPeers(network, server), b)
    if (peer === undefined) return
    const { selector, series } = await chooseSelector(network, server, peer, c)
    if (series !== undefined) server.named.add(series)
    const newOnly = selector.kind !== 'all' && c % 11 === 10
    await subscribe(network, server, { server: peer.name, selector, ...(newOnly ? { newOnly } : {}) })
  },

  unsubscribe: async (network, server, b) => {
    const { client } = network.real(server)
    const held = pick((await client.subscriptions({})).subscriptions, b)
    if (held === undefined) return
    const { server: peer, selector: kind, value } = held
    await network.attempt(`${server.name} ends ${kind} ${value} on ${peer}`, async () => {
      const text = value ?? ''
      const selectors = {
        all: { kind: 'all' },
        image: { kind: 'image', image: held.imageId ?? text },
        series: { kind: 'series', series: text },
        imagetype: { kind: 'imagetype', imageType: text },
      } as const
      await client.unsubscribe({ server: peer, selector: selectors[kind as keyof typeof selectors] })
    })
  },

  register: async (network, server, b, c) => {
    const other = pick(
      network.running().filter((other) => other !== server),
      b,
    )
    if (other === undefined) return
    await register(network, server, other)
    if (c % 2 === 0) await register(network, other, server)
    await network.linked()
  },

  unregister: async (network, server, b, c) => {
    const peer = pick(
      [...server.registered].filter((peer) => peer !== network.relayModel),
      b,
    )
    if (peer === undefined) return
    const force = c % 2 === 0
    const what = `${server.name} unregisters ${peer.name}${force ? ' by force' : ''}`
    const done = await network.attempt(
      what,
      async () => await network.real(server).client.unregister(peer.name, force),
    )
    if (done) server.registered.delete(peer)
  },

  cut: async (network) => {
    const server = network.servers[PROXIED] as ChainServer
    server.cut()
    network.story.push(`the links to ${server.name} are cut`)
    await network.linked()
  },

  restart: async (network, server) => {
    await network.real(server).stop()
    await network.real(server).start()
    network.story.push(`${server.name} is started again`)
    await network.linked()
  },

  relay: async (network, server, b) => await relay(network, server, b),
}

async function stopOrStart(network: ChainNetwork, number: number): Promise<ModelServer[]> {
  const stopped = network.servers.findIndex(({ running }) => !running)
  if (stopped >= 0) {
    await network.servers[stopped]?.start()
    network.story.push(`${network.servers[stopped]?.name} is started`)
    await network.linked()
    return [network.model.servers[stopped] as ModelServer]
  }
  const server = pick(network.running(), number) as ModelServer
  await network.real(server).stop()
  network.story.push(`${server.name} is stopped`)
  return []
}

/** Own images that are here, as the model has them. */
function ownImages(network: ChainNetwork, server: ModelServer): ModelImage[] {
  return network.model.images.filter((image) => image.origin === server && !image.deleted)
}

/** Replicas that a server has, in the order in which they were made. */
async function replicasAt(network: ChainNetwork, server: ModelServer): Promise<ModelImage[]> {
  const { images } = await network.real(server).client.images({})
  const here = new Set(
    images.filter(({ local, status }) => !local && status === 'enabled').map(({ id }) => id),
  )
  return network.model.images.filter(({ id }) => here.has(id))
}

async function imagesAt(network: ChainNetwork, server: ModelServer): Promise<ModelImage[]> {
  return [...ownImages(network, server), ...(await replicasAt(network, server))]
}

function seriesOf(network: ChainNetwork, server: ModelServer): ModelSeries[] {
  return network.model.series.filter((series) => series.owner === server && !series.deleted)
}

function linkedPeers(network: ChainNetwork, server: ModelServer): ModelServer[] {
  return network.running().filter((other) => other !== server && arePeers(server, other))
}

/** How an image is called at a server. */
function refOf(server: ModelServer, image: ModelImage): string {
  return `${image.origin === server ? '.' : image.origin.name}/${image.name}`
}

function chooseContent(network: ChainNetwork, name: string, number: number): Content {
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

export async function importImage(
  network: ChainNetwork,
  server: ModelServer,
  { b, c, parent }: { b: number; c: number; parent?: ModelImage },
): Promise<void> {
  const { model, bed } = network
  const name = model.freshName('image')
  const texts = [
    model.freshName('version'),
    model.freshName('description'),
    model.freshName('label'),
  ] as const
  const content = chooseContent(network, name, b)
  const path = bed.file(`source-${content.root.slice(-16)}`)
  await writeFile(path, content.bytes)
  const type = pick(types, c) ?? 'DISK'
  const state = pick(states, c >> 2) ?? 'PUBLISHED'
  const isPrivate = c % 7 === 6
  const series = c % 5 === 4 ? pick(seriesOf(network, server), b) : undefined
  const body: ImportBody = {
    image: name,
    path,
    imageType: type,
    version: texts[0],
    description: texts[1],
    labels: { note: texts[2] },
    state,
    private: isPrivate,
    ...(parent === undefined ? {} : { parent: refOf(server, parent) }),
    ...(series === undefined ? {} : { series: [series.name] }),
  }
  const below = parent === undefined ? '' : `, below ${refOf(server, parent)}`
  const what = `${server.name} makes ${name}, ${type}, ${state}${isPrivate ? ', private' : ''}${below}`
  await network.attempt(what, async () => {
    const made = await network.real(server).client.importImage(body, { signal, onProgress: () => {} })
    const id = made.id as Digest
    const image = model.addImage({
      id,
      name,
      origin: server,
      content,
      texts,
      type,
      state,
      private: isPrivate,
    })
    series?.images.add(image)
  })
}

/** Which of a peer's images a server asks for. */
async function chooseSelector(
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

/** Needs the link, which may be lost once more just after it came: two servers that dial each other settle on one connection. */
export async function subscribe(
  network: ChainNetwork,
  server: ModelServer,
  body: SubscribeBody,
): Promise<void> {
  const { client } = network.real(server)
  const what = `${server.name} subscribes to ${JSON.stringify(body.selector)} of ${body.server}`
  await network.attempt(what, async () => {
    for (let attempt = 1; ; attempt++) {
      try {
        return await client.subscribe(body)
      } catch (error) {
        if (!isIngotError(error, 'peer-unreachable', 'link-lost') || attempt === LINK_ATTEMPTS) throw error
        await network.linked()
      }
    }
  })
}

/** One side of making two servers peers. */
export async function register(
  network: ChainNetwork,
  server: ModelServer,
  other: ModelServer,
): Promise<void> {
  const { serverData } = await network.real(other).client.serverData()
  server.met.add(other)
  other.met.add(server)
  await network.attempt(`${server.name} registers ${other.name}`, async () => {
    await network.real(server).client.register({ serverData })
    server.registered.add(other)
  })
}

/** A server takes the relay for a peer, which then asks for everything, and announces what somebody else made. */
async function relay(network: ChainNetwork, server: ModelServer, number: number): Promise<void> {
  const { relay, relayModel, model, tap } = network
  const { client, peerId } = network.real(server)
  const fault = async () => (await client.peers({ server: relay.name })).peers[0]?.fault
  if (!server.registered.has(relayModel)) {
    server.met.add(relayModel)
    await network.attempt(`${server.name} registers ${relay.name}`, async () => {
      await client.register({ serverData: relay.serverData })
      server.registered.add(relayModel)
    })
    const taken = () => tap.mirrored(server.index, relay.peerId) !== undefined
    await waitFor(async () => taken() || (await fault()) !== null, {
      what: 'the link to the relay',
      timeoutMs: 20_000,
    })
    await subscribe(network, server, { server: relay.name, selector: { kind: 'all' } })
  }
  await relay.askForContent(peerId, model.images)
  network.story.push(`${relay.name} asks ${server.name} for everything`)
  const foreign = [...network.announced.values()].filter(({ manifest }) => manifest.origin !== peerId)
  const image = pick(foreign, number)
  if (image === undefined) return
  if (relay.seq === 0) {
    relay.announce(image)
    network.story.push(`${relay.name} announces ${image.manifest.name}, which it did not make`)
  }
  const took = () => (tap.mirrored(server.index, relay.peerId) ?? 0) >= relay.seq
  await waitFor(async () => took() || (await fault()) !== null, {
    what: 'what the relay announced',
    timeoutMs: 20_000,
  })
  if (took()) throw new Violation(`${server.name} took in an image that its sender did not make`)
}
