import { isIngotError } from '../../../src/core/errors.ts'
import type { SealedManifest } from '../../../src/image/manifest.ts'
import { Bed } from '../daemon.ts'
import { waitFor } from '../wait-for.ts'
import { ChainServer } from './chain-server.ts'
import { Model, arePeers, type ModelServer } from './model.ts'
import { Relay } from './relay.ts'
import { WireTap } from './wire-tap.ts'

/** How long anything that must come may take on a busy machine, milliseconds. */
export const WAIT_MS = 60_000

/** The server whose links are cut; what goes through a proxy costs twice. */
export const PROXIED = 1

/** States of a job that goes on by itself while there is a link to its origin. */
const livelyStates = ['QUEUED', 'PLANNING', 'FETCHING', 'ENABLING', 'WAITING']

/** The real servers of one run, the tap on their links, and the model of what should be so. */
export class ChainNetwork {
  readonly bed: Bed
  readonly tap: WireTap
  readonly model = new Model()
  /** By their number in the model. */
  readonly servers: ChainServer[] = []
  /** In the model it has the number after the last server. */
  readonly relay: Relay
  readonly relayModel: ModelServer
  /** What was done, in words. */
  readonly story: string[] = []
  /** Manifests that were announced, as their origins signed them. */
  readonly announced = new Map<string, SealedManifest>()
  /** Servers about which something may have changed since they were last asked, and the peers whose journals they heard. */
  readonly touched = new Map<ModelServer, Set<string>>()
  /** Number of the newest journal entry of each server that runs or ran. */
  readonly #heads = new Map<ModelServer, number>()

  private constructor(bed: Bed, tap: WireTap, relay: Relay, servers: readonly ChainServer[]) {
    this.bed = bed
    this.tap = tap
    this.relay = relay
    for (const server of servers) {
      this.servers.push(server)
      this.model.addServer(server.name, server.peerId, server.address)
    }
    this.relayModel = this.model.addServer(relay.name, relay.peerId, relay.address)
    this.model.addJournal(this.relayModel, relay.journalId)
    for (const server of this.model.servers) this.relayModel.registered.add(server)
  }

  /** Starts so many servers that know nothing of each other. */
  static async start(size: number, seed: number): Promise<ChainNetwork> {
    const bed = await Bed.create()
    try {
      const tap = new WireTap()
      const servers = Array.from({ length: size }, (_, index) => {
        const name = `server${index}-${seed.toString(36)}`
        const [trace, isProxied] = [tap.trace(index), index === PROXIED]
        return new ChainServer(name, { home: bed.file(`${index}`), trace, seed: seed + index, isProxied })
      })
      const relay = await Relay.start(bed, `relay-${seed.toString(36)}`)
      await Promise.all(servers.map(async (server) => await server.create(bed)))
      const network = new ChainNetwork(bed, tap, relay, servers)
      for (const [index, server] of servers.entries()) {
        const { journalId } = await server.client.server()
        network.model.addJournal(network.model.servers[index] as ModelServer, journalId)
      }
      return network
    } catch (error) {
      await bed.end()
      throw error
    }
  }

  async stop(): Promise<void> {
    await this.bed.end()
  }

  real(server: ModelServer): ChainServer {
    const found = this.servers[server.index]
    if (found === undefined) throw new Error(`${server.name} is no server of this network`)
    return found
  }

  /** Servers of the model that run. */
  running(): ModelServer[] {
    return this.model.servers.filter((server) => this.servers[server.index]?.running === true)
  }

  /** Receiver and origin of each way on which announcements flow now. */
  ways(): [ModelServer, ModelServer][] {
    const running = this.running()
    return running.flatMap((one) =>
      running
        .filter((other) => other !== one && arePeers(one, other))
        .map((other): [ModelServer, ModelServer] => [one, other]),
    )
  }

  /** Resolves when every two peers that run have a link. */
  async linked(): Promise<void> {
    const down = async () => {
      const missing: string[] = []
      for (const one of this.running()) {
        const { peers } = await this.real(one).client.peers({})
        for (const [, other] of this.ways().filter(([receiver]) => receiver === one)) {
          const link = peers.find(({ name }) => name === other.name)?.link
          if (link !== 'up') missing.push(`${one.name}: ${other.name} is ${link}`)
        }
      }
      return missing
    }
    await waitFor(async () => (await down()).length === 0, { what: 'links', timeoutMs: WAIT_MS, dump: down })
  }

  /** Resolves when what was announced has reached all peers and no job that could run is left. `acted`: who did something. */
  async settled(acted: readonly ModelServer[]): Promise<void> {
    for (const server of acted) {
      if (!this.servers[server.index]?.running) continue
      this.#heads.set(server, (await this.real(server).client.server()).journalSeq)
      if (!this.touched.has(server)) this.touched.set(server, new Set())
    }
    const behind = () =>
      this.ways()
        .map(([receiver, origin]) => {
          const mirrored = this.tap.mirrored(receiver.index, this.real(origin).peerId)
          const head = this.#heads.get(origin) ?? 0
          return mirrored !== undefined && mirrored >= head
            ? undefined
            : `${receiver.name} has ${mirrored} of ${head} of ${origin.name}`
        })
        .filter((text) => text !== undefined)
    await waitFor(() => behind().length === 0, { what: 'journals', timeoutMs: WAIT_MS, dump: behind })
    this.touch()
    for (const server of this.touched.keys()) await this.#idle(server)
    this.touch()
  }

  /** Notes who sent or took something. */
  touch(): void {
    for (const [index, peers] of this.tap.active()) {
      const server = this.model.servers[index] as ModelServer
      this.touched.set(server, new Set([...peers, ...(this.touched.get(server) ?? [])]))
    }
  }

  /** Resolves when a server has no job that could go on now. */
  async #idle(server: ModelServer): Promise<void> {
    const real = this.servers[server.index]
    if (real?.running !== true) return
    const lively = async () => {
      const origins = this.ways()
        .filter(([receiver]) => receiver === server)
        .map(([, origin]) => origin.name)
      const { jobs } = await real.client.jobs({})
      return jobs.filter(({ state, origin }) => livelyStates.includes(state) && origins.includes(origin))
    }
    await waitFor(async () => (await lively()).length === 0, {
      what: `the jobs of ${server.name}`,
      timeoutMs: WAIT_MS,
      dump: async () => ({ jobs: await lively(), log: real.log.slice(-20) }),
    })
  }

  /** Runs what an operator may be refused; false when it was. Anything but a refusal is a failure of the run. */
  async attempt(what: string, work: () => Promise<unknown>): Promise<boolean> {
    try {
      await work()
      this.story.push(what)
      return true
    } catch (error) {
      if (
        !isIngotError(error) ||
        ['failed', 'protocol', 'wrong-content', 'aborted', 'timeout'].includes(error.code)
      )
        throw error
      this.story.push(`${what}: ${error.message}`)
      return false
    }
  }
}
