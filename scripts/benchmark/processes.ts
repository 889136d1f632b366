import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'

/** What a command that ended well said. */
export interface Said {
  stdout: string
  stderr: string
}

/** A process that runs until it is stopped. */
export interface Service {
  pid: number
  /** Its standard output so far. */
  stdout: () => string
  running: () => boolean
  /** SIGTERM, after ten seconds SIGKILL; resolves when it is gone. */
  stop: () => Promise<void>
}

/** Milliseconds in which a service has to follow a SIGTERM. */
const stopMs = 10_000

/** All processes of a benchmark: none outlives it, however it ends. */
export class Processes {
  readonly #signal: AbortSignal
  readonly #children = new Set<ChildProcess>()

  /** Aborting `signal` ends them. */
  constructor(signal: AbortSignal) {
    this.#signal = signal
  }

  /** Runs a command to its end; rejects when that is not code 0. `onStart` hears the process id. */
  async run(
    command: string,
    args: readonly string[],
    options: { onStart?: (pid: number) => void; input?: string; env?: Record<string, string> } = {},
  ): Promise<Said> {
    this.#signal.throwIfAborted()
    const child = this.#keep(
      spawn(command, args, {
        stdio: 'pipe',
        env: { ...process.env, ...options.env },
        signal: this.#signal,
        killSignal: 'SIGKILL', // casync goes on after a SIGTERM
      }),
    )
    const said = { stdout: '', stderr: '' }
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (said.stdout += text))
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (said.stderr += text))
    child.stdin?.on('error', () => {}) // it ended without reading; its code says whether that is well
    child.stdin?.end(options.input)
    if (child.pid !== undefined) options.onStart?.(child.pid)
    const [code, by] = (await once(child, 'close')) as [number | null, string | null]
    if (code === 0) return said
    throw new Error(`${command} ${args.join(' ')} ended with ${code ?? by}: ${said.stderr.slice(-2_000)}`)
  }

  /** Starts a service; what it writes to standard error goes to the file `log`. */
  start(command: string, args: readonly string[], options: { log: string; stdin?: 'pipe' }): Service {
    this.#signal.throwIfAborted()
    const child = this.#keep(spawn(command, args, { stdio: [options.stdin ?? 'ignore', 'pipe', 'pipe'] }))
    child.stderr?.pipe(createWriteStream(options.log, { flags: 'a' }))
    let stdout = ''
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout = (stdout + text).slice(-65_536)))
    child.on('error', () => {}) // it has no process id then, which the next line says
    if (child.pid === undefined) throw new Error(`${command} could not be started`)
    return {
      pid: child.pid,
      stdout: () => stdout,
      running: () => running(child),
      stop: async () => await stop(child),
    }
  }

  /** Ends all of them. */
  async end(): Promise<void> {
    await Promise.all([...this.#children].map(stop))
  }

  #keep(child: ChildProcess): ChildProcess {
    this.#children.add(child)
    child.on('exit', () => this.#children.delete(child))
    return child
  }
}

function running(child: ChildProcess): boolean {
  return child.exitCode === null && child.signalCode === null
}

async function stop(child: ChildProcess): Promise<void> {
  if (!running(child)) return
  const gone = once(child, 'exit') // what it started may keep its output open for longer
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), stopMs)
  await gone
  clearTimeout(timer)
}

/** TCP ports of loopback that nobody listens on now. */
export async function freePorts(count: number): Promise<number[]> {
  const probes = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'))
  await Promise.all(probes.map(async (probe) => await once(probe, 'listening')))
  const ports = probes.map((probe) => (probe.address() as AddressInfo).port)
  await Promise.all(
    probes.map(async (probe) => {
      probe.close()
      await once(probe, 'close')
    }),
  )
  return ports
}

/** Asks `condition` every 20 ms until it gives something; rejects after `timeoutMs`, or when `signal` is aborted. */
export async function until<T>(
  condition: () => T | undefined | false | Promise<T | undefined | false>,
  options: { what: string; signal: AbortSignal; timeoutMs?: number },
): Promise<T> {
  const end = performance.now() + (options.timeoutMs ?? 60_000)
  for (;;) {
    const value = await condition()
    if (value !== undefined && value !== false) return value
    if (performance.now() > end) throw new Error(`waited in vain for ${options.what}`)
    await pause(20, undefined, { signal: options.signal })
  }
}
