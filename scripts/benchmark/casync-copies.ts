import { chmod, mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Bench, Contender } from './bench.ts'
import { compare } from './data.ts'
import { measure } from './measure.ts'
import { Commands, Services } from './usage.ts'

/** Casync over ssh; `indexSeconds` is what the origin took to cut the file into chunks, once, before the first run. */
export interface CasyncCopies extends Contender {
  indexSeconds: number
}

/** The receiver has `basis` and makes `source` of it and of chunks of the origin; undefined, with a note, without casync. */
export async function casyncCopies(
  bench: Bench,
  copy: { source: string; basis: string },
): Promise<CasyncCopies | undefined> {
  if (!bench.has('casync')) return undefined
  const ssh = await bench.ssh()
  if (ssh === undefined) return undefined
  const directory = join(bench.work, 'casync')
  const store = join(directory, 'default.castr')
  const index = join(directory, 'image.caibx')
  const target = join(directory, 'image')
  const shell = join(directory, 'ssh')
  await mkdir(directory)
  await writeFile(shell, `#!/bin/sh\nexec ${ssh.command()} "$@"\n`)
  await chmod(shell, 0o755)
  bench.say('casync cuts the file into chunks')
  const began = performance.now()
  await bench.processes.run('casync', ['make', `--store=${store}`, index, copy.source])
  const indexSeconds = (performance.now() - began) / 1000
  const client = new Commands()
  const ends = { origin: new Services(() => [ssh.pid]), receiver: client }
  const run = async () => {
    const taken = await measure(bench.work, ends, async () => {
      await bench.processes.run('casync', ['extract', `--seed=${copy.basis}`, `127.0.0.1:${index}`, target], {
        onStart: (pid) => client.add(pid),
        env: { CASYNC_SSH_PATH: shell },
      })
    })
    await compare(bench, copy.source, target)
    await rm(target)
    return taken
  }
  return { name: 'casync', run, indexSeconds }
}
