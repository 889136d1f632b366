import { hash } from 'node:crypto'
import { realpathSync } from 'node:fs'
import type { Limits } from '../core/limits.ts'
import type { DecodePage, FileEntry } from '../image/tree.ts'
import { DigestTable } from '../store/digest-table.ts'
import type { Layout } from '../store/layout.ts'
import { TreeIndex } from '../store/tree-index.ts'
import { joinBytes } from '../store/tree-path.ts'
import type { Seed } from './seeds.ts'

/** A tree whose index is here: what its files are called, and which of them have which content. */
interface IndexedTree {
  index: TreeIndex
  root: Buffer
  /** What its first file counts as among those of all. */
  firstFile: number
}

export interface TreeSeedsInit {
  layout: Layout
  limits: Limits
  decodePage: DecodePage
}

/**
 * The seeds of a tree on its way here: where a file of it may lie already. Equal content counts wherever it lies in a tree whose index is
 * here; in a directory that was brought by hand a file counts under its own path. What is found is a hint: its bytes are hashed.
 */
export class TreeSeeds {
  readonly #trees: readonly IndexedTree[]
  readonly #directories: readonly Directory[]
  readonly #contents: DigestTable
  readonly #paths: DigestTable

  private constructor(
    trees: readonly IndexedTree[],
    directories: readonly Directory[],
    tables: { contents: DigestTable; paths: DigestTable },
  ) {
    this.#trees = trees
    this.#directories = directories
    this.#contents = tables.contents
    this.#paths = tables.paths
  }

  /** Opens what can be opened; undefined when there is nothing. */
  static async open(seeds: readonly Seed[], init: TreeSeedsInit): Promise<TreeSeeds | undefined> {
    const trees: IndexedTree[] = []
    const directories: Directory[] = []
    let files = 0
    for (const seed of seeds) {
      if (seed.from === 'directory') directories.push(new Directory(seed.path))
      if (seed.from !== 'content') continue
      const { digest, inPlace } = seed.content
      const index = await TreeIndex.open(init.layout.content(digest), init).catch(() => undefined) // as good as absent
      if (index === undefined) continue
      trees.push({ index, root: Buffer.from(inPlace?.path ?? init.layout.file(digest)), firstFile: files })
      files += index.totals.files
    }
    if (trees.length === 0 && directories.length === 0) return undefined
    const tables = { contents: new DigestTable(files), paths: new DigestTable(files) }
    try {
      for (const tree of trees) await addFiles(tree, tables)
      return new TreeSeeds(trees, directories, tables)
    } catch (error) {
      for (const { index } of trees) await index.close()
      throw error
    }
  }

  /** Where a file may lie, likeliest first. */
  async places({ path, digest }: FileEntry): Promise<Buffer[]> {
    const numbers = [...this.#contents.find(digest, 0), ...this.#paths.find(keyOf(path), 0)]
    const places: Buffer[] = []
    for (const number of new Set(numbers)) {
      const tree = this.#trees.findLast(({ firstFile }) => firstFile <= number)
      if (tree === undefined) continue
      const { entry } = await tree.index.file(number - tree.firstFile)
      places.push(joinBytes(tree.root, entry.path))
    }
    for (const directory of this.#directories) {
      const place = directory.place(path)
      if (place !== undefined) places.push(place)
    }
    return places
  }

  async close(): Promise<void> {
    for (const { index } of this.#trees) await index.close()
  }
}

async function addFiles(
  { index, firstFile }: IndexedTree,
  { contents, paths }: { contents: DigestTable; paths: DigestTable },
): Promise<void> {
  for await (const { entry, number } of index.filesFrom(0)) {
    if (entry.size === 0) continue
    contents.add(entry.digest, 0, firstFile + number)
    paths.add(keyOf(entry.path), 0, firstFile + number)
  }
}

function keyOf(path: Uint8Array): Buffer {
  return hash('sha256', path, 'buffer')
}

/** A directory that was brought by hand. Nothing is read through a symlink in it. */
class Directory {
  readonly #root: Buffer
  /** The last parent directory that was asked for, and whether it is one of this directory. */
  #parent: { path: Buffer; inside: boolean } | undefined

  constructor(root: string) {
    this.#root = Buffer.from(root)
  }

  place(path: Uint8Array): Buffer | undefined {
    const place = joinBytes(this.#root, path)
    const parent = place.subarray(0, place.lastIndexOf(0x2f))
    if (this.#parent?.path.equals(parent) !== true)
      this.#parent = { path: parent, inside: this.#isInside(parent) }
    return this.#parent.inside ? place : undefined
  }

  #isInside(parent: Buffer): boolean {
    try {
      const below = parent.subarray(this.#root.length)
      const real = Buffer.concat([realpathSync.native(this.#root, 'buffer'), below])
      return realpathSync.native(parent, 'buffer').equals(real)
    } catch {
      return false
    }
  }
}
