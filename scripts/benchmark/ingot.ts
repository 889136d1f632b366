import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ControlClient } from '../../src/control/client.ts'
import type { ImageDocument, JobDocument } from '../../src/control/documents.ts'
import type { ImportBody } from '../../src/control/schema.ts'
import type { Bench, Contender } from './bench.ts'
import { compare } from './data.ts'
import { measure, quiet, type Ends, type Run } from './measure.ts'
import { until, type Service } from './processes.ts'
import { Services } from './usage.ts'

const ingot = fileURLToPath(new URL('../ingot', import.meta.url))

export interface ServerOptions {
  /** TCP port; a free one by default. */
  port?: number
  /** Port of loopback under which peers are told to dial it, when that is another. */
  advertisedPort?: number
}

/** One ingot server, as operators run it. */
export class Server {
  readonly name: string
  readonly home: string
  readonly client: ControlClient
  readonly #bench: Bench
  readonly #options: ServerOptions
  #service: Service | undefined

  constructor(bench: Bench, name: string, options: ServerOptions = {}) {
    this.#bench = bench
    this.#options = options
    this.name = name
    this.home = join(bench.work, name)
    this.client = new ControlClient(join(this.home, 'run', 'control.sock'))
  }

  get pid(): number {
    if (this.#service === undefined) throw new Error(`${this.name} does not run`)
    return this.#service.pid
  }

  async start(): Promise<this> {
    await mkdir(this.home, { recursive: true })
    const { port = 0, advertisedPort } = this.#options
    const address = (of: number) => `/ip4/127.0.0.1/tcp/${of}`
    const args = ['--home', this.home, 'daemon', '--json', '--name', this.name, '--listen', address(port)]
    if (advertisedPort !== undefined) args.push('--advertise', address(advertisedPort))
    const service = this.#bench.processes.start(ingot, args, {
      log: join(this.#bench.work, `${this.name}.log`),
    })
    this.#service = service
    await until(() => service.stdout().includes('\n') || !service.running(), {
      what: `the daemon ${this.name}`,
      signal: this.#bench.signal,
    })
    if (!service.running()) throw new Error(`the daemon ${this.name} did not start`)
    return this
  }

  async stop(): Promise<void> {
    await this.#service?.stop()
  }

  async import(body: ImportBody): Promise<ImageDocument> {
    return await this.client.importImage(body, { signal: this.#bench.signal, onProgress: () => {} })
  }

  /** Subscribes to one image of a peer, and waits until it is enabled. */
  async fetch(server: string, image: string): Promise<ImageDocument> {
    await this.client.subscribe({ server, selector: { kind: 'image', image } })
    return await this.client.waitImage({ image: `${server}/${image}` }, this.#bench.signal)
  }

  /** Ends a subscription that {@link fetch} made; the replica stays. */
  async unsubscribe(server: string, image: string): Promise<void> {
    await this.client.unsubscribe({ server, selector: { kind: 'image', image } })
  }

  /** The newest job of an image, as `PEER/NAME`. */
  async job(image: string): Promise<JobDocument> {
    const job = (await this.client.jobs({})).jobs.findLast((each) => each.image === image)
    if (job === undefined) throw new Error(`${this.name} has no job of ${image}`)
    return job
  }
}

/** Registers two servers with each other and waits for the link. */
export async function link(bench: Bench, one: Server, other: Server): Promise<void> {
  await one.client.register({ serverData: (await other.client.serverData()).serverData })
  await other.client.register({ serverData: (await one.client.serverData()).serverData })
  const up = async (on: Server, to: Server) =>
    (await on.client.peers({ server: to.name })).peers[0]?.link === 'up'
  await until(async () => (await up(one, other)) && (await up(other, one)), {
    what: `the link of ${one.name} and ${other.name}`,
    signal: bench.signal,
  })
}

/** Two servers that know each other: images go from `origin` to `receiver`. */
export interface Pair {
  origin: Server
  receiver: Server
  ends: Ends
  stop: () => Promise<void>
  /** Resolves when neither does anything in the background. */
  quiet: () => Promise<void>
}

/** Starts two fresh servers and links them. */
export async function startPair(
  bench: Bench,
  options: { origin?: ServerOptions; receiver?: ServerOptions } = {},
): Promise<Pair> {
  const [origin, receiver] = await Promise.all([
    new Server(bench, 'origin', options.origin).start(),
    new Server(bench, 'receiver', options.receiver).start(),
  ])
  await link(bench, origin, receiver)
  return {
    origin,
    receiver,
    ends: { origin: new Services(() => [origin.pid]), receiver: new Services(() => [receiver.pid]) },
    stop: async () => {
      await Promise.all([origin.stop(), receiver.stop()])
    },
    quiet: async () => await quiet([origin.pid, receiver.pid], bench.signal),
  }
}

/** What the receiver fetches, and how often. */
export interface Fetch {
  /** Its name at the origin. */
  image: string
  /** The file of which the origin made it: the replica is compared with it. */
  source: string
  /** Name in the report; default `ingot`. */
  name?: string
  /** Before each run. */
  prepare?: () => Promise<void>
}

/** The receiver fetches one image: from the subscription until it is enabled. It has it no more after each run. */
export function ingotCopies(bench: Bench, pair: Pair, of: Fetch): Contender & { jobs: JobDocument[] } {
  const { origin, receiver } = pair
  const jobs: JobDocument[] = []
  const ref = `${origin.name}/${of.image}`
  const run = async (): Promise<Run> => {
    await of.prepare?.()
    await pair.quiet()
    let image: ImageDocument | undefined
    const taken = await measure(bench.work, pair.ends, async () => {
      image = await receiver.fetch(origin.name, of.image)
    })
    if (image?.path === null || image?.path === undefined) throw new Error('an enabled image without a path')
    await compare(bench, of.source, image.path)
    jobs.push(await receiver.job(ref))
    await receiver.unsubscribe(origin.name, of.image)
    await receiver.client.deleteImage(ref)
    return taken
  }
  return { name: of.name ?? 'ingot', run, jobs }
}
