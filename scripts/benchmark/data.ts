import { createWriteStream } from 'node:fs'
import { access, mkdir, stat } from 'node:fs/promises'
import { randomFillSync } from 'node:crypto'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Bench } from './bench.ts'
import { makeDisks, type Disks } from './disks.ts'
import type { Processes } from './processes.ts'

/** Bytes of the files that are made here. */
const sizes = {
  full: { random: 2_000_000_000, disk: 4 * 2 ** 30, diskFiles: 900_000_000 },
  quick: { random: 100_000_000, disk: 2 ** 28, diskFiles: 24_000_000 },
}

/** The files that are copied: made when they are first asked for, or those of a directory of others, which are only read. */
export class Data {
  readonly #directory: string
  readonly #given: string | undefined
  readonly #processes: Processes
  readonly #sizes: (typeof sizes)['full']
  readonly #say: (text: string) => void
  #disks: Promise<Disks> | undefined

  constructor(
    directory: string,
    processes: Processes,
    options: { given: string | undefined; quick: boolean; say: (text: string) => void },
  ) {
    this.#directory = directory
    this.#processes = processes
    this.#given = options.given
    this.#sizes = options.quick ? sizes.quick : sizes.full
    this.#say = options.say
  }

  /** A file of random bytes, which neither compression nor deduplication makes smaller. */
  async random(bytes?: number): Promise<string> {
    const given = bytes === undefined ? await this.#find('rand.bin') : undefined
    if (given !== undefined) return given
    const size = bytes ?? this.#sizes.random
    await mkdir(this.#directory, { recursive: true })
    const path = join(this.#directory, `random-${size}`)
    if (!(await exists(path))) {
      this.#say(`making ${size} random bytes`)
      await writeRandom(path, size)
    }
    return path
  }

  /** A disk and the same after an upgrade in it. Rejects where neither was given and the tools to make them are missing. */
  async disks(): Promise<Disks> {
    const v1 = await this.#find('v1.raw')
    const v2 = await this.#find('v2.raw')
    if (v1 !== undefined && v2 !== undefined) return { v1, v2 }
    this.#disks ??= (async () => {
      this.#say('making a disk of files of this machine, and the same after an upgrade in it')
      await mkdir(this.#directory, { recursive: true })
      return await makeDisks(this.#directory, this.#processes, this.#sizes)
    })()
    return await this.#disks
  }

  async #find(name: string): Promise<string | undefined> {
    if (this.#given === undefined) return undefined
    const path = join(this.#given, name)
    if (!(await exists(path))) throw new Error(`${path} is not there`)
    return path
  }
}

/** Size of a file, and how much of it is data and no holes. */
export async function sizeOf(path: string): Promise<{ bytes: number; dataBytes: number }> {
  const { size, blocks } = await stat(path)
  return { bytes: size, dataBytes: Math.min(size, blocks * 512) }
}

/** Rejects unless two files have the same bytes. */
export async function compare(bench: Bench, one: string, other: string): Promise<void> {
  await bench.processes.run('cmp', [one, other])
}

/** Writes `bytes` random bytes. */
export async function writeRandom(path: string, bytes: number): Promise<void> {
  const file = createWriteStream(path)
  for (let left = bytes; left > 0;) {
    const part = randomFillSync(Buffer.allocUnsafe(Math.min(left, 2 ** 22)))
    if (!file.write(part)) await once(file, 'drain')
    left -= part.length
  }
  file.end()
  await once(file, 'close')
}

async function exists(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false, // it is not there
  )
}
