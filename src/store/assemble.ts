import {
  chmodSync,
  closeSync,
  constants,
  lchownSync,
  linkSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  openSync,
  symlinkSync,
  unlinkSync,
} from 'node:fs'
import { setImmediate } from 'node:timers/promises'
import { IngotError, describeError, systemCode } from '../core/errors.ts'
import {
  SET_ID_BITS,
  isPrivilegedXattr,
  privilegedCount,
  type Attributes,
  type TreeEntry,
} from '../image/tree.ts'
import { pathText } from '../image/tree-order.ts'
import { hasLibc, setTime, setXattr } from './libc.ts'
import type { TreeIndex } from './tree-index.ts'
import { joinBytes } from './tree-path.ts'

// The calls here are synchronous: names and attributes of nodes that were just made lie in memory, and one such call through the
// thread pool takes ten times as long as the call. After every few of them others have their turn.

/** Nodes after which others have their turn: about a millisecond. */
const AT_ONCE = 128

const millis = (timeNs: bigint) => Number(timeNs / 1000n) / 1e6

/** A tree in the making: where its nodes lie. */
export interface TreePlace {
  index: TreeIndex
  /** Its root directory. */
  root: string
  signal: AbortSignal
}

/** Makes the directories of a tree, closed to others, and its empty files. What is there from before stays. */
export async function makeDirectories(place: TreePlace): Promise<void> {
  await eachEntry(place, (entry, path) => {
    if (entry.kind === 'directory') makeDirectory(path)
    if (entry.kind === 'file' && entry.size === 0)
      closeSync(openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_NOFOLLOW, 0o600))
  })
}

function makeDirectory(path: Buffer): void {
  try {
    mkdirSync(path, 0o700)
  } catch (error) {
    if (systemCode(error) !== 'EEXIST' || !lstatSync(path).isDirectory()) throw error
    chmodSync(path, 0o700) // assembled once already: it may be closed to its owner
  }
}

/**
 * Makes a tree of a root with whole files: symlinks, hard links, then attributes of files and symlinks, then those of directories
 * from the deepest on. Can be done again after it was interrupted. Set-id bits, privileged attributes and owners are applied
 * only with `trust`; resolves to how many were left out. Throws `wrong-content` when a file is missing.
 */
export async function assembleTree(place: TreePlace, options: { trust: boolean }): Promise<number> {
  let dropped = 0
  await makeLinks(place)
  await eachEntry(place, (entry, path) => {
    if (entry.kind === 'hardlink') return
    if (!options.trust) dropped += privilegedCount(entry.attributes)
    if (entry.kind === 'directory') return
    requireThere(entry, path)
    applyAttributes(entry, path, options)
  })
  const last = (entry: TreeEntry, path: Buffer) => {
    if (entry.kind === 'directory') applyAttributes(entry, path, options)
  }
  await eachEntry(place, last, { reverse: true })
  return dropped
}

/** Applies what was left out of a tree that lies whole in its place. */
export async function applyPrivileged(place: TreePlace): Promise<void> {
  await eachEntry(place, (entry, path) => {
    if (entry.kind === 'hardlink' || privilegedCount(entry.attributes) === 0) return
    applyAttributes(entry, path, { trust: true })
  })
}

async function makeLinks(place: TreePlace): Promise<void> {
  const { index, root } = place
  const hardlink = async (path: Buffer, number: number) => {
    const file = await index.file(number)
    replacing(path, () => linkSync(joinBytes(Buffer.from(root), file.entry.path), path))
  }
  await eachEntry(place, (entry, path) => {
    if (entry.kind === 'symlink') replacing(path, () => symlinkSync(entry.target, path))
    return entry.kind === 'hardlink' ? hardlink(path, entry.file) : undefined
  })
}

/** Makes a link, in place of the one that an interrupted assembly made. */
function replacing(path: Buffer, make: () => void): void {
  try {
    make()
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw error
    unlinkSync(path)
    make()
  }
}

function requireThere(entry: TreeEntry, path: Buffer): void {
  if (entry.kind !== 'file') return
  const found = lstatSync(path, { throwIfNoEntry: false })
  if (found?.isFile() === true && found.size === entry.size) return
  throw new IngotError('wrong-content', `${pathText(entry.path)} is not whole in the staged tree`)
}

function applyAttributes(
  entry: Exclude<TreeEntry, { kind: 'hardlink' }>,
  path: Buffer,
  { trust }: { trust: boolean },
): void {
  const { mode, mtimeNs, owner, xattrs } = entry.attributes
  try {
    // A new owner takes set-id bits and capabilities away: owner first, then the rest.
    if (trust && owner !== undefined) lchownSync(path, owner.uid, owner.gid)
    for (const xattr of xattrs) {
      if (trust || !isPrivilegedXattr(xattr)) setXattr(path, xattr.name, xattr.value)
    }
    if (entry.kind !== 'symlink') chmodSync(path, appliedMode(mode, trust))
    if (hasLibc) setTime(path, mtimeNs)
    else lutimesSync(path, millis(mtimeNs), millis(mtimeNs))
  } catch (error) {
    throw new IngotError(
      'failed',
      `cannot give ${pathText(entry.path)} its attributes: ${describeError(error)}`,
      {
        cause: error,
        hint: trust
          ? 'owners, set-id bits and privileged attributes need a daemon that runs as root'
          : 'the file system of the images has to take extended attributes of users',
      },
    )
  }
}

/** The mode that a node has on this disk. */
export function appliedMode(mode: Attributes['mode'], trust: boolean): number {
  return trust ? mode : mode & ~SET_ID_BITS
}

/** Calls `visit` for each entry with its place on disk. */
async function eachEntry(
  { index, root, signal }: TreePlace,
  visit: (entry: TreeEntry, path: Buffer) => Promise<void> | void,
  options: { reverse?: boolean } = {},
): Promise<void> {
  const base = Buffer.from(root)
  let count = 0
  for await (const page of index.pages(options)) {
    for (const entry of options.reverse === true ? page.toReversed() : page) {
      const waits = visit(entry, joinBytes(base, entry.path))
      if (waits !== undefined) await waits
      if (++count % AT_ONCE !== 0) continue
      signal.throwIfAborted()
      await setImmediate()
    }
  }
}
