import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { privateKeyToProtobuf } from '@libp2p/crypto/keys'
import { ControlClient } from '../../../src/control/client.ts'
import { systemClock } from '../../../src/core/clock.ts'
import { isIngotError, systemCode } from '../../../src/core/errors.ts'
import { homePaths } from '../../../src/core/home-paths.ts'
import { defaultLimits, type Limits } from '../../../src/core/limits.ts'
import type { Logger } from '../../../src/core/logger.ts'
import { loadConfig } from '../../../src/daemon/config.ts'
import { Server } from '../../../src/daemon/server.ts'
import type { Trace } from '../../../src/net/trace.ts'
import type { Bed } from '../daemon.ts'
import { testKey } from '../keys.ts'
import { nextPort } from '../ports.ts'
import { Proxy } from '../proxy.ts'
import { seededRandom } from '../random.ts'

/** Pauses short enough that nobody waits long, and no bound that a healthy network of one machine meets. */
const limits: Limits = {
  ...defaultLimits,
  redialMinMs: 10,
  redialMaxMs: 2_000,
  jobRetryMinMs: 10,
  jobRetryMaxMs: 100,
  freeSpaceFloor: 0,
  refusedHandshakesPerMinute: 1_000_000,
}

/** One real server in this process, with a tap on what it sends and takes; behind a proxy where its links are to be cut. */
export class ChainServer {
  readonly name: string
  readonly client: ControlClient
  peerId = ''
  /** What it logged since somebody took it. */
  log: string[] = []
  readonly #home: string
  readonly #trace: Trace
  readonly #seed: number
  readonly #isProxied: boolean
  #server: Server | undefined
  #proxy: Proxy | undefined
  #port = 0

  constructor(name: string, options: { home: string; trace: Trace; seed: number; isProxied: boolean }) {
    this.name = name
    this.#home = options.home
    this.#trace = options.trace
    this.#seed = options.seed
    this.#isProxied = options.isProxied
    this.client = new ControlClient(homePaths(options.home).socket)
  }

  get running(): boolean {
    return this.#server !== undefined
  }

  /** Gives it a key that only depends on the name, and a place to listen; then starts it. */
  async create(bed: Bed): Promise<void> {
    const { key, state } = homePaths(this.#home)
    await mkdir(state, { recursive: true, mode: 0o700 })
    const { privateKey } = await testKey(this.name)
    await writeFile(key, privateKeyToProtobuf(privateKey), { mode: 0o600 })
    bed.onEnd(async () => await this.stop())
    for (;;) {
      this.#port = nextPort()
      if (this.#isProxied) this.#proxy = await Proxy.start(bed, this.#port)
      try {
        await this.start()
        return
      } catch (error) {
        if (!isIngotError(error, 'conflict')) throw error // somebody else has that port
      }
    }
  }

  /** Address at which it is dialled. */
  get address(): string {
    return this.#proxy?.address ?? this.#listen
  }

  get #listen(): string {
    return `/ip4/127.0.0.1/tcp/${this.#port}`
  }

  async start(): Promise<void> {
    const config = await loadConfig({
      home: this.#home,
      name: this.name,
      listen: [this.#listen],
      advertise: [this.address],
    })
    const components = {
      logger: this.#logger(),
      clock: systemClock,
      random: seededRandom(this.#seed),
      trace: this.#trace,
    }
    const server = new Server(components, { ...config, limits })
    const ready = await server.start()
    this.#server = server
    this.peerId = ready.peerId
  }

  async stop(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    await server?.stop()
  }

  /** Cuts every connection that came to it, if it is behind a proxy. */
  cut(): void {
    this.#proxy?.cut()
  }

  #logger(): Logger {
    const line = (fields: object, message: string) =>
      void this.log.push(`${message} ${JSON.stringify(fields)}`)
    return { debug: line, info: line, warn: line, error: line }
  }

  /** Every path under its images directory. */
  async stored(): Promise<string[]> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await readdir(join(this.#home, 'images'), { recursive: true })
      } catch (error) {
        if (systemCode(error) !== 'ENOENT' || attempt === 10) throw error // a directory went while it was read
      }
    }
  }
}
