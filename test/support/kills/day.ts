import { mkdir } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import { freePort, peer, type Bed } from '../daemon.ts'
import { seededRandom } from '../random.ts'
import { Actions } from './actions.ts'
import { DayServer, type Made } from './day-server.ts'
import { Violation } from './facts.ts'
import { choosePoint, migrationPoint } from './points.ts'
import { Sources } from './sources.ts'

/** Milliseconds in which everything has to be where it is wanted once nobody is killed any more. */
const REST_MS = 90_000
/** Kills after which the day rests, and everything is compared. */
const KILLS_BETWEEN_RESTS = 10
/** Milliseconds in which a server comes to the operation at which it is killed; then it is killed wherever it is. */
const ARMED_MS = 4_000
/** Milliseconds that pass before a kill at any time, at most. */
const LOOSE_MS = 700

export interface DayOptions {
  kills: number
  seed: number
  /** Told what happens. */
  onLine?: (text: string) => void
}

/** What came of a day. */
export interface DayReport {
  seed: number
  kills: number
  /** How often a server was killed at which operation; `at any time` is one of them. */
  points: ReadonlyMap<string, number>
  actions: ReadonlyMap<string, { done: number; not: number }>
  /** How often everything was compared. */
  rests: number
  images: number
  seconds: number
}

/**
 * A day in the life of three servers that are killed again and again: imports, descendants, trees, series, promotions, subscriptions,
 * adoption, deletion. Throws {@link Violation} when something is not as it must be.
 */
export async function runDay(bed: Bed, options: DayOptions): Promise<DayReport> {
  const begin = performance.now()
  const day = new Day(bed, options)
  await day.begin()
  while (day.kills < options.kills) await day.round()
  await day.rest()
  return { ...day.report(), seconds: (performance.now() - begin) / 1000 }
}

class Day {
  readonly #bed: Bed
  readonly #options: DayOptions
  readonly #random: () => number
  readonly #servers: DayServer[] = []
  readonly #made: Made = new Map()
  readonly #points = new Map<string, number>()
  readonly #actions: Actions
  #rests = 0
  #lastRest = 0
  kills = 0

  constructor(bed: Bed, options: DayOptions) {
    this.#bed = bed
    this.#options = options
    this.#random = seededRandom(options.seed)
    const sources = new Sources(bed.file('sources'), this.#random)
    this.#actions = new Actions({ servers: this.#servers, sources, made: this.#made, random: this.#random })
  }

  report(): Omit<DayReport, 'seconds'> {
    const { seed } = this.#options
    return {
      seed,
      kills: this.kills,
      points: this.#points,
      actions: this.#actions.counts,
      rests: this.#rests,
      images: this.#made.size,
    }
  }

  #chance(part: number): boolean {
    return this.#random() < part
  }

