import { constants, readlinkSync, type BigIntStats } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { IngotError, isIngotError, systemCode } from '../core/errors.ts'
import { digestAt, type Digest } from '../image/digest.ts'
import { LEAF_BYTES, SEGMENT_LEAVES, leafLength, runLength } from '../image/leaves.ts'
import { LeafList, isPrivilegedXattr, type TreeEntry } from '../image/tree.ts'
import { comparePaths, pathText } from '../image/tree-order.ts'
import { appliedMode } from './assemble.ts'
import { checkLeavesHere, dataFileOf, type CheckLeaves } from './check-leaves.ts'
import { LEAST_BYTES, openDirect } from './direct.ts'
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

/** Told of all that is wrong with a tree, in order; what it throws ends the check. */
export interface TreeFindings {
  /** A node that is missing, extra, or not as its entry says. */
  onNode: (path: Uint8Array, what: string) => void
  /** A leaf, counted from the beginning of its file. */
  onLeaf: (file: PlacedFile, leaf: number) => void
  /** The index itself. */
  onIndex: (what: string) => void
}

/** How the leaves of a tree are read. */
export interface TreeReading {
  /** Checks some leaves; on this thread where it is left out. */
  check?: CheckLeaves
  /** So many bytes were read; the next ones wait for it. */
  onRead?: (bytes: number) => Promise<void>
  /** A file is read next; `stat` is from before that. */
  onFile?: (file: PlacedFile, stat: BigIntStats) => Promise<void>
}

/**
 * Checks that the tree `image` and the index in a content directory are whole and belong to `digest`: every node with its kind,
 * mode, target, attributes and links, every leaf, and nothing else. Modification times that differ are set right. Throws
 * `wrong-content` when not. Resolves to what the index counts.
 */
export async function verifyTree(directory: string, options: VerifyTreeOptions): Promise<TreeNeeds> {
  const damaged = (path: Uint8Array, what: string) => {
    throw new IngotError('wrong-content', `the tree is damaged at ${pathText(path)}: ${what}`)
  }
  const findings: TreeFindings = {
    onNode: damaged,
    onLeaf: ({ entry }, leaf) => damaged(entry.path, `its leaf ${leaf} differs`),
    onIndex: (what) => {
      throw new IngotError('wrong-content', `${directory}: ${what}`)
    },
  }
  const index = await TreeIndex.open(directory, options)
  try {
    return await verifyNodes(index, { ...options, directory }, findings)
  } finally {
    await index.close()
  }
}

/** Like {@link verifyTree}, and goes on after what is wrong: `findings` hears of all of it. */
export async function inspectTree(
  directory: string,
  options: VerifyTreeOptions & TreeReading,
  findings: TreeFindings,
): Promise<void> {
  let index: TreeIndex
  try {
    index = await TreeIndex.open(directory, options)
  } catch (error) {
    if (systemCode(error) !== 'ENOENT' && !isIngotError(error, 'wrong-content')) throw error
    findings.onIndex('the index is missing, or is none')
    return
  }
  try {
    await verifyNodes(index, { ...options, directory }, findings)
  } catch (error) {
    // What the check of the pages throws: nothing below them can be relied on.
    if (!isIngotError(error, 'wrong-content', 'invalid', 'too-large')) throw error
    findings.onIndex(error.message)
  } finally {
    await index.close()
  }
}

async function verifyNodes(
  index: TreeIndex,
  options: VerifyTreeOptions & TreeReading & { directory: string },
  findings: TreeFindings,
): Promise<TreeNeeds> {
  if (index.table.root() !== options.digest)
    throw new IngotError('wrong-content', `${options.directory}: the index has another root`)
  const needs = await checkTree(index, { ...options, foldsCase: false })
  const image = options.inPlace ?? join(options.directory, 'image')
  await new TreeVerification(index, options, findings).run(image)
  return needs
}

class TreeVerification {
  readonly #index: TreeIndex
  readonly #options: VerifyTreeOptions & TreeReading
  readonly #findings: TreeFindings
  /** Inodes of files with more than one name, by number of the file, and how many of their names came. */
  readonly #linked = new Map<number, { inode: bigint; names: bigint; found: bigint }>()

  constructor(index: TreeIndex, options: VerifyTreeOptions & TreeReading, findings: TreeFindings) {
    this.#index = index
    this.#options = options
    this.#findings = findings
  }

