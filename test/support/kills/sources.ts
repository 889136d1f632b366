import { hash } from 'node:crypto'
import { copyFile, open } from 'node:fs/promises'
import { cpSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { randomBytes, sha256OfFile, writeRandomFile, writeSparseFile } from '../files.ts'
import { describeTree, makeSmallFiles } from '../trees.ts'

/** What an image was made of, and how to know it again. */
export interface Source {
  kind: 'file' | 'tree'
  path: string
  /** Digest of the file, or of what describes the tree. */
  seen: string
}

const KiB = 1024

/** What lies at a path now, as {@link Source.seen}. */
export async function seenAt(kind: Source['kind'], path: string): Promise<string> {
  return kind === 'file' ? await sha256OfFile(path) : hash('sha256', JSON.stringify(describeTree(`${path}/`)))
}

/** Makes files and trees, each with a seed of its own. */
export class Sources {
  readonly #directory: string
  readonly #random: () => number
  #made = 0

  constructor(directory: string, random: () => number) {
    this.#directory = directory
    this.#random = random
  }

  #next(): { path: string; seed: string } {
    const number = ++this.#made
    return { path: join(this.#directory, `source-${number}`), seed: `${number} ${this.#random()}` }
  }

  /** A file of up to 3 MB; now and then it has holes. */
  async file(): Promise<Source> {
    const { path, seed } = this.#next()
    const size = Math.ceil(this.#random() ** 2 * 3000 * KiB)
    if (this.#random() < 0.3) {
      const length = Math.ceil(size / 3)
      await writeSparseFile(path, size * 2, [{ at: Math.floor(this.#random() * size), length, seed }])
    } else await writeRandomFile(path, size, seed)
    return { kind: 'file', path, seen: await seenAt('file', path) }
  }

  async tree(): Promise<Source> {
    const { path, seed } = this.#next()
    makeSmallFiles(path, 5 + Math.floor(this.#random() * 60), { 0: seed })
    writeFileSync(join(path, 'large'), randomBytes(Math.ceil(this.#random() * 500 * KiB), seed))
    return { kind: 'tree', path, seen: await seenAt('tree', path) }
  }

  /** The same with some changes. */
  async nextOf({ kind, path: before }: Source): Promise<Source> {
    const { path, seed } = this.#next()
    if (kind === 'tree') {
      cpSync(before, path, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true })
      const large = join(path, 'large')
      writeFileSync(large, randomBytes(statSync(large).size, seed))
      for (const name of readdirSync(path).slice(0, 2)) {
        if (statSync(join(path, name)).isDirectory()) writeFileSync(join(path, name, 'new'), seed)
      }
    } else {
      await copyFile(before, path)
      const file = await open(path, 'r+')
      try {
        const { size } = await file.stat()
        for (let change = 0; change < 4; change++) {
          const bytes = randomBytes(1 + Math.floor(this.#random() * 40 * KiB), `${seed} ${change}`)
          await file.write(bytes, 0, bytes.length, Math.floor(this.#random() * size))
        }
      } finally {
        await file.close()
      }
    }
    return { kind, path, seen: await seenAt(kind, path) }
  }
}
