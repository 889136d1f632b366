import { seededRandom } from '../random.ts'
import { perform } from './actions.ts'
import { Checker } from './check.ts'
import { checkFacts } from './check-facts.ts'
import { converge } from './converge.ts'
import type { Fault } from './fault.ts'
import { faultMakers, type FaultKind } from './faults.ts'
import { below, nextAction, nextFault, type Step } from './plan.ts'
import { SimNetwork, type SimSizes } from './sim-network.ts'
import { subscribe } from './subscribe.ts'
import { edgesOf, type Topology } from './topology.ts'

export interface SimRunOptions {
  seed: number
  servers: number
  topology: Topology
  sizes: SimSizes
  /** Kinds of faults that may come. */
  faults: readonly FaultKind[]
}

/** One of so many servers asks for nothing of a peer at the beginning. */
const SILENT_ONE_IN = 4

/** A network with a workload and faults, all chosen by a seed. */
export class SimRun {
  readonly network: SimNetwork
  readonly checker: Checker
  /** Faults that came, by kind. */
  readonly came = new Map<FaultKind, number>()
  readonly random: () => number
  readonly #options: SimRunOptions
  #active: { fault: Fault; left: number }[] = []
  #steps = 0

  private constructor(network: SimNetwork, options: SimRunOptions) {
    this.network = network
    this.checker = new Checker(network)
    this.random = seededRandom(options.seed)
    this.#options = options
  }

  /** Starts the servers, makes them peers, and lets most of them subscribe to most of their peers. */
  static async start(options: SimRunOptions): Promise<SimRun> {
    const network = await SimNetwork.start(options)
    const run = new SimRun(network, options)
    try {
      await run.#join()
      return run
    } catch (error) {
      await network.stop()
      throw error
    }
  }

  async #join(): Promise<void> {
    const { network, random } = this
    const { servers } = network
    for (const [one, other] of edgesOf(this.#options.topology, servers.length, random))
      await network.join(servers[one] as (typeof servers)[number], servers[other] as (typeof servers)[number])
    await network.linked()
    for (const server of servers) {
      for (const peer of network.peersOf(server)) {
        const number = below(random, 1024)
        if (number % SILENT_ONE_IN !== 0) await subscribe(network, server, { peer, number })
      }
    }
  }

  /** Steps that were done. */
  get steps(): number {
    return this.#steps
  }

  /** What is wrong now, in words. */
  get wrong(): string[] {
    return this.#active.map(({ fault }) => fault.what)
  }

  action(): Step {
    return nextAction({ random: this.random, faults: this.#options.faults })
  }

  fault(): Step {
    return nextFault({ random: this.random, faults: this.#options.faults })
  }

  /** Does one step, ends the faults that have lasted long enough, and looks at one of the servers. */
  async do(step: Step): Promise<void> {
    const { network } = this
    this.#steps++
    if (step.type === 'act') await perform(network, step.kind, step)
    else await this.#begin(step)
    for (const active of this.#active) active.left--
    const over = this.#active.filter(({ left }) => left < 0)
    this.#active = this.#active.filter(({ left }) => left >= 0)
    for (const { fault } of over) await this.#end(fault)
    const server = network.servers[this.#steps % network.servers.length]
    if (server !== undefined) await this.checker.look(server)
  }

  async #begin({ kind, lasts, ...numbers }: Step & { type: 'fault' }): Promise<void> {
    const fault = faultMakers[kind](this.network, numbers)
    if (fault === undefined) return
    this.came.set(kind, (this.came.get(kind) ?? 0) + 1)
    this.network.story.push(`FAULT ${kind}: ${fault.what}`)
    this.#active.push({ fault, left: lasts })
    await fault.begin()
  }

  async #end(fault: Fault): Promise<void> {
    await fault.end()
    this.network.story.push(`END of: ${fault.what}`)
  }

  /** Ends all faults, the last one first. */
  async endFaults(): Promise<void> {
    for (const { fault } of this.#active.splice(0).reverse()) await this.#end(fault)
  }

  /** All faults have ended: everything that is wanted comes within so many milliseconds, and everything is right. */
  async finish(withinMs: number): Promise<number> {
    await this.endFaults()
    const took = await converge(this.network, withinMs)
    this.checker.forget()
    for (const server of this.network.servers) {
      await this.checker.look(server)
      await checkFacts(this.network, server)
    }
    return took
  }

  async stop(): Promise<void> {
    // A fault that still has hold of something must not keep it when the run failed.
    for (const { fault } of this.#active.splice(0).reverse())
      await Promise.resolve(fault.end()).catch(() => {})
    await this.network.stop()
  }
}