  async run(image: string): Promise<void> {
    const { onNode } = this.#findings
    const nodes = walkTree(image)
    let node = await this.#next(nodes)
    for (let page = 0; page < this.#index.table.pages; page++) {
      const files = (await this.#index.files(page)).values()
      for (const entry of await this.#index.entries(page)) {
        this.#options.signal.throwIfAborted()
        const file = entry.kind === 'file' ? (files.next().value as PlacedFile) : undefined
        while (node !== undefined && comparePaths(node.path, entry.path) < 0) {
          onNode(node.path, 'it does not belong to the tree')
          node = await this.#next(nodes)
        }
        if (node?.path.equals(entry.path) === true) {
          await this.#checkEntry(entry, node, file)
          node = await this.#next(nodes)
        } else onNode(entry.path, 'it is missing')
      }
    }
    for (; node !== undefined; node = await this.#next(nodes))
      onNode(node.path, 'it does not belong to the tree')
    for (const [file, { names, found }] of this.#linked) {
      if (names !== found) onNode((await this.#index.file(file)).entry.path, 'it has another number of links')
    }
  }

  /** The next node; none where the walk meets what no tree has, or what cannot be read. */
  async #next(nodes: AsyncGenerator<Node>): Promise<Node | undefined> {
    try {
      const { value } = await nodes.next()
      return value as Node | undefined
    } catch (error) {
      if (!isIngotError(error)) throw error
      this.#findings.onNode(Buffer.alloc(0), error.message)
      return undefined
    }
  }

  async #checkEntry(entry: TreeEntry, node: Node, file: PlacedFile | undefined): Promise<void> {
    if (entry.kind === 'hardlink') {
      this.#checkName(entry, node, entry.file)
      return
    }
    if (node.kind !== entry.kind) {
      this.#findings.onNode(entry.path, `it is a ${node.kind}`)
      return
    }
    if (file !== undefined) this.#checkName(entry, node, file.number)
    this.#checkNode(entry, node)
    if (file !== undefined) await this.#checkLeaves(file, node)
  }

  /** A file has exactly the names that the tree gives it. */
  #checkName(entry: TreeEntry, { kind, stat }: Node, file: number): void {
    if (kind !== 'file') {
      this.#findings.onNode(entry.path, `it is a ${kind}`)
      return
    }
    if (entry.kind === 'file') {
      if (stat.nlink > 1n) this.#linked.set(file, { inode: stat.ino, names: stat.nlink, found: 1n })
      return
    }
    const linked = this.#linked.get(file)
    if (linked?.inode === stat.ino) linked.found++
    else this.#findings.onNode(entry.path, 'it is not the hard link that it was')
  }

  #checkNode(entry: Exclude<TreeEntry, { kind: 'hardlink' }>, { place, stat }: Node): void {
    const damaged = (what: string) => this.#findings.onNode(entry.path, what)
    const { trust, inPlace } = this.#options
    const { mode, mtimeNs, owner, xattrs } = entry.attributes
    if (entry.kind === 'symlink') {
      if (!readlinkSync(place, 'buffer').equals(entry.target)) damaged('it has another target')
    } else if ((Number(stat.mode) & 0o7777) !== appliedMode(mode, trust)) damaged('it has another mode')
    if (trust && owner !== undefined && (Number(stat.uid) !== owner.uid || Number(stat.gid) !== owner.gid))
      damaged('it has another owner')
    for (const xattr of xattrs) {
      if (!hasLibc || (!trust && isPrivilegedXattr(xattr))) continue
      if (!readXattr(place, xattr.name)?.equals(xattr.value))
        damaged(`its attribute ${pathText(xattr.name)} differs`)
    }
    if (hasLibc && inPlace === undefined && stat.mtimeNs !== mtimeNs) restoreTime(place, mtimeNs)
  }

  async #checkLeaves(file: PlacedFile, { place, stat }: Node): Promise<void> {
    const { onNode, onLeaf, onIndex } = this.#findings
    const { entry } = file
    await this.#options.onFile?.(file, stat)
    if (stat.size !== BigInt(entry.size)) {
      onNode(entry.path, 'it has another size')
      return
    }
    if (entry.size === 0) return
    const cached = await open(place, constants.O_RDONLY | constants.O_NOFOLLOW)
    const direct = entry.size < LEAST_BYTES ? undefined : await openDirect(place, constants.O_RDONLY)
    try {
      const list = new LeafList()
      for (let first = 0; first < file.leaves; first += SEGMENT_LEAVES) {
        this.#options.signal.throwIfAborted()
        const count = Math.min(SEGMENT_LEAVES, file.leaves - first)
        const length = runLength(entry.size, first, count)
        const sole = file.leaves < 2
        const digests = sole
          ? entry.digest
          : await this.#index.readLeafDigests(file.firstListed + first, count)
        const listed = sole ? 0 : count
        for (let i = 0; i < listed; i++) list.add(digestAt(digests, i), leafLength(entry.size, first + i))
        const leaves = {
          file: dataFileOf(cached, direct),
          position: first * LEAF_BYTES,
          length,
          digests,
          sole,
        }
        const check = this.#options.check ?? checkLeavesHere
        for (const [i, wrong] of (await check(leaves)).entries()) if (wrong === 1) onLeaf(file, first + i)
        await this.#options.onRead?.(length)
      }
      if (file.leaves > 1 && !list.digest().equals(entry.digest))
        onIndex(`the leaf list of ${pathText(entry.path)} differs`)
    } finally {
      await cached.close()
      await direct?.close()
    }
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
