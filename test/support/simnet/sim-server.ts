import { spawnSync } from 'node:child_process'
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { privateKeyToProtobuf } from '@libp2p/crypto/keys'
import { ControlClient } from '../../../src/control/client.ts'
import { isIngotError } from '../../../src/core/errors.ts'
import { homePaths } from '../../../src/core/home-paths.ts'
import { defaultLimits, type Limits } from '../../../src/core/limits.ts'
import type { Logger } from '../../../src/core/logger.ts'
import { loadConfig } from '../../../src/daemon/config.ts'
import { Server } from '../../../src/daemon/server.ts'
import type { Trace } from '../../../src/net/trace.ts'
import { removeTree } from '../../../src/store/remove-tree.ts'
import { testKey } from '../keys.ts'
import { nextPort } from '../ports.ts'
import { seededRandom } from '../random.ts'
import { TurnedClock } from '../turned-clock.ts'
import { Facts } from './facts.ts'
import type { LineEnd } from './line.ts'

/**
 * Waits are short, so that what does not answer is noticed within seconds, also where several such networks share a busy machine. Requests
 * are small, and so are the bounds below which seeds and blocks are not worth it: small images take the ways of large ones.
 */
export const simLimits: Limits = {
  ...defaultLimits,
  dialMs: 6_000,
  exchangeMs: 6_000,
  answerMs: 6_000,
  leafMs: 6_000,
  probeAnswerMs: 4_000,
  redialMinMs: 10,
  redialMaxMs: 600,
  jobRetryMinMs: 10,
  jobRetryMaxMs: 300,
  spaceCheckMs: 250,
  windowCheckMs: 500,
  freeSpaceFloor: 0,
  stopMs: 2_000,
  workThreads: 1,
  imports: 2,
  requestLeaves: 2,
  progressMs: 50,
  seedLeastBytes: 256 * 1024,
  seedBlockMissing: 512 * 1024,
  refusedHandshakesPerMinute: 1_000_000,
}

/** What a server tells others as its address: nothing that can be dialled. Each peer gets the address of the line between the two. */
const NOWHERE = '/ip4/127.0.0.1/udp/9'

/** Lines of the log that are kept to be shown. */
const LOG_LINES = 400

/**
 * Copies a home as it is at this moment: nothing that the main thread of this process does to it comes in between. What another thread
 * just removes may be missing.
 */
export function copyHome(from: string, to: string): void {
  const { status, stderr } = spawnSync('cp', ['-a', '--sparse=always', from, to], {
    env: { ...process.env, LC_ALL: 'C' },
  })
  const faults = stderr.toString().split('\n')
  if (status !== 0 && !faults.every((line) => line === '' || line.endsWith('No such file or directory')))
    throw new Error(`cannot copy ${from}: ${stderr.toString()}`)
}

export interface SimServerInit {
  home: string
  /** For its pauses. */
  seed: number
  /** Gives its key. */
  key: string
  trace: Trace
  /** Milliseconds between two probes of each link. */
  probeMs: number
  /** Called as soon as nothing of it may reach anybody any more. */
  onDown: (server: SimServer) => void
}

/** One real server of the network, in this process. */
export class SimServer implements LineEnd {
  readonly name: string
  readonly home: string
  readonly client: ControlClient
  readonly clock = new TurnedClock(Date.now())
  readonly log: string[] = []
  peerId = ''
  facts = new Facts()
  /** Grows when what it was just asked may not count: it was killed, or its home replaced. */
  life = 0
  /** A fault has hold of it: no other one may. */
  isTaken = false
  /** Its disk or database is at fault: what it answers may be an error, and its files may not be readable. */
  isTroubled = false
  /** Its clock was set. */
  isTurned = false
  readonly #init: SimServerInit
  #server: Server | undefined
  #port: number | undefined

  constructor(name: string, init: SimServerInit) {
    this.name = name
    this.home = init.home
    this.#init = init
    this.client = new ControlClient(homePaths(init.home).socket)
  }

  get running(): boolean {
    return this.#server !== undefined
  }

  get reachedAt(): number | undefined {
    return this.running ? this.#port : undefined
  }

  get images(): string {
    return homePaths(this.home).images
  }

  /** Gives it its key. */
  async create(): Promise<void> {
    const { key, state } = homePaths(this.home)
    await mkdir(state, { recursive: true, mode: 0o700 })
    const { privateKey, peerId } = await testKey(this.#init.key)
    await writeFile(key, privateKeyToProtobuf(privateKey), { mode: 0o600 })
    this.peerId = peerId
  }

  /** Starts it, on the same port as the last time unless somebody took that: lines find it. Throws what the server throws. */
  async start(): Promise<void> {
    if (this.running) return
    for (;;) {
      this.#port ??= nextPort()
      try {
        await this.#start(this.#port)
        return
      } catch (error) {
        const isTaken = isIngotError(error, 'conflict') && error.message.startsWith('cannot listen')
        if (!isTaken) throw error
        this.#port = undefined
      }
    }
  }

  async #start(port: number): Promise<void> {
    const listen = [`/ip4/127.0.0.1/tcp/${port}`]
    const config = await loadConfig({ home: this.home, name: this.name, listen })
    const { seed, trace, probeMs } = this.#init
    const components = {
      logger: this.#logger(),
      clock: this.clock,
      random: seededRandom(seed + this.life),
      trace,
    }
    const server = new Server(components, {
      ...config,
      advertise: [NOWHERE],
      limits: { ...simLimits, probeMs },
    })
    await server.start()
    this.#server = server
  }

  /** Stops it in order. */
  async stop(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    await server?.stop()
  }

  /**
   * Ends it as SIGKILL does, as near as one process comes to that: it goes on from what is on disk at this moment, and nobody hears
   * anything of it any more. What it still does while it is taken down is thrown away.
   */
  async kill(): Promise<void> {
    const left = `${this.home}.left`
    copyHome(this.home, left)
    await this.#abandon()
    await this.replaceHome(left)
  }

  /** Ends it and leaves its home to whoever replaces it. */
  async #abandon(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    this.life++
    this.#init.onDown(this)
    await server?.stop().catch(() => {}) // its links were cut in the middle of everything
  }

  /** Puts another directory in the place of its home; it must not run. */
  async replaceHome(from: string): Promise<void> {
    this.life++
    await removeTree(this.home)
    await rename(from, this.home)
  }

  #logger(): Logger {
    const line = (level: string) => (fields: object, message: string) => {
      this.log.push(`${level} ${message} ${JSON.stringify(fields)}`)
      if (this.log.length > 2 * LOG_LINES) this.log.splice(0, LOG_LINES)
    }
    return { debug: () => {}, info: line('info'), warn: line('warn'), error: line('error') }
  }
}
