import { randomBytes } from 'node:crypto'
import { availableParallelism } from 'node:os'
import type { Clock } from '../core/clock.ts'
import type { IngotError } from '../core/errors.ts'
import { homePaths } from '../core/home-paths.ts'
import { EventBus } from '../core/events.ts'
import type { Logger } from '../core/logger.ts'
import { version } from '../core/version.ts'
import { Domain } from '../control/domain.ts'
import { ControlServer } from '../control/server.ts'
import { Peering } from '../control/peering.ts'
import { serveContent } from '../net/content.ts'
import { serveFarewells } from '../net/farewell.ts'
import { Gate } from '../net/gate.ts'
import { Host } from '../net/host.ts'
import { serveJournal } from '../net/journal.ts'
import { Links } from '../net/links.ts'
import { serveReceipts } from '../net/receipt.ts'
import { TransferRates } from '../net/transfer-rates.ts'
import { serveSubscriptions } from '../net/subscriptions.ts'
import type { Trace } from '../net/trace.ts'
import { Provider } from '../provide/content.ts'
import { ImageTypeEditor } from '../publish/image-types.ts'
import { Journal } from '../publish/journal.ts'
import { Lifecycle } from '../publish/lifecycle.ts'
import { PatchMaker } from '../publish/patches.ts'
import { Publisher } from '../publish/publisher.ts'
import { SeriesEditor } from '../publish/series.ts'
import { FlatChecks } from '../replicate/flat-checks.ts'
import { Intake } from '../replicate/intake.ts'
import type { JobComponents } from '../replicate/job.ts'
import { measureMissing } from '../replicate/measure.ts'
import { JobChanges } from '../replicate/job-changes.ts'
import { JobQueue } from '../replicate/queue.ts'
import { ReceiptSender } from '../replicate/receipts.ts'
import { Subscriber } from '../replicate/subscribe.ts'
import { SubscriptionTeller } from '../replicate/tell.ts'
import { ContentCollector } from '../store/collect.ts'
import { PatchCache } from '../store/patch-cache.ts'
import { Preseed } from '../store/preseed.ts'
import { Secrets } from '../store/secrets.ts'
import { SpaceLedger } from '../store/space.ts'
import { WorkPool } from '../store/work/pool.ts'
import { PATCHES, PROTOCOL_VERSION, REPAIR } from '../wire/hello.ts'
import type { Digest } from '../image/digest.ts'
import type { Config } from './config.ts'
import { createIntegrity } from './integrity.ts'
import { openHome } from './open-home.ts'
import { receiveReceipt, type Receiving } from './receive-receipt.ts'

/** What a server takes from its surroundings. */
export interface ServerComponents {
  logger: Logger
  clock: Clock
  /** Uniform in [0, 1); for pauses. */
  random: () => number
  /** Sees what crosses the streams between servers; absent in service. */
  trace?: Trace | undefined
}

/** Where a running server can be met. */
export interface Ready {
  name: string
  peerId: string
  addresses: string[]
  /** Path of the control socket. */
  socket: string
  pid: number
}

type Stop = () => Promise<void> | void

/** One server: the composition root. `start()` takes everything in order, `stop()` gives it back in the opposite order. */
export class Server {
  readonly #components: ServerComponents
  readonly #config: Config
  #stops: Stop[] = []
  #ready: Ready | undefined

  constructor(components: ServerComponents, config: Config) {
    this.#components = components
    this.#config = config
  }

