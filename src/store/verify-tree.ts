import { constants, readlinkSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { IngotError, systemCode } from '../core/errors.ts'
import { DIGEST_BYTES, type Digest } from '../image/digest.ts'
import { LEAF_BYTES, SEGMENT_LEAVES, leafDigest, leafLength, runLength } from '../image/leaves.ts'
import { LeafList, isPrivilegedXattr, soleLeafDigest, type FileEntry, type TreeEntry } from '../image/tree.ts'
import { pathText } from '../image/tree-order.ts'
import { appliedMode } from './assemble.ts'
import { readExactly } from './durable.ts'
import { getXattr, hasLibc, setTime } from './libc.ts'
import { checkTree, type TreeNeeds } from './tree-check.ts'
import { TreeIndex, type PlacedFile, type TreeIndexOptions } from './tree-index.ts'
import { walkTree, type Node } from './tree-walk.ts'

export interface VerifyTreeOptions extends TreeIndexOptions {
  digest: Digest
  /** Whether set-id bits, privileged attributes and owners were applied. */
  trust: boolean
  /** Where the tree lies when it was registered and not copied: then nothing in it is set right. */
  inPlace?: string | undefined
  signal: AbortSignal
}

/**
 * Checks that the tree `image` and the index in a content directory are whole and belong to `digest`: every node with its kind,
 * mode, target, attributes and links, every leaf, and nothing else. Modification times that differ are set right. Throws
 * `wrong-content` when not. Resolves to what the index counts.
 */
export async function verifyTree(directory: string, options: VerifyTreeOptions): Promise<TreeNeeds> {
  const index = await TreeIndex.open(directory, options)
  try {
    if (index.table.root() !== options.digest)
      throw new IngotError('wrong-content', `${directory}: the index has another root`)
    const needs = await checkTree(index, { ...options, foldsCase: false })
    await new TreeVerification(index, options).run(options.inPlace ?? join(directory, 'image'))
    return needs
  } finally {
    await index.close()
  }
}

class TreeVerification {
  readonly #index: TreeIndex
  readonly #options: VerifyTreeOptions
  /** Inodes of files with more than one name, by number of the file, and how many of their names came. */
  readonly #linked = new Map<number, { inode: bigint; names: bigint; found: bigint }>()

  constructor(index: TreeIndex, options: VerifyTreeOptions) {
    this.#index = index
    this.#options = options
  }

  async run(image: string): Promise<void> {
    const nodes = walkTree(image)
    let number = 0
    for (let page = 0; page < this.#index.table.pages; page++) {
      const files = (await this.#index.files(page)).values()
      for (const entry of await this.#index.entries(page)) {
        this.#options.signal.throwIfAborted()
        const { value: node } = await nodes.next()
        if (node === undefined || !node.path.equals(entry.path))
          throw damaged(
            entry.path,
            node === undefined ? 'it is missing' : `${pathText(node.path)} is there instead`,
          )
        if (entry.kind === 'file') {
          this.#checkName(entry, node, number++)
          this.#checkNode(entry, node)
          await this.#checkLeaves(files.next().value as PlacedFile, node)
        } else if (entry.kind === 'hardlink') this.#checkName(entry, node, entry.file)
        else this.#checkNode(entry, node)
      }
    }
    const { value: extra } = await nodes.next()
    if (extra !== undefined) throw damaged(extra.path, 'it does not belong to the tree')
    for (const [file, { names, found }] of this.#linked) {
      if (names !== found)
        throw damaged((await this.#index.file(file)).entry.path, 'it has another number of links')
    }
  }

  /** A file has exactly the names that the tree gives it. */
  #checkName(entry: TreeEntry, { kind, stat }: Node, file: number): void {
    if (kind !== 'file') throw damaged(entry.path, `it is a ${kind}`)
    if (entry.kind === 'file') {
      if (stat.nlink > 1n) this.#linked.set(file, { inode: stat.ino, names: stat.nlink, found: 1n })
      return
    }
    const linked = this.#linked.get(file)
    if (linked?.inode !== stat.ino) throw damaged(entry.path, 'it is not the hard link that it was')
    linked.found++
  }

  #checkNode(entry: Exclude<TreeEntry, { kind: 'hardlink' }>, { kind, place, stat }: Node): void {
    if (kind !== entry.kind) throw damaged(entry.path, `it is a ${kind}`)
    const { trust, inPlace } = this.#options
    const { mode, mtimeNs, owner, xattrs } = entry.attributes
    if (entry.kind === 'symlink') {
      if (!readlinkSync(place, 'buffer').equals(entry.target))
        throw damaged(entry.path, 'it has another target')
    } else if ((Number(stat.mode) & 0o7777) !== appliedMode(mode, trust))
      throw damaged(entry.path, 'it has another mode')
    if (trust && owner !== undefined && (Number(stat.uid) !== owner.uid || Number(stat.gid) !== owner.gid))
      throw damaged(entry.path, 'it has another owner')
    for (const xattr of xattrs) {
      if (!hasLibc || (!trust && isPrivilegedXattr(xattr))) continue
      if (!readXattr(place, xattr.name)?.equals(xattr.value))
        throw damaged(entry.path, `its attribute ${pathText(xattr.name)} differs`)
    }
    if (hasLibc && inPlace === undefined && stat.mtimeNs !== mtimeNs) restoreTime(place, mtimeNs)
  }

  async #checkLeaves(file: PlacedFile, { place, stat }: Node): Promise<void> {
    const { entry } = file
    if (stat.size !== BigInt(entry.size)) throw damaged(entry.path, 'it has another size')
    if (entry.size === 0) return
    const handle = await open(place, constants.O_RDONLY | constants.O_NOFOLLOW)
    try {
      if (file.leaves < 2) {
        const bytes = Buffer.allocUnsafe(entry.size)
        await readExactly(handle, bytes, 0)
        if (!soleLeafDigest(bytes).equals(entry.digest)) throw damaged(entry.path, 'its content differs')
        return
      }
      const list = new LeafList()
      for (let first = 0; first < file.leaves; first += SEGMENT_LEAVES) {
        this.#options.signal.throwIfAborted()
        const count = Math.min(SEGMENT_LEAVES, file.leaves - first)
        const bytes = Buffer.allocUnsafe(runLength(entry.size, first, count))
        await readExactly(handle, bytes, first * LEAF_BYTES)
        const expected = await this.#index.readLeafDigests(file.firstListed + first, count)
        addLeaves(list, entry, { first, bytes, expected })
      }
      if (!list.digest().equals(entry.digest)) throw damaged(entry.path, 'its leaf list differs')
    } finally {
      await handle.close()
    }
  }
}

/** Adds leaves that are those of the index to the list. */
function addLeaves(
  list: LeafList,
  entry: FileEntry,
  { first, bytes, expected }: { first: number; bytes: Buffer; expected: Buffer },
): void {
  for (let i = 0; i * DIGEST_BYTES < expected.length; i++) {
    const length = leafLength(entry.size, first + i)
    const digest = leafDigest(bytes.subarray(i * LEAF_BYTES, i * LEAF_BYTES + length))
    if (!digest.equals(expected.subarray(i * DIGEST_BYTES, (i + 1) * DIGEST_BYTES)))
      throw damaged(entry.path, `its leaf ${first + i} differs`)
    list.add(digest, length)
  }
}

function readXattr(place: Buffer, name: Buffer): Buffer | undefined {
  try {
    return getXattr(place, name)
  } catch (error) {
    if (systemCode(error) === 'ENODATA') return undefined
    throw error
  }
}

/** A time is not content: a file system that cannot take it (read-only, say) does not make the tree damaged. */
function restoreTime(place: Buffer, timeNs: bigint): void {
  try {
    setTime(place, timeNs)
  } catch (error) {
    if (systemCode(error) === undefined) throw error
  }
}

function damaged(path: Uint8Array, what: string): IngotError {
  return new IngotError('wrong-content', `the tree is damaged at ${pathText(path)}: ${what}`)
}
