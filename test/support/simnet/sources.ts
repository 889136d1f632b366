import { createHash, type Hash } from 'node:crypto'
import {
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { randomBytes } from '../files.ts'

/** What an image is made of, as the operator has it: a file or a directory. */
export interface Source {
  path: string
  kind: 'file' | 'tree'
  /** Bytes of its files. */
  size: number
  /** Tells these bytes from all others; see {@link printOf}. */
  print: string
}

/** A block that differs from a parent's, bytes; and one in so many does. */
const BLOCK_BYTES = 4096
const CHANGED_ONE_IN = 16

/** Writes the sources of images. Equal names give equal bytes, where the salt is equal. */
export class Sources {
  readonly #directory: string
  readonly #salt: string

  constructor(directory: string, salt: string) {
    this.#directory = directory
    this.#salt = salt
    mkdirSync(directory, { recursive: true })
  }

  file(name: string, bytes: number): Source {
    return this.#write(name, this.#bytes(bytes, name))
  }

  /** A file that differs from another here and there, and is a little longer. */
  related(name: string, parent: Source): Source {
    if (parent.kind === 'tree') return this.tree(name, Math.max(1, parent.size))
    const bytes = Buffer.concat([readFileSync(parent.path), this.#bytes(500, `${name} tail`)])
    const choice = this.#bytes(Math.ceil(bytes.length / BLOCK_BYTES), `${name} choice`)
    for (const [block, byte] of choice.entries()) {
      if (byte % CHANGED_ONE_IN !== 0) continue
      const at = block * BLOCK_BYTES
      this.#bytes(Math.min(BLOCK_BYTES, bytes.length - at), `${name} ${block}`).copy(bytes, at)
    }
    return this.#write(name, bytes)
  }

  /** A directory with a few files and a symlink. */
  tree(name: string, bytes: number): Source {
    const path = join(this.#directory, name)
    mkdirSync(join(path, 'bin', 'deep'), { recursive: true })
    const share = Math.ceil(bytes / 4)
    for (const file of ['a', 'bin/b', 'bin/deep/c', 'd'])
      writeFileSync(join(path, file), this.#bytes(share, `${name} ${file}`))
    writeFileSync(join(path, 'empty'), '')
    symlinkSync('bin/b', join(path, 'link'))
    return { path, kind: 'tree', size: share * 4, print: printOf(path) }
  }

  #bytes(length: number, what: string): Buffer {
    return randomBytes(length, `${this.#salt} ${what}`)
  }

  #write(name: string, bytes: Buffer): Source {
    const path = join(this.#directory, name)
    writeFileSync(path, bytes)
    return { path, kind: 'file', size: bytes.length, print: printOf(path) }
  }
}

/**
 * SHA-256 of a file, or of all names, kinds and bytes under a directory. Synchronous: what this process does to the directory meanwhile
 * cannot come in between.
 */
export function printOf(path: string): string {
  const hash = createHash('sha256')
  if (lstatSync(path).isDirectory()) addTree(hash, path, '')
  else hash.update(readFileSync(path))
  return hash.digest('hex')
}

function addTree(hash: Hash, root: string, at: string): void {
  const entries = readdirSync(join(root, at), { withFileTypes: true }).sort((a, b) =>
    a.name < b.name ? -1 : 1,
  )
  for (const entry of entries) {
    const path = join(at, entry.name)
    if (entry.isDirectory()) {
      hash.update(`directory ${path}\n`)
      addTree(hash, root, path)
    } else if (entry.isSymbolicLink()) hash.update(`link ${path} ${readlinkSync(join(root, path))}\n`)
    else hash.update(`file ${path}\n`).update(readFileSync(join(root, path)))
  }
}
