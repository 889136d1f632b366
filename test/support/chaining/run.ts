import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { pass } from '../wait-for.ts'
import type { Plan } from './actions.ts'
import { ChainNetwork } from './chain-network.ts'
import { checkAnswers, checkGathered, checkSent, Violation } from './check.ts'
import { isAnnounced, type ModelServer } from './model.ts'
import { importImage, perform } from './perform.ts'
import { register, subscribe } from './relations.ts'

/** Nothing may be said for so long: longer than the shortest pause after which anything is tried again. Milliseconds. */
const QUIET_MS = 50
/** So many times may somebody still have had something to say. */
const QUIET_ATTEMPTS = 100

/** Builds the network of a plan, does what the plan says, and judges after each step. Throws what is wrong, with the story. */
export async function runPlan(plan: Plan): Promise<ChainNetwork['story']> {
  // Equal plans make equal keys, names and contents.
  const seed = createHash('sha256').update(JSON.stringify(plan)).digest().readUInt32BE()
  const network = await ChainNetwork.start(plan.size, seed)
  try {
    await step(network, async () => await join(network, plan.joins))
    for (const action of plan.actions) await step(network, async () => await perform(network, action))
    await converge(network)
    await checkGathered(network)
    return network.story
  } catch (cause) {
    const story = network.story.map((line) => `  ${line}`).join('\n')
    throw new Error(`${cause instanceof Error ? cause.message : String(cause)}\nafter\n${story}`, { cause })
  } finally {
    await network.stop()
  }
}

async function step(network: ChainNetwork, work: () => Promise<readonly ModelServer[]>): Promise<void> {
  network.model.begin()
  const acted = await work()
  try {
    await network.settled(acted)
  } finally {
    // When somebody waits in vain, what was said that must not be said tells more than that.
    network.model.learn()
    checkSent(network)
  }
  await checkAnswers(network)
}

/** Makes a tree of peers, of which each makes an image and most subscribe to each other. */
async function join(network: ChainNetwork, joins: readonly number[]): Promise<ModelServer[]> {
  const servers = network.running()
  const pairs = servers.slice(1).map((server, index) => {
    const number = joins[index] ?? 0
    return { server, other: servers[number % (index + 1)] as ModelServer, number }
  })
  for (const { server, other } of pairs) {
    await register(network, server, other)
    await register(network, other, server)
  }
  await network.linked()
  const selector = { kind: 'all' } as const
  for (const { server, other, number } of pairs) {
    if (number % 4 !== 0) await subscribe(network, server, { server: other.name, selector })
    if (number % 4 !== 1) await subscribe(network, other, { server: server.name, selector })
  }
  for (const [index, server] of servers.entries())
    await importImage(network, server, { b: joins[index] ?? 0, c: 0 })
  return servers
}

/** Two servers that want all of each other get it, and then nobody says anything more. */
async function converge(network: ChainNetwork): Promise<void> {
  const [one, other] = network.model.servers as [ModelServer, ModelServer]
  const pairs = [
    [one, other],
    [other, one],
  ] as const
  await step(network, async () => {
    for (const server of network.servers) if (!server.running) await server.start()
    for (const [receiver, origin] of pairs) await register(network, receiver, origin)
    await network.linked()
    for (const [receiver, origin] of pairs)
      await subscribe(network, receiver, { server: origin.name, selector: { kind: 'all' } })
    return network.running()
  })
  for (const [receiver, origin] of pairs) await requireAll(network, receiver, origin)
  for (let attempt = 0; ; attempt++) {
    const before = network.tap.sent
    await pass(QUIET_MS)
    checkSent(network)
    if (network.tap.sent === before) return
    if (attempt === QUIET_ATTEMPTS) throw new Violation('the network does not become quiet')
  }
}

async function requireAll(network: ChainNetwork, receiver: ModelServer, origin: ModelServer): Promise<void> {
  const { client } = network.real(receiver)
  const { images } = await client.images({})
  for (const image of network.model.images) {
    if (image.origin !== origin || !isAnnounced(image) || receiver.removed.has(image)) continue
    const here = images.find(({ id }) => id === image.id)
    const what = `${image.name} of ${origin.name}`
    if (here?.status !== 'enabled' || here.path === null) {
      const jobs = (await client.jobs({})).jobs.filter(({ imageId }) => imageId === image.id)
      throw new Violation(`${receiver.name} does not have ${what}: ${JSON.stringify(jobs)}`)
    }
    if (!(await readFile(here.path)).equals(image.content.bytes))
      throw new Violation(`${what} has other bytes at ${receiver.name}`)
  }
}