  #say(text: string): void {
    this.#options.onLine?.(text)
  }

  /** Starts the servers (killed in their migrations first), registers all with each other, and subscribes. */
  async begin(): Promise<void> {
    await mkdir(this.#bed.file('sources'))
    const limits = { progressMs: 50, progressBytes: 256 * 1024, patchLeastBytes: 64 * 1024, jobsKept: 200 }
    for (const name of ['hq', 'site', 'lab']) {
      // Always the same port: two that are killed at once must find each other again.
      const listen = `/ip4/127.0.0.1/tcp/${await freePort()}`
      const server = new DayServer(this.#bed.daemon(name, { listen, limits }), this.#made)
      this.#servers.push(server)
      if (this.#chance(0.7)) {
        const point = migrationPoint(server.daemon.home, this.#random)
        if (await server.start(point)) await server.daemon.terminate()
        else this.#killed(server, point.name)
      }
      await server.start()
    }
    const [hq, site, lab] = this.#servers as [DayServer, DayServer, DayServer]
    await Promise.all([
      peer(hq.daemon, site.daemon),
      peer(site.daemon, lab.daemon),
      peer(hq.daemon, lab.daemon),
    ])
    for (const [to, from] of [
      [site, hq],
      [lab, hq],
      [hq, site],
    ] as const) {
      const change = [[`subscription/${from.name}/all/`, 'here']] as const
      to.facts.ask(change)
      await to.daemon.client.subscribe({ server: from.name, selector: { kind: 'all' } })
      to.facts.acknowledge(change)
    }
  }

  #killed(server: DayServer, where: string): void {
    this.kills++
    this.#points.set(where, (this.#points.get(where) ?? 0) + 1)
    this.#say(`${this.kills}: ${server.name} killed ${where}`)
  }

  /** Some actions, and a kill in the middle of them. */
  async round(): Promise<void> {
    const victims = this.#servers.filter(({ armed }) => armed !== undefined)
    if (victims.length === 0) victims.push(this.#one())
    const ends = victims.map(async (server) => await this.#end(server))
    // Until they are dead there is work, so that they come to where they are killed.
    const done = Promise.all(ends).then(() => true)
    const workers = [0, 1, 2].map(async () => {
      do await this.#actions.one(this.#one())
      while (!(await Promise.race([done, pause(5, false)])))
    })
    await Promise.all([...workers, done])
    for (const server of victims) {
      await server.look()
      await this.#again(server)
    }
    if (this.kills - this.#lastRest >= KILLS_BETWEEN_RESTS) await this.rest()
  }

  #one(): DayServer {
    return this.#servers[Math.floor(this.#random() * this.#servers.length)] as DayServer
  }

  /** Waits until a server has been killed where it is to be, or kills it. */
  async #end(server: DayServer): Promise<void> {
    const { armed, daemon } = server
    const loose = this.#random() * LOOSE_MS
    const wait = armed === undefined ? loose : ARMED_MS
    await Promise.race([daemon.child.ended, pause(wait)])
    const byItself = !daemon.child.running
    const { code, signal } = await daemon.child.end('SIGKILL')
    if (signal !== 'SIGKILL')
      throw new Violation(`${server.name} ended by itself with ${code}: ${daemon.log.slice(-3000)}`)
    this.#killed(server, byItself && armed !== undefined ? armed.name : 'at any time')
  }

  /** Starts a server that was killed, perhaps to be killed again, and compares what it knows. */
  async #again(server: DayServer): Promise<void> {
    for (;;) {
      const point = this.#chance(0.6) ? choosePoint(server.daemon.home, this.#random) : undefined
      if (!(await server.start(point))) {
        this.#killed(server, `${point?.name}, at its start`)
        await server.look()
        continue
      }
      try {
        await server.settle()
        return
      } catch (error) {
        if (error instanceof Violation || point === undefined || !(await server.endedSoon())) throw error
        this.#killed(server, point.name)
      }
    }
  }

  /** Nobody is killed for a while: everything that is wanted arrives, and everything is compared. */
  async rest(): Promise<void> {
    for (const server of this.#servers) {
      if (server.armed === undefined) continue
      await server.daemon.kill()
      this.#killed(server, 'at any time')
      await server.start()
    }
    await this.#settled()
    for (const server of this.#servers) {
      if ((await server.unusedContents()) === 0) continue
      await server.daemon.terminate()
      await server.start()
    }
    await this.#settled()
    for (const server of this.#servers) {
      const unused = await server.unusedContents()
      if (unused !== 0) throw new Violation(`${server.name}: ${unused} contents on which no image stands`)
      await server.settle()
      server.forgetLooks()
      await server.look()
    }
    await this.#compare()
    this.#rests++
    this.#lastRest = this.kills
    this.#say(`all is as it must be, ${this.#made.size} images were made`)
  }

  /** Waits until no server has anything more to do. */
  async #settled(): Promise<void> {
    const deadline = performance.now() + REST_MS
    for (let unrest = await this.#unrest(); unrest !== undefined; unrest = await this.#unrest()) {
      if (performance.now() > deadline) throw new Violation(`no rest within ${REST_MS} ms: ${unrest}`)
      await pause(50)
    }
  }

  async #unrest(): Promise<string | undefined> {
    for (const server of this.#servers) {
      const unrest = await server.unrest()
      if (unrest !== undefined) return unrest
    }
    return undefined
  }

  /** Every server has what it wants: by its own word, and where it wants all of a peer by ours. */
  async #compare(): Promise<void> {
    for (const server of this.#servers) {
      const held = new Set((await server.daemon.client.images({})).images.map(({ ref }) => ref))
      for (const other of this.#servers) {
        if (other === server) continue
        const missing = await server.missing(other.name)
        if (missing.length > 0)
          throw new Violation(`${server.name} wants ${missing.join()}, and does not have it`)
        if (server.facts.get(`subscription/${other.name}/all/`) === undefined) continue
        for (const name of other.facts.keys('image/')) {
          const ref = `${other.name}/${name}`
          const isOut = other.facts.get(`image/${name}`)?.endsWith(' PUBLISHED') === true
          if (isOut && !held.has(ref) && !server.declined.has(ref))
            throw new Violation(`${server.name} takes all of ${other.name}, and does not have ${name}`)
        }
      }
    }
  }
}
