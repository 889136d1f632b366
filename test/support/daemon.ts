import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { access, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ControlClient } from '../../src/control/client.ts'
import type { JobDocument } from '../../src/control/documents.ts'
import type { Limits } from '../../src/core/limits.ts'
import type { Ready } from '../../src/daemon/run.ts'
import { cli } from './cli.ts'
import { storedUnder } from './files.ts'
import { waitFor } from './wait-for.ts'

/** Servers as operators run them: `scripts/ingot` as child processes, for the daemon and for each command. */

/** A file of the checkout. */
export const checkoutPath = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url))

const ingot = checkoutPath('scripts/ingot')

/** How a child process ended, and what it said. */
export interface Ended {
  code: number | null
  signal: NodeJS.Signals | null
  stdout: string
  stderr: string
}

export interface RunOptions {
  /** Text for standard input; nothing by default. */
  input?: string
  cwd?: string
  env?: Record<string, string>
  /** Milliseconds after which it is killed; default 60 000. */
  timeoutMs?: number
}

/** A child process whose output is kept. */
export class Child {
  readonly process: ChildProcess
  /** Resolves when it has ended and all its output is here. */
  readonly ended: Promise<Ended>
  stdout = ''
  stderr = ''

  constructor(command: string, args: readonly string[], options: RunOptions & { home: string }) {
    this.process = spawn(command, args, {
      cwd: options.cwd ?? options.home,
      // Nothing of the shell that runs the tests: no INGOT_HOME, no colours.
      env: { PATH: process.env['PATH'], HOME: options.home, TMPDIR: tmpdir(), ...options.env },
      stdio: [options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    })
    this.process.stdout?.setEncoding('utf8').on('data', (text: string) => (this.stdout += text))
    this.process.stderr?.setEncoding('utf8').on('data', (text: string) => (this.stderr += text))
    this.process.stdin?.end(options.input)
    this.ended = once(this.process, 'close').then(([code, signal]) => ({
      code: code as number | null,
      signal: signal as NodeJS.Signals | null,
      stdout: this.stdout,
      stderr: this.stderr,
    }))
  }

  get pid(): number {
    if (this.process.pid === undefined) throw new Error('it was never started')
    return this.process.pid
  }

  get running(): boolean {
    return this.process.exitCode === null && this.process.signalCode === null
  }

  /** Sends a signal and waits for the end. */
  async end(signal: NodeJS.Signals): Promise<Ended> {
    this.process.kill(signal)
    return await this.ended
  }
}

/** Limits that suit tests: everything that waits does so for a shorter time. */
const quick: Partial<Limits> = {
  redialMinMs: 50,
  redialMaxMs: 250,
  jobRetryMinMs: 50,
  jobRetryMaxMs: 250,
  spaceCheckMs: 250,
  freeSpaceFloor: 0,
}

export interface DaemonOptions {
  limits?: Partial<Limits>
  /** Default: a free port on loopback, another one at each start. */
  listen?: string
  advertise?: string
  images?: string
  /** A command that runs the daemon, with its arguments: `setpriv …`. */
  runner?: string[]
}

/** One server: a home, a daemon that can be started and killed, and the command line that talks to it. */
export class Daemon {
  readonly name: string
  readonly home: string
  readonly images: string
  readonly client: ControlClient
  readonly #bed: Bed
  readonly #options: DaemonOptions
  /** Environment from the next start on. */
  env: Record<string, string> = {}
  #child: Child | undefined
  #ready: Ready | undefined

  constructor(bed: Bed, name: string, options: DaemonOptions) {
    this.#bed = bed
    this.#options = options
    this.name = name
    this.home = join(bed.path, name)
    this.images = options.images ?? join(this.home, 'images')
    this.client = new ControlClient(join(this.home, 'run', 'control.sock'))
  }

