import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { inspect } from 'node:util'
import { mend } from './operator.ts'
import type { SimNetwork } from './sim-network.ts'
import type { SimServer } from './sim-server.ts'
import { Violation } from './violation.ts'
import { announcedBy, missingAt } from './wanted.ts'

/** Milliseconds between two looks at what is still missing, at least; a look that takes longer is followed by as long a pause. */
const LOOK_MS = 50

/**
 * Once nothing is wrong any more: every image that a server wants comes, every job ends, and nothing is left in staging. Throws a
 * Violation when that takes longer than `withinMs`; resolves to the milliseconds that it took.
 */
export async function converge(network: SimNetwork, withinMs: number): Promise<number> {
  const begin = performance.now()
  let left = await whatIsLeft(network, { all: false })
  let took = performance.now() - begin
  while (left.length > 0) {
    if (performance.now() - begin > withinMs) {
      const still = await whatIsLeft(network, { all: true })
      throw new Violation(
        `after ${withinMs} ms without faults:\n${still.join('\n')}\n${await state(network)}`,
      )
    }
    await pause(Math.max(LOOK_MS, took))
    const look = performance.now()
    if (left.some(isForOperator)) await mend(network)
    left = await whatIsLeft(network, { all: false })
    took = performance.now() - look
  }
  return performance.now() - begin
}

/** What waits for somebody to act. A server that does not publish any more is noticed by its peers too. */
function isForOperator(text: string): boolean {
  return text.includes(': a fault of ') || text.includes(' is CONFLICT ')
}

/** In words; the first of them alone unless `all` are asked for: a look has to be cheap. */
async function whatIsLeft(network: SimNetwork, { all }: { all: boolean }): Promise<string[]> {
  const left: string[] = []
  const isEnough = () => left.length > 0 && !all
  for (const server of network.running()) {
    const { name, client } = server
    for (const { name: peer, link, fault } of (await client.peers({})).peers) {
      if (link !== 'up') left.push(`${name}: no link to ${peer}`)
      if (fault !== null) left.push(`${name}: a fault of ${peer}: ${fault}`)
    }
    const { journalFault } = await client.server()
    if (journalFault !== null) left.push(`${name}: a fault of its own journal: ${journalFault}`)
    if (isEnough()) return left
    const { jobs } = await client.jobs({})
    for (const { image, state: jobState, finishedAt, reason } of jobs)
      if (finishedAt === null) left.push(`${name}: the job of ${image} is ${jobState} (${reason})`)
    for (const staged of stagedAt(server)) left.push(`${name}: ${staged} lies in staging`)
    if (isEnough()) return left
  }
  const announced = await announcedBy(network.running())
  for (const server of network.running()) {
    for (const image of await missingAt(network, server, announced))
      left.push(`${server.name}: ${image} is missing`)
    if (isEnough()) return left
  }
  return left
}

/** Names in the staging directory of a server. */
export function stagedAt({ images }: SimServer): string[] {
  const directory = join(images, 'staging')
  return existsSync(directory) ? readdirSync(directory) : []
}

/** What the servers say of themselves, to find out why. */
async function state(network: SimNetwork): Promise<string> {
  const lines: string[] = []
  for (const { name, client, log } of network.running()) {
    const { jobs } = await client.jobs({})
    const { peers } = await client.peers({})
    const links = peers.map(({ name: peer, link, reason, lag }) => ({ peer, link, reason, lag }))
    const open = jobs.filter(({ state: jobState }) => jobState !== 'DONE')
    lines.push(
      `${name}: ${inspect({ links, jobs: open }, { depth: 4, breakLength: 150 })}`,
      ...log.slice(-25),
    )
  }
  return lines.join('\n')
}
