import type { SubscribeBody } from '../../../src/control/schema.ts'
import { isIngotError } from '../../../src/core/errors.ts'
import { pick } from '../random.ts'
import { waitFor } from '../wait-for.ts'
import { WAIT_MS, type ChainNetwork } from './chain-network.ts'
import { Violation } from './check.ts'
import type { ModelServer } from './model.ts'

/** How often a link may be lost while something waits for it. */
const LINK_ATTEMPTS = 20

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
export async function relay(network: ChainNetwork, server: ModelServer, number: number): Promise<void> {
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
      timeoutMs: WAIT_MS,
    })
    await subscribe(network, server, { server: relay.name, selector: { kind: 'all' } })
  }
  for (let attempt = 1; ; attempt++) {
    await waitFor(() => relay.hasLink(peerId), { what: 'the link to the relay', timeoutMs: WAIT_MS })
    try {
      await relay.askForContent(peerId, model.images)
      break
    } catch (error) {
      if (!isIngotError(error, 'link-lost') || attempt === LINK_ATTEMPTS) throw error
    }
  }
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
    timeoutMs: WAIT_MS,
  })
  if (took()) throw new Violation(`${server.name} took in an image that its sender did not make`)
}

/** Starts the server that is stopped, or stops one. */
export async function stopOrStart(network: ChainNetwork, number: number): Promise<ModelServer[]> {
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
