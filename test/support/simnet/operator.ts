import { isIngotError } from '../../../src/core/errors.ts'
import type { SimNetwork } from './sim-network.ts'
import type { SimServer } from './sim-server.ts'
import { Violation } from './violation.ts'

/** What the operators do once nothing is wrong any more: they follow the advice that the servers give. */
export async function mend(network: SimNetwork): Promise<void> {
  for (const server of network.running()) {
    await renew(network, server)
    await acceptPeers(network, server)
    await goOn(network, server)
  }
}

/** A server that was restored learns of it from its peers; its journal is given up. */
async function renew(network: SimNetwork, server: SimServer): Promise<void> {
  const { journalFault } = await server.client.server()
  if (journalFault === null) return
  if (!network.restored.has(server)) throw new Violation(`${server.name} does not publish: ${journalFault}`)
  await unlessOver(async () => {
    await server.client.renewJournal(false)
  })
  network.story.push(`${server.name} renews its journal (${journalFault})`)
}

async function acceptPeers(network: SimNetwork, server: SimServer): Promise<void> {
  for (const { name, fault } of (await server.client.peers({})).peers) {
    if (fault === null) continue
    if (![...network.restored].some((each) => each.name === name || each === server))
      throw new Violation(`${server.name} finds a fault in the journal of ${name}: ${fault}`)
    await unlessOver(async () => {
      await server.client.acceptPeer(name)
    })
    network.story.push(`${server.name} accepts ${name} (${fault})`)
  }
}

/** A job in conflict, or one that failed, waits for the operator. */
async function goOn(network: SimNetwork, server: SimServer): Promise<void> {
  for (const { id, state, image, reason } of (await server.client.jobs({})).jobs) {
    if (state !== 'CONFLICT') continue
    if (network.restored.size === 0) throw new Violation(`${server.name}: ${image} is in conflict: ${reason}`)
    await unlessOver(async () => {
      await server.client.resolveJob(id, { resolution: 'replace' })
    })
    network.story.push(`${server.name} replaces ${image}`)
  }
}

/** What was to be mended may have passed meanwhile. */
async function unlessOver(work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (!isIngotError(error, 'conflict', 'not-found')) throw error
  }
}
