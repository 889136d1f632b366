import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isIngotError } from '../../../src/core/errors.ts'
import { removeTree } from '../../../src/store/remove-tree.ts'
import { waitFor } from '../wait-for.ts'
import { Line } from './line.ts'
import { SimServer } from './sim-server.ts'
import { Sources, type Source } from './sources.ts'
import { WireWatch } from './wire-watch.ts'
import { Violation } from './violation.ts'

/** How long a link may take to come about when nothing is wrong, milliseconds. */
const LINK_MS = 120_000

/** An image that an operator had made, whatever became of it. */
export interface SimImage {
  /** Occurs nowhere else. */
  name: string
  origin: SimServer
  source: Source
  type: string
  /** Since when it is announced, milliseconds since 1970; undefined while it is not, as far as its origin told. */
  announcedAt: number | undefined
}

/** Milliseconds between two probes of a link for each server that there is: they must not be all that one process does. */
const PROBE_MS_SERVER = 400

/** What an operation came to: acknowledged, refused with a reason, or nobody knows. */
export type Outcome = 'done' | 'refused' | 'unsure'

/** Codes of errors after which nobody knows whether it was done. */
const unsureCodes = ['daemon-unreachable', 'aborted', 'timeout', 'failed', 'no-space'] as const

/** Codes of refusals that nothing but a fault of the disk explains. */
const faultCodes = ['wrong-content', 'changed-on-disk', 'protocol', 'invalid', 'usage'] as const

/** How large images are: up to 64 KiB, or now and then up to 3 MiB. */
export type SimSizes = 'small' | 'mixed'

export interface SimNetworkOptions {
  servers: number
  seed: number
  sizes: SimSizes
}

/** Real servers on loopback, a line between each two that are peers, and what is known of them from outside. */
export class SimNetwork {
  readonly servers: SimServer[] = []
  /** Copies that ran beside their servers. */
  readonly twins: SimServer[] = []
  readonly lines: Line[] = []
  readonly sources: Sources
  /** Every image that was ever asked for, by name. */
  readonly images = new Map<string, SimImage>()
  /** What was done, in words. */
  readonly story: string[] = []
  /** Servers whose journal may be at fault, because they were restored or run twice. */
  readonly restored = new Set<SimServer>()
  /** Content directories whose bytes were damaged on purpose. */
  readonly rotten = new Set<string>()
  /** Replicas that a server deleted, or may have: they do not come again. Names of server and image. */
  readonly declined = new Set<string>()
  /** Since when a server wants all images of a peer, milliseconds since 1970. By their names. */
  readonly wantedSince = new Map<string, number>()
  readonly wire = new WireWatch()
  readonly root: string
  readonly sizes: SimSizes
  readonly #seed: number
  readonly #probeMs: number

  private constructor(root: string, { servers, seed, sizes }: SimNetworkOptions) {
    this.root = root
    this.sizes = sizes
    this.#seed = seed
    this.#probeMs = servers * PROBE_MS_SERVER
    this.sources = new Sources(join(root, 'sources'), `${seed}`)
  }

  /** Starts so many servers that know nothing of each other. */
  static async start(options: SimNetworkOptions): Promise<SimNetwork> {
    const network = new SimNetwork(await mkdtemp(join(tmpdir(), 'ingot-sim-')), options)
    try {
      for (let index = 0; index < options.servers; index++) {
        const server = network.addServer(`server${index}`, `${index}`)
        network.servers.push(server)
        await server.create()
        await server.start()
      }
      return network
    } catch (error) {
      await network.stop()
      throw error
    }
  }

  /** A server that is none of {@link servers} yet; its home is a directory of that name. */
  addServer(name: string, home: string): SimServer {
    const server: SimServer = new SimServer(name, {
      home: join(this.root, home),
      key: `simnet ${this.#seed} ${home}`,
      seed: this.#seed + this.servers.length,
      probeMs: this.#probeMs,
      trace: (traced) => this.wire.see(server.peerId, traced),
      onDown: (down) => {
        for (const line of this.lines) if (line.touches(down)) line.cut()
      },
    })
    return server
  }

  /** Stops all servers and removes everything. Throws what could not be stopped. */
  async stop(): Promise<void> {
    const failures: unknown[] = []
    for (const work of [
      ...[...this.twins, ...this.servers].map((server) => async () => await server.stop()),
      ...this.#lineStops(),
    ])
      await work().catch((error: unknown) => failures.push(error))
    await removeTree(this.root)
    if (failures.length > 0) throw new AggregateError(failures, 'the network was not stopped in order')
  }

  #lineStops(): (() => Promise<void>)[] {
    return this.lines.map((line) => async () => await line.stop())
  }

  running(): SimServer[] {
    return this.servers.filter(({ running }) => running)
  }

  /** Those that a server has a line to. */
  peersOf(server: SimServer): SimServer[] {
    return this.lines
      .filter((line) => line.touches(server))
      .map(({ ends }) => (ends[0] === server ? ends[1] : ends[0]) as SimServer)
  }

  lineOf(one: SimServer, other: SimServer): Line {
    return this.lines.find((line) => line.touches(one) && line.touches(other)) as Line
  }

  /** Makes two servers peers, over a line of their own. */
  async join(one: SimServer, other: SimServer): Promise<void> {
    const line = await Line.start(one, other)
    this.lines.push(line)
    for (const [here, there] of [
      [one, other],
      [other, one],
    ] as const) {
      const { serverData } = await there.client.serverData()
      await here.client.register({ serverData })
      await here.client.modifyPeer(there.name, { addresses: [line.addressFrom(here)] })
      here.facts.peers.add(there.name)
    }
  }

  /** Resolves when every two peers that run have a link; nothing may be wrong with the lines. */
  async linked(): Promise<void> {
    for (const server of this.running()) {
      const down = async () => {
        const up = new Set(this.peersOf(server).flatMap(({ running, name }) => (running ? [name] : [])))
        return (await server.client.peers({})).peers.filter(({ name, link }) => up.has(name) && link !== 'up')
      }
      await waitFor(async () => (await down()).length === 0, {
        what: `the links of ${server.name}`,
        timeoutMs: LINK_MS,
        dump: async () => ({ peers: await down(), log: server.log.slice(-20) }),
      })
    }
  }

  /** Asks a server for something that its operator may be refused. Throws a Violation for an error that must not come. */
  async attempt(server: SimServer, what: string, work: () => Promise<unknown>): Promise<Outcome> {
    const { life } = server
    const note = (outcome: Outcome, why = '') => {
      this.story.push(`${what}${outcome === 'done' ? '' : `: ${outcome}${why}`}`)
      return outcome
    }
    if (!server.running) return note('refused', ', it does not run')
    try {
      await work()
      // What answers after it was killed does not count.
      return note(server.life === life ? 'done' : 'unsure')
    } catch (error) {
      if (server.life !== life) return note('unsure')
      if (!isIngotError(error)) throw error
      const text = ` (${error.code}) ${error.message}`
      if (!isIngotError(error, ...unsureCodes, ...faultCodes)) return note('refused', text)
      if (server.isTroubled) return note('unsure', text)
      throw new Violation(`${what}: ${error.code}: ${error.message}`, { cause: error })
    }
  }
}
