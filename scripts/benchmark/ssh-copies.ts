import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Bench, Contender } from './bench.ts'
import { compare } from './data.ts'
import { measure } from './measure.ts'
import type { Ssh } from './ssh.ts'
import { Commands, Services } from './usage.ts'

/** What is copied, and what the receiver has of it before each run. */
export interface Copy {
  source: string
  /** The receiver begins with a copy of this file; with nothing by default. */
  basis?: string
  /** Port that leads to the sshd; its own by default. */
  port?: number
}

/** A command of the origin that copies to the path `target` of the receiver. */
type Command = (ssh: Ssh, copy: Copy, target: string) => readonly [string, ...string[]]

const scp: Command = (ssh, { source, port = ssh.port }, target) => {
  const options = ['-q', ...ssh.options, '-P', String(port)]
  return ['scp', ...options, source, `127.0.0.1:${target}`]
}

const rsync =
  (...options: string[]): Command =>
  (ssh, { source, port }, target) => [
    'rsync',
    '-t',
    ...options,
    '-e',
    ssh.command(port),
    source,
    `127.0.0.1:${target}`,
  ]

const commands = {
  scp,
  rsync: rsync(),
  'rsync -S': rsync('-S'),
  'rsync -S -z --zc=zstd': rsync('-S', '-z', '--zc=zstd'),
} as const

/** A tool that goes over ssh; undefined, with a note, where it is not there. */
export async function sshCopies(
  bench: Bench,
  name: keyof typeof commands,
  copy: Copy,
): Promise<Contender | undefined> {
  if (!bench.has(name === 'scp' ? 'scp' : 'rsync')) return undefined
  const ssh = await bench.ssh()
  if (ssh === undefined) return undefined
  const directory = join(bench.work, 'ssh-receiver')
  const target = join(directory, 'image')
  const client = new Commands()
  const ends = { origin: client, receiver: new Services(() => [ssh.pid]) }
  const [command, ...args] = commands[name](ssh, copy, target)
  const run = async () => {
    await mkdir(directory)
    try {
      if (copy.basis !== undefined) {
        await bench.processes.run('cp', ['--sparse=always', '--reflink=never', copy.basis, target])
      }
      const taken = await measure(bench.work, ends, async () => {
        await bench.processes.run(command, args, { onStart: (pid) => client.add(pid) })
      })
      await compare(bench, copy.source, target)
      return taken
    } finally {
      await rm(directory, { recursive: true })
    }
  }
  return { name, run }
}
