import { randomBytes } from 'node:crypto'
import { readFile, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { ControlClient } from '../../src/control/client.ts'
import type {
  EventLine,
  HolderDocument,
  ImageDocument,
  JobDocument,
  PeerDocument,
  PlanDocument,
} from '../../src/control/documents.ts'
import type { ImportBody, RegisterBody, SubscribeBody } from '../../src/control/schema.ts'
import { systemClock, type Clock } from '../../src/core/clock.ts'
import { defaultLimits, type Limits } from '../../src/core/limits.ts'
import type { Logger } from '../../src/core/logger.ts'
import { loadConfig } from '../../src/daemon/config.ts'
import { Server, type Ready } from '../../src/daemon/server.ts'
import { writeRandomFile } from './files.ts'
import { tempDir } from './temp-dir.ts'
import { waitFor } from './wait-for.ts'

export interface LogLine {
  level: string
  message: string
  fields: Record<string, unknown>
}

/** Limits that suit tests: everything that waits does so for a shorter time. */
const testLimits: Partial<Limits> = {
  redialMinMs: 50,
  redialMaxMs: 500,
  jobRetryMinMs: 50,
  jobRetryMaxMs: 500,
  spaceCheckMs: 250,
  freeSpaceFloor: 0,
}

const never = new AbortController().signal

/** One real server in this process, driven over its control socket. */
export class TestServer {
  readonly name: string
  readonly home: string
  readonly log: LogLine[] = []
  readonly client: ControlClient
  /** Its bounds; changes count from the next start. */
  readonly limits: Partial<Limits>
  readonly #clock: Clock
  #server: Server | undefined
  #port = 0
  #ready: Ready | undefined

  constructor(name: string, home: string, limits: Partial<Limits>, clock: Clock = systemClock) {
    this.name = name
    this.home = home
    this.limits = { ...limits }
    this.#clock = clock
    this.client = new ControlClient(join(home, 'run', 'control.sock'))
  }

  get peerId(): string {
    if (this.#ready === undefined) throw new Error(`${this.name} has not run yet`)
    return this.#ready.peerId
  }

  /** Starts it, on the same port as the last time. */
  async start(): Promise<void> {
    const config = await loadConfig({
      home: this.home,
      name: this.name,
      listen: [`/ip4/127.0.0.1/tcp/${this.#port}`],
    })
    const limits = { ...defaultLimits, ...testLimits, ...this.limits }
    this.#server = new Server(
      { logger: this.#logger(), clock: this.#clock, random: Math.random },
      { ...config, limits },
    )
    this.#ready = await this.#server.start()
    this.#port = Number(this.#ready.addresses[0]?.split('/').at(-1))
  }

  async stop(): Promise<void> {
    await this.#server?.stop()
    this.#server = undefined
  }

  #logger(): Logger {
    const line = (level: string) => (fields: object, message: string) =>
      void this.log.push({ level, message, fields: fields as Record<string, unknown> })
    return { debug: line('debug'), info: line('info'), warn: line('warn'), error: line('error') }
  }

  /** Makes an image of `length` pseudo-random bytes that depend on `seed` (or of a file that is there). */
  async importImage(
    image: string,
    options: Partial<ImportBody> & { length?: number; seed?: string } = {},
  ): Promise<ImageDocument> {
    const { length = 300_000, seed = `${this.name} ${image}`, ...body } = options
    let { path } = options
    if (path === undefined) {
      path = join(await tempDir(), 'source')
      await writeRandomFile(path, length, seed)
    }
    return await this.client.importImage({ ...body, image, path }, { signal: never, onProgress: () => {} })
  }

  async subscribeAll(server: string): Promise<void> {
    await this.client.subscribe({ server, selector: { kind: 'all' } })
  }

  async subscribe(
    server: string,
    selector: SubscribeBody['selector'],
    options: Omit<SubscribeBody, 'server' | 'selector'> = {},
  ): Promise<PlanDocument> {
    return await this.client.subscribe({ server, selector, ...options })
  }

  /** Names of the images that are enabled here (`peer/name`, `./name`), sorted. */
  async enabled(): Promise<string[]> {
    const { images } = await this.client.images({})
    return images
      .filter(({ status }) => status === 'enabled')
      .map(({ ref }) => ref)
      .toSorted()
  }

  /** What a peer announces now, in the order in which it was published; with it everything that was told before is taken in. */
  async announcedBy(server: string): Promise<string[]> {
    return (await this.client.images({ server })).images.map(({ name }) => name)
  }

  /** Names of the images of one series, in its order: an own one, or with `server` one of that peer. */
  async seriesOf(series: string, server?: string): Promise<string[]> {
    const found = await this.client.series(server === undefined ? { series } : { series, server })
    return found.series.flatMap(({ images }) => images.map(({ name }) => name))
  }

  /** Everything that happens here from now on; grows until the test has ended. */
  async follow(): Promise<EventLine[]> {
    const lines: EventLine[] = []
    const stop = new AbortController()
    const ended = (async () => {
      for await (const line of this.client.events(stop.signal)) lines.push(line)
    })().catch(() => {}) // the test or the server ended
    onTestFinished(async () => {
      stop.abort()
      await ended
    })
    // An operation that fails is in the audit log, and so among the events: once it is seen, so is all that follows.
    const marker = `marker-${randomId()}`
    await waitFor(
      async () => {
        await this.client.deleteImageType(marker).catch(() => {})
        return lines.some(({ subject }) => subject === marker)
      },
      { what: `the events of ${this.name}` },
    )
    return lines
  }

  /** Waits until an image is enabled here. */
  async waitImage(image: string, timeoutMs = 20_000): Promise<ImageDocument> {
    try {
      return await this.client.waitImage({ image, timeoutMs }, never)
    } catch (cause) {
      const state = { jobs: (await this.client.jobs({})).jobs, log: this.log.slice(-20) }
      throw new Error(`${image} did not come to ${this.name}: ${JSON.stringify(state, null, 1)}`, { cause })
    }
  }

  async job(image: string): Promise<JobDocument | undefined> {
    return (await this.client.jobs({})).jobs.filter((job) => job.image === image).at(-1)
  }

  /** Waits until the newest job for an image satisfies `condition`. */
  async waitJob(image: string, condition: (job: JobDocument) => boolean): Promise<JobDocument> {
    return await waitFor(
      async () => {
        const job = await this.job(image)
        return job !== undefined && condition(job) ? job : undefined
      },
      {
        what: `the job of ${image} on ${this.name}`,
        timeoutMs: 20_000,
        dump: async () => await this.job(image),
      },
    )
  }

  async waitLink(server: string, link: string): Promise<void> {
    await waitFor(async () => (await this.client.peers({ server })).peers[0]?.link === link, {
      what: `the link of ${this.name} to ${server} being ${link}`,
      timeoutMs: 20_000,
      dump: async () => await this.client.peers({ server }),
    })
  }

  /** Registers another server here, on this side alone. */
  async register(other: TestServer, options: Omit<RegisterBody, 'serverData'> = {}): Promise<PeerDocument> {
    const { serverData } = await other.client.serverData()
    return await this.client.register({ serverData, ...options })
  }

  async peer(server: string): Promise<PeerDocument> {
    const { peers } = await this.client.peers({ server })
    return peers[0] as PeerDocument
  }

  /** Waits until a peer, as it is seen here, satisfies `condition`. */
  async waitPeer(server: string, condition: (peer: PeerDocument) => boolean): Promise<PeerDocument> {
    return await waitFor(
      async () => {
        const peer = await this.peer(server)
        return condition(peer) ? peer : undefined
      },
      {
        what: `the peer ${server} as seen by ${this.name}`,
        timeoutMs: 20_000,
        dump: async () => ({ peer: await this.peer(server), log: this.log.slice(-10) }),
      },
    )
  }

  /** Waits until the intake from a peer stands still; resolves to why. */
  async waitFault(server: string): Promise<string> {
    return (await this.waitPeer(server, ({ fault }) => fault !== null)).fault as string
  }

  /** Waits until a receiver has told of one of our images what `condition` looks for. */
  async waitHolder(
    image: string,
    peer: string,
    condition: (holder: HolderDocument) => boolean,
  ): Promise<HolderDocument> {
    const holders = async () =>
      (await this.client.images({ image: `./${image}`, holders: true })).images[0]?.holders
    return await waitFor(
      async () => (await holders())?.find((holder) => holder.peer === peer && condition(holder)),
      { what: `what ${peer} told of ${image}`, timeoutMs: 20_000, dump: holders },
    )
  }

  /** Subscribes to one image, by name or id, and its descendants. */
  async subscribeImage(
    server: string,
    image: string,
    options: Omit<SubscribeBody, 'server' | 'selector'> = {},
  ): Promise<void> {
    await this.client.subscribe({ server, selector: { kind: 'image', image }, ...options })
  }

  /** Names in a directory of the home; empty where there is none. */
  async list(...path: string[]): Promise<string[]> {
    return await readdir(join(this.home, ...path)).catch(() => [])
  }

  /** Bytes on the disk of the file that a job brings here. */
  async stagedBytes(job: number): Promise<number> {
    const path = join(this.home, 'images', 'staging', `job-${job}`, 'image')
    return (await stat(path).catch(() => ({ blocks: 0 }))).blocks * 512
  }

  /** True when the bytes occur anywhere in the state of this server: its database, its files, its log, its answers. */
  async knows(text: string): Promise<boolean> {
    for (const name of await this.list('state')) {
      if ((await readFile(join(this.home, 'state', name))).includes(text)) return true
    }
    const files = await readdir(join(this.home, 'images'), { recursive: true })
    const answers = [
      await this.client.images({}),
      await this.client.peers({}),
      await this.client.jobs({}),
      await this.client.subscriptions({}),
    ]
    return JSON.stringify([files, this.log, answers]).includes(text)
  }
}

export interface Network {
  servers: Record<string, TestServer>
  server: (name: string) => TestServer
  /** Registers two servers with each other and waits until both see the link. */
  peer: (one: string, other: string) => Promise<void>
}

/** Starts real servers on loopback TCP, each with a home of its own, by one clock; all stop when the test has ended. */
export async function createNetwork(
  names: readonly string[],
  limits: Partial<Limits> = {},
  clock: Clock = systemClock,
): Promise<Network> {
  const root = await tempDir()
  const servers: Record<string, TestServer> = {}
  for (const name of names) {
    const server = new TestServer(name, join(root, name), limits, clock)
    onTestFinished(async () => await server.stop())
    await server.start()
    servers[name] = server
  }
  const server = (name: string): TestServer => {
    const found = servers[name]
    if (found === undefined) throw new Error(`no server ${name} in this network`)
    return found
  }
  return {
    servers,
    server,
    peer: async (one, other) => {
      await server(one).register(server(other))
      await server(other).register(server(one))
      await server(one).waitLink(other, 'up')
      await server(other).waitLink(one, 'up')
    },
  }
}

/** A random 16-byte id as hex: of a journal or an instance. */
export function randomId(): string {
  return randomBytes(16).toString('hex')
}
