import { lstatSync, type BigIntStats } from 'node:fs'
import { lstat, readdir } from 'node:fs/promises'
import { IngotError, fileError } from '../core/errors.ts'
import { pathText } from '../image/tree-order.ts'
import { joinBytes } from './tree-path.ts'

/** Nodes of one directory that are looked at together. */
const AT_ONCE = 64

/** A node of a tree on disk. */
export interface Node {
  kind: 'directory' | 'file' | 'symlink'
  /** Relative to the root; empty for the root. */
  path: Buffer
  /** Where it lies. */
  place: Buffer
  stat: BigIntStats
}

export interface WalkOptions {
  /** It was walked just now, so that looking at its nodes does not wait for the disk: done on this thread, for a tenth of the cost. */
  again?: boolean
}

/**
 * The nodes of a tree in the order of its index: a directory, then what is in it by the bytes of the names. Symlinks are not
 * followed. Throws `usage` for what is no directory, file or symlink. Memory: the names of the open directories.
 */
export async function* walkTree(root: string, options: WalkOptions = {}): AsyncGenerator<Node> {
  const place = Buffer.from(root)
  yield* walk(nodeOf(Buffer.alloc(0), place, await look(place)), options)
}

async function* walk(node: Node, options: WalkOptions): AsyncGenerator<Node> {
  yield node
  if (node.kind !== 'directory') return
  const names = await readdir(node.place, { encoding: 'buffer' }).catch((error: unknown) => {
    throw fileError(error, `cannot read ${pathText(node.place)}`)
  })
  names.sort((a, b) => a.compare(b))
  for (let at = 0; at < names.length; at += AT_ONCE) {
    const some = names.slice(at, at + AT_ONCE)
    const nodes = await Promise.all(
      some.map(async (name) => {
        const place = joinBytes(node.place, name)
        return nodeOf(
          node.path.length === 0 ? name : joinBytes(node.path, name),
          place,
          options.again === true ? lookNow(place) : await look(place),
        )
      }),
    )
    for (const child of nodes) {
      if (child.kind === 'directory') yield* walk(child, options)
      else yield child
    }
  }
}

async function look(place: Buffer): Promise<BigIntStats> {
  try {
    return await lstat(place, { bigint: true })
  } catch (error) {
    throw fileError(error, `cannot read ${pathText(place)}`)
  }
}

function lookNow(place: Buffer): BigIntStats {
  try {
    return lstatSync(place, { bigint: true })
  } catch (error) {
    throw fileError(error, `cannot read ${pathText(place)}`)
  }
}

function nodeOf(path: Buffer, place: Buffer, stat: BigIntStats): Node {
  const kind = stat.isDirectory()
    ? 'directory'
    : stat.isFile()
      ? 'file'
      : stat.isSymbolicLink()
        ? 'symlink'
        : undefined
  if (kind !== undefined) return { kind, path, place, stat }
  const what = stat.isFIFO() ? 'a fifo' : stat.isSocket() ? 'a socket' : 'a device'
  throw new IngotError('usage', `${pathText(place)} is ${what}: no tree carries that`, {
    hint: 'remove it from the directory, or import a directory without it',
  })
}
