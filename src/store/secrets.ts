import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { IngotError, systemCode } from '../core/errors.ts'

/** Throws `usage` when the file of these numbers, found at `path`, is one that may not leave this server. */
export type RequireNoSecret = (found: { dev: bigint; ino: bigint }, path: string) => void

/**
 * The key and the memory of this server. Whoever may use the control socket names the files of which images are made, and those
 * go to peers: never these, under whatever name, link or mount they are found.
 */
export class Secrets {
  readonly #directories: readonly string[]

  constructor(directories: readonly string[]) {
    this.#directories = directories
  }

  /** A check against what lies there now. */
  async look(): Promise<RequireNoSecret> {
    const known = new Set<string>()
    for (const directory of this.#directories) {
      for (const name of await readdir(directory, { recursive: true })) {
        try {
          const { dev, ino } = await stat(join(directory, name), { bigint: true })
          known.add(`${dev}:${ino}`)
        } catch (error) {
          if (systemCode(error) !== 'ENOENT') throw error // files of the database come and go
        }
      }
    }
    return ({ dev, ino }, path) => {
      if (!known.has(`${dev}:${ino}`)) return
      throw new IngotError('usage', `cannot import ${path}: it belongs to the state of this server`, {
        hint: 'the key and the database are never made an image; docs/operations.md says how to back them up',
      })
    }
  }
}
