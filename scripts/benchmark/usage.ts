import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'

/** What processes use, as Linux tells in /proc. */

const ticksPerSecond = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }))

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined // the process has gone
  }
}

/** A process and all that descend from it, as far as they run. */
export function treeOf(pid: number): number[] {
  return [pid, ...childrenOf(pid).flatMap(treeOf)]
}

/** Any thread may have made them, and each has a list of its own. */
function childrenOf(pid: number): number[] {
  let threads: string[]
  try {
    threads = readdirSync(`/proc/${pid}/task`)
  } catch {
    return [] // the process has gone
  }
  return threads
    .flatMap((thread) => (read(`/proc/${pid}/task/${thread}/children`) ?? '').split(' '))
    .filter((text) => text !== '')
    .map(Number)
}

/** Processor seconds of a process and of its children that have ended; 0 when it has gone. */
function secondsOf(pid: number, kind: 'all' | 'ended children' = 'all'): number {
  const text = read(`/proc/${pid}/stat`)
  if (text === undefined) return 0
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  // utime, stime, cutime, cstime: fields 14 to 17 of proc(5)
  const ticks = fields.slice(kind === 'all' ? 11 : 13, 15)
  return ticks.reduce((sum, field) => sum + Number(field), 0) / ticksPerSecond
}

/** Peak of the resident memory of a process in bytes, since the last {@link resetPeak}. */
function peakOf(pid: number): number {
  const [, kib = '0'] = /^VmHWM:\s+(\d+) kB/m.exec(read(`/proc/${pid}/status`) ?? '') ?? []
  return Number(kib) * 1024
}

/** The peak of a process is what it has now. */
function resetPeak(pid: number): void {
  try {
    writeFileSync(`/proc/${pid}/clear_refs`, '5')
  } catch {
    // of another user, or gone: its peak is then that of its whole life
  }
}

/** One end of a transfer: the processes at the origin, or those at the receiver. */
export interface End {
  /** Processor seconds so far. */
  seconds(): number
  /** Called often while the work runs: processes that live shortly are seen. */
  sample(): void
  /** Bytes: sum of the peaks of its processes since `begin`. */
  peak(): number
  begin(): void
}

/** An end of services that run before and after the work, with what they start. */
export class Services implements End {
  readonly #pids: () => readonly number[]
  readonly #peaks = new Map<number, number>()
  /** Most seconds that were seen: those of a child for which nobody waited are lost with it (an sshd without root does that). */
  #seconds = 0

  constructor(pids: () => readonly number[]) {
    this.#pids = pids
  }

  begin(): void {
    this.#peaks.clear()
    this.#seconds = 0
    for (const pid of this.#tree()) resetPeak(pid)
  }

  seconds(): number {
    const now = this.#tree().reduce((sum, pid) => sum + secondsOf(pid), 0)
    return (this.#seconds = Math.max(this.#seconds, now))
  }

  sample(): void {
    for (const pid of this.#tree()) this.#peaks.set(pid, Math.max(peakOf(pid), this.#peaks.get(pid) ?? 0))
    this.seconds()
  }

  #tree(): number[] {
    return this.#pids().flatMap(treeOf)
  }

  peak(): number {
    return [...this.#peaks.values()].reduce((sum, bytes) => sum + bytes, 0)
  }
}

/** An end of commands that this process runs, and that end within the work. */
export class Commands implements End {
  readonly #trees = new Services(() => [...this.#roots])
  readonly #roots = new Set<number>()

  /** A command has been started. */
  add(pid: number): void {
    this.#roots.add(pid)
  }

  begin(): void {
    this.#roots.clear()
    this.#trees.begin()
  }

  seconds(): number {
    return secondsOf(process.pid, 'ended children')
  }

  sample(): void {
    this.#trees.sample()
  }

  peak(): number {
    return this.#trees.peak()
  }
}

/** Bytes that passed the loopback interface of this network namespace, headers included. */
export function loopbackBytes(): number {
  const [, counters = ''] = /^\s*lo:(.*)$/m.exec(readFileSync('/proc/self/net/dev', 'utf8')) ?? []
  return Number(counters.trim().split(/\s+/)[8])
}

/** Processor seconds that all processes of this machine have used. */
export function machineSeconds(): number {
  const [, fields = ''] = /^cpu +(.*)$/m.exec(readFileSync('/proc/stat', 'utf8')) ?? []
  // user, nice, system, idle, iowait, irq, softirq: proc_stat(5)
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0] = fields.split(' ').map(Number)
  return (user + nice + system + irq + softirq) / ticksPerSecond
}
