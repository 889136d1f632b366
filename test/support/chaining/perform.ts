import { writeFile } from 'node:fs/promises'
import type { ImportBody } from '../../../src/control/schema.ts'
import type { Digest } from '../../../src/image/digest.ts'
import { pick } from '../random.ts'
import type { Action, ActionKind } from './actions.ts'
import { PROXIED, type ChainNetwork } from './chain-network.ts'
import type { ChainServer } from './chain-server.ts'
import {
  chooseContent,
  chooseSelector,
  imagesAt,
  linkedPeers,
  ownImages,
  refOf,
  replicasAt,
  seriesOf,
  types,
} from './choices.ts'
import type { ModelImage, ModelServer } from './model.ts'
import { register, relay, stopOrStart, subscribe } from './relations.ts'

const signal = new AbortController().signal

const states = ['PUBLISHED', 'PUBLISHED', 'PUBLISHED', 'TESTABLE', 'RESTRICTED', 'PUBLISHED'] as const

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

  createSeries: async (network, server) => await createSeries(network, server),

  insert: async (network, server, b, c) => {
    if (seriesOf(network, server).length === 0) await createSeries(network, server)
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

async function createSeries(network: ChainNetwork, server: ModelServer): Promise<void> {
  const name = network.model.freshName('series')
  await network.attempt(`${server.name} creates the series ${name}`, async () => {
    await network.real(server).client.addSeries(name)
    network.model.addSeries(name, server)
  })
}

/** Makes an image, which descends from `parent` if there is one. */
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