  /** Starts everything, or nothing: what was started is stopped again when something fails. */
  async start(): Promise<Ready> {
    if (this.#ready !== undefined) return this.#ready
    try {
      this.#ready = await this.#start()
      return this.#ready
    } catch (error) {
      await this.stop()
      throw error
    }
  }

  async stop(): Promise<void> {
    this.#ready = undefined
    const stops = this.#stops.splice(0).reverse()
    const failures: unknown[] = []
    // One that fails must not keep the others from giving back what they hold.
    for (const stop of stops)
      await Promise.resolve()
        .then(stop)
        .catch((error: unknown) => failures.push(error))
    if (failures.length > 0) throw new AggregateError(failures, 'the stop was not orderly')
  }

  async #start(): Promise<Ready> {
    const { home, images, limits } = this.#config
    const { logger, clock, random, trace } = this.#components
    const paths = homePaths(home)
    const { identity, name, state, layout, missing, socketGroup } = await openHome(
      this.#config,
      this.#components,
      (stop) => this.#stops.push(stop),
    )
    const { peerId: selfId, privateKey, sign } = identity

    const space = new SpaceLedger(images, limits.freeSpaceFloor)
    const work = new WorkPool({ threads: Math.min(limits.workThreads, availableParallelism()), niceness: 0 })
    const followers = new WorkPool({ threads: limits.imports, niceness: 5 })
    const background = new WorkPool({ threads: 1, niceness: 19 })
    this.#stops.push(async () => await work.stop())
    this.#stops.push(async () => await followers.stop())
    this.#stops.push(async () => await background.stop())
    const events = new EventBus()
    const collector = new ContentCollector({
      layout,
      isUsed: (digest) => state.images.usesOf(digest) > 0,
      forget: (digest) => {
        state.images.deleteContent(digest)
        patches.forget(digest)
      },
    })
    const cache = new PatchCache({ layout, limits, logger })
    const patches = new PatchMaker({ selfId, state, layout, cache, collector, events, limits, logger })
    const journal = new Journal({ selfId, sign, state, clock })
    const series = new SeriesEditor({ selfId, state, journal, clock, limits })
    const imageTypes = new ImageTypeEditor({ selfId, state, clock, limits })
    const lifecycle = new Lifecycle({ state, layout, collector, journal, events, clock, logger })
    const publisher = new Publisher({
      selfId,
      sign,
      state,
      layout,
      space,
      secrets: new Secrets([paths.state, paths.run]),
      collector,
      journal,
      series,
      events,
      clock,
      limits,
      logger,
      work,
      followers,
    })
    const rates = new TransferRates({ state, clock, limits })
    rates.start()
    const onChanged = (content: Digest) => integrity.scrub.report(content)
    const provider = new Provider({ selfId, state, layout, limits, logger, work, patches, onChanged })

    const gate = new Gate({
      logger,
      clock,
      limits,
      isRegistered: (peerId) => state.peers.isRegistered(peerId),
    })
    const onViolation = (peerId: string, error: IngotError) => links.punish(peerId, error)
    const host = new Host({ privateKey, gate, clock, limits, logger, onViolation, trace }, this.#config)
    const instance = randomBytes(16).toString('hex')
    const hello = (peerId: string) => ({
      version: PROTOCOL_VERSION,
      software: `ingot ${version}`,
      features: [PATCHES, REPAIR],
      addresses: host.addresses(),
      name,
      ownHead: journal.head(),
      heldHead: state.peers.cursor(peerId),
      instance,
      contentOnly: false,
    })
    const links: Links = new Links({
      selfId,
      host,
      peers: state.peers,
      events,
      clock,
      random,
      limits,
      logger,
      hello,
      onHello: (peerId, said) => {
        peering.onHello(peerId, said)
        if (said.heldHead !== undefined)
          journal.heardOf(said.heldHead, state.peers.byId(peerId)?.name ?? peerId)
      },
    })
    const receipts = new ReceiptSender({ links, state, clock, random, limits, logger })
    const jobs: JobComponents = {
      links,
      rates,
      state,
      layout,
      space,
      events,
      clock,
      random,
      limits,
      logger,
      collector,
      work,
      preseed: new Preseed({ directory: paths.preseed, cache: paths.preseedIndexes, limits, work }),
      onUnchecked: (content) => checks.add(content),
      onReceipt: (peerId) => receipts.send(peerId),
    }
    const checks: FlatChecks = new FlatChecks({ ...jobs, selfId, background })
    const queue = new JobQueue(jobs)
    const integrity = createIntegrity(jobs, {
      selfId,
      background,
      isBusy: () => queue.isRunning || provider.isAnswering,
      scrub: this.#config.scrub,
    })
    for (const content of missing) integrity.verification.missing(content)
    const jobChanges = new JobChanges({ state, queue, events, clock })
    const intake = new Intake({
      links,
      state,
      events,
      clock,
      limits,
      logger,
      onChange: (peerId, gone) => queue.onJournal(peerId, gone),
    })
    const teller = new SubscriptionTeller({ selfId, links, state, limits, logger })
    const subscriber = new Subscriber({
      state,
      clock,
      limits,
      events,
      queue,
      receipts,
      measure: async (of) => await measureMissing(jobs, { ...of, pace: rates.ofJob(of.peerId, undefined) }),
      onChange: (peerId) => teller.tell(peerId),
    })
    const domain = new Domain({ state, clock, limits })
    const peering = new Peering({ selfId, state, links, queue, events, clock, limits, logger })
    const control = new ControlServer(
      {
        selfId,
        selfName: name,
        version,
        home,
        sign,
        state,
        layout,
        host,
        links,
        journal,
        publisher,
        lifecycle,
        series,
        imageTypes,
        intake,
        queue,
        jobChanges,
        ...integrity,
        work,
        subscriber,
        rates,
        peering,
        domain,
        collector,
        events,
        clock,
        limits,
        logger,
      },
      { socket: paths.socket, group: socketGroup },
    )

    await patches.start()
    this.#stops.push(async () => await patches.stop())
    await host.start()
    this.#stops.push(async () => await host.stop())
    const isRegistered = (peerId: string) => state.peers.isRegistered(peerId)
    await serveJournal(host, limits, { source: journal, isRegistered })
    await serveContent(host, limits, (peerId) => provider.session(peerId), rates.outgoing)
    const receiving: Receiving = { selfId, state, onWrong: (content) => integrity.scrub.report(content) }
    await serveReceipts(host, limits, (peerId, receipt) => receiveReceipt(receiving, peerId, receipt))
    await serveFarewells(host, limits, (peerId) => peering.onFarewell(peerId))
    await serveSubscriptions(host, limits, (peerId, selectors) => peering.onSubscriptions(peerId, selectors))
    this.#stops.push(async () => await teller.stop())
    teller.start()
    this.#stops.push(async () => await receipts.stop())
    receipts.start()
    this.#stops.push(async () => await intake.stop())
    intake.start()
    this.#stops.push(async () => await links.stop())
    checks.start()
    this.#stops.push(async () => await checks.stop())
    queue.start()
    this.#stops.push(async () => await queue.stop())
    integrity.repairs.start()
    this.#stops.push(async () => await integrity.repairs.stop())
    integrity.scrub.start()
    this.#stops.push(async () => await integrity.scrub.stop())
    await links.start()
    this.#stops.push(async () => await publisher.stop())
    await control.start()
    this.#stops.push(async () => await control.stop())
    return { name, peerId: selfId, addresses: host.addresses(), socket: paths.socket, pid: process.pid }
  }
}