  get ready(): Ready {
    if (this.#ready === undefined) throw new Error(`${this.name} was never ready`)
    return this.#ready
  }

  get child(): Child {
    if (this.#child === undefined) throw new Error(`${this.name} was never started`)
    return this.#child
  }

  /** What the running daemon logged. */
  get log(): string {
    return this.child.stderr
  }

  /** Makes the home, with a configuration that begins with `toml`, unless it has one. */
  async configure(toml: string): Promise<void> {
    await mkdir(this.home, { recursive: true, mode: 0o755 })
    const config = join(this.home, 'ingot.toml')
    const limits = Object.entries({ ...quick, ...this.#options.limits })
    const lines = ['[limits]', ...limits.map(([key, value]) => `${key} = ${value}`), '']
    await access(config).catch(async () => await writeFile(config, toml + lines.join('\n')))
  }

  /** Makes the home with its configuration and runs the daemon in it, without waiting. */
  async launch(): Promise<Child> {
    const { listen = '/ip4/127.0.0.1/tcp/0', advertise, images, runner = [] } = this.#options
    await this.configure('')
    const args = ['--home', this.home, 'daemon', '--json', '--name', this.name, '--listen', listen]
    if (advertise !== undefined) args.push('--advertise', advertise)
    if (images !== undefined) args.push('--images', images)
    const [command = ingot, ...rest] = [...runner, ingot, ...args]
    this.#child = this.#bed.spawn(command, rest, { env: this.env })
    return this.#child
  }

  /** Runs the daemon and waits until it is ready. */
  async start(): Promise<Ready> {
    const child = await this.launch()
    const line = await waitFor(() => !child.running || /^(.*)\n/.exec(child.stdout)?.[1], {
      what: `the daemon ${this.name} being ready`,
      timeoutMs: 90_000,
      dump: () => child.stderr,
    })
    if (line === true) throw new Error(`${this.name} did not start: ${(await child.ended).stderr}`)
    this.#ready = JSON.parse(line) as Ready
    return this.#ready
  }

  /** SIGKILL, as the system or an operator in a hurry does it; resolves when the process is gone. */
  async kill(): Promise<void> {
    await this.child.end('SIGKILL')
  }

  /** SIGTERM: the ordered stop. */
  async terminate(): Promise<Ended> {
    return await this.child.end('SIGTERM')
  }

  /** Runs a command against this server, whatever comes of it. */
  async ingot(...args: string[]): Promise<Ended> {
    return await this.#bed.ingot(['--home', this.home, ...args])
  }

  /** Runs a command that has to succeed; resolves to what it printed. */
  async done(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.ingot(...args)
    if (code !== 0) throw new Error(`${this.name}$ ingot ${args.join(' ')} ended with ${code}: ${stderr}`)
    return stdout
  }

  /** Runs a command with `--json` that has to succeed; resolves to its document. */
  async json<T>(...args: string[]): Promise<T> {
    return JSON.parse(await this.done(...args, '--json')) as T
  }

  /** Waits until the newest job for an image satisfies `condition`. */
  async waitJob(
    image: string,
    condition: (job: JobDocument) => boolean,
    timeoutMs = 30_000,
  ): Promise<JobDocument> {
    const newest = async () => (await this.client.jobs({})).jobs.filter((job) => job.image === image).at(-1)
    return await waitFor(
      async () => {
        const job = await newest()
        return job !== undefined && condition(job) ? job : undefined
      },
      {
        what: `the job of ${image} on ${this.name}`,
        timeoutMs,
        dump: async () => ({ job: await newest(), log: this.log.slice(-4000) }),
      },
    )
  }

  /** Everything under the images directory but what is always there, sorted. */
  async stored(): Promise<string[]> {
    return await storedUnder(this.images)
  }
}

/** A directory, and the processes that run in it; `end()` ends them and removes it. */
export class Bed {
  readonly path: string
  readonly #children = new Set<Child>()
  readonly #ends: (() => Promise<void>)[] = []

  private constructor(path: string) {
    this.path = path
  }

  static async create(): Promise<Bed> {
    return new Bed(await mkdtemp(join(tmpdir(), 'ingot-test-')))
  }

  /** Called at the end, when all processes have gone; the last one first. */
  onEnd(work: () => Promise<void>): void {
    this.#ends.push(work)
  }

  async end(): Promise<void> {
    for (const child of this.#children) await child.end('SIGKILL')
    for (const work of this.#ends.splice(0).reverse()) await work()
    await rm(this.path, { recursive: true, force: true })
  }

  file(name: string): string {
    return join(this.path, name)
  }

  /** Starts a process that does not outlive the bed. */
  spawn(command: string, args: readonly string[], options: RunOptions = {}): Child {
    const child = new Child(command, args, { ...options, home: this.path })
    this.#children.add(child)
    void child.ended.finally(() => this.#children.delete(child))
    return child
  }

  /** Runs a process to its end. */
  async run(command: string, args: readonly string[], options: RunOptions = {}): Promise<Ended> {
    const child = this.spawn(command, args, options)
    const timer = setTimeout(() => child.process.kill('SIGKILL'), options.timeoutMs ?? 60_000)
    try {
      return await child.ended
    } finally {
      clearTimeout(timer)
    }
  }

  /**
   * Runs one command line: in this process, which is what a process of its own comes to and costs a hundredth of its time. `daemon`
   * runs in one of its own: it ends by a signal.
   */
  async ingot(args: readonly string[], options: RunOptions = {}): Promise<Ended> {
    if (args.includes('daemon')) return await this.apart(args, options)
    const { input, cwd = this.path, env = {} } = options
    const around = { cwd, env, userHome: this.path, systemHome: '/var/lib/ingot' }
    return { ...(await cli(args, input === undefined ? around : { ...around, input })), signal: null }
  }

  /** Runs one command line in a process of its own, as operators do. */
  async apart(args: readonly string[], options: RunOptions = {}): Promise<Ended> {
    return await this.run(ingot, args, options)
  }

  /** A server that does not run yet. */
  daemon(name: string, options: DaemonOptions = {}): Daemon {
    return new Daemon(this, name, options)
  }

  /** A server that runs. */
  async start(name: string, options: DaemonOptions = {}): Promise<Daemon> {
    const daemon = this.daemon(name, options)
    await daemon.start()
    return daemon
  }
}

/** A TCP port of loopback that nobody listens on now. */
export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as AddressInfo
  probe.close()
  await once(probe, 'close')
  return port
}

/** A bed for the running test. */
export async function testBed(): Promise<Bed> {
  const { onTestFinished } = await import('vitest') // not at the top: scripts use this file, too
  const bed = await Bed.create()
  onTestFinished(async () => await bed.end())
  return bed
}

/** Registers two servers with each other and waits until both see the link. */
export async function peer(one: Daemon, other: Daemon): Promise<void> {
  const { serverData } = await other.client.serverData()
  await one.client.register({ serverData })
  await other.client.register({ serverData: (await one.client.serverData()).serverData })
  await waitLink(one, other.name, 'up')
  await waitLink(other, one.name, 'up')
}

/** Waits until `on` sees the link to a peer in that state. */
export async function waitLink(on: Daemon, server: string, link: string): Promise<void> {
  await waitFor(async () => (await on.client.peers({ server })).peers[0]?.link === link, {
    what: `the link of ${on.name} to ${server} being ${link}`,
    timeoutMs: 30_000,
    dump: async () => await on.client.peers({ server }),
  })
}
