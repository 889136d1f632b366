import { randomUUID } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { mkdir, readlink, realpath, stat } from 'node:fs/promises'
import { isAbsolute, join, relative } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { IngotError, fileError, systemCode } from '../core/errors.ts'
import type { Limits } from '../core/limits.ts'
import type { Digest } from '../image/digest.ts'
import { LEAF_BYTES } from '../image/leaves.ts'
import { listedLeaves, type Attributes, type TreeEntry } from '../image/tree.ts'
import { pathText } from '../image/tree-order.ts'
import { assembleTree } from '../store/assemble.ts'
import { identityOf } from '../store/file-identity.ts'
import { removeTree } from '../store/remove-tree.ts'
import { SMALL_FILES_AT_ONCE } from '../store/small-file.ts'
import type { RequireNoSecret } from '../store/secrets.ts'
import type { Reservation } from '../store/space.ts'
import { TreeSync } from '../store/sync-tree.ts'
import { TreeIdentities } from '../store/tree-identity.ts'
import { TreeIndexWriter } from '../store/tree-index-writer.ts'
import { joinBytes } from '../store/tree-path.ts'
import { walkTree, type Node } from '../store/tree-walk.ts'
import { readXattrs } from '../store/xattr.ts'
import { encodeTreeEntry, treePageDecoder } from '../wire/tree.ts'
import type { ImportComponents, ImportOptions, ImportedContent } from './import-file.ts'
import { Slots } from './slots.ts'
import { TreeFileReader } from './tree-file.ts'

export interface TreeImportOptions extends ImportOptions {
  /** Record user and group of each node. */
  owner: boolean
  /** True when a tree of that content is here with its privileged attributes: its new copy gets them too. */
  isTrusted: (digest: Digest) => boolean
}

/** Entries that wait for the files before them. */
const WINDOW = 256

/**
 * Reads a directory tree once: every file is hashed and copied, several at a time, entries are put down in order. The copy is then
 * assembled like one that was fetched. Symlinks are not followed. Nothing is left in staging when it throws.
 */
export async function importTree(
  components: ImportComponents,
  options: TreeImportOptions,
): Promise<ImportedContent> {
  const { layout, space, limits } = components
  if (!isAbsolute(options.path)) throw new IngotError('usage', `the path ${options.path} is not absolute`)
  const staging = layout.staging(`import-${randomUUID()}`)
  let reserved: Reservation | undefined
  let sync: TreeSync | undefined
  try {
    const path = await realpath(options.path)
    if (!relative(path, layout.images).startsWith('..'))
      throw new IngotError('usage', `cannot import ${path}: the images of this server lie in it`, {
        hint: 'name a directory that does not hold them, or put the images elsewhere with --images DIR',
      })
    const needs = await measure(path, limits, options.signal)
    if (!options.inPlace) reserved = await space.reserve(needs.allocated, needs.inodes)
    await mkdir(staging, { mode: 0o700 })
    sync = await TreeSync.open(staging)
    const init = { ...options, path, staging, sync, total: needs.bytes }
    return await new TreeImport(components, init).run((done) => reserved?.shrinkTo(needs.allocated - done))
  } catch (error) {
    await removeTree(staging)
    throw systemCode(error) === undefined ? error : fileError(error, `cannot import ${options.path}`)
  } finally {
    reserved?.release()
    await sync?.close()
  }
}

interface TreeImportInit extends TreeImportOptions {
  staging: string
  sync: TreeSync
  /** Bytes of all files. */
  total: number
}

/** What is to be read: known before the first byte is, so that what no tree carries is refused at once. */
async function measure(
  path: string,
  limits: Limits,
  signal: AbortSignal,
): Promise<{ bytes: number; allocated: number; inodes: number }> {
  const needs = { bytes: 0, allocated: 0, inodes: 0 }
  for await (const { kind, stat: found } of walkTree(path)) {
    signal.throwIfAborted()
    if (++needs.inodes > limits.treeEntries)
      throw new IngotError('too-large', `cannot import ${path}: more than ${limits.treeEntries} entries`, {
        hint: 'import parts of it as images of their own',
      })
    needs.allocated += Number(found.blocks) * 512
    if (kind === 'file') needs.bytes += Number(found.size)
  }
  return needs
}

class TreeImport {
  readonly #components: ImportComponents
  readonly #options: TreeImportInit
  readonly #slots: Slots
  /** First names of files with several, and their numbers. */
  readonly #linked = new Map<string, number>()
  #files = 0
  #listed = 0

  constructor(components: ImportComponents, options: TreeImportInit) {
    this.#components = components
    this.#options = options
    this.#slots = new Slots(components.limits.openFiles)
  }

  get #image(): string {
    return join(this.#options.staging, 'image')
  }

  async run(onDone: (bytes: number) => void): Promise<ImportedContent> {
    const { path, staging, sync, inPlace, total, onProgress } = this.#options
    const { limits } = this.#components
    const codec = { encodeEntry: encodeTreeEntry, decodePage: treePageDecoder(limits), limits }
    const identities = inPlace ? await TreeIdentities.open(join(staging, 'identities'), 'wx') : undefined
    const writer = await TreeIndexWriter.create(staging, codec).catch(async (error: unknown) => {
      await identities?.close()
      throw error
    })
    let done = 0
    const reader = new TreeFileReader({
      signal: this.#options.signal,
      copy: !inPlace,
      writeLeafDigests: async (first, digests) => await writer.writeLeafDigests(first, digests),
      record: async (file, found) => await identities?.record(file, found),
      onBytes: (bytes) => {
        done += bytes
        onDone(done)
        onProgress(done, total)
      },
    })
    try {
      await this.#readAll(writer, reader)
      await identities?.sync()
    } catch (error) {
      await this.#slots.settled() // nothing may use the files once they are closed
      await writer.close()
      throw error
    } finally {
      await identities?.close()
    }
    const index = await writer.finish()
    try {
      const { counts } = index.table
      const digest = index.table.root()
      const place = { index, root: this.#image, signal: this.#options.signal }
      const trust = this.#options.isTrusted(digest)
      const dropped = inPlace ? 0 : await assembleTree(place, { trust })
      if (!inPlace) await sync.sync()
      return {
        staging,
        kind: 'tree',
        digest,
        sha256: undefined,
        size: counts.bytes,
        entries: counts.entries,
        inPlace: inPlace ? { path, stat: identityOf(await stat(path, { bigint: true })) } : undefined,
        privileged: dropped > 0 ? 'dropped' : trust ? 'applied' : 'none',
      }
    } finally {
      await index.close()
    }
  }

  /** Adds an entry for each node, in order; files are read ahead of that. */
  async #readAll(writer: TreeIndexWriter, reader: TreeFileReader): Promise<void> {
    const window: Promise<TreeEntry>[] = []
    const take = async () => {
      const next = window.shift()
      if (next !== undefined) await writer.add(await next)
    }
    const requireNoSecret: RequireNoSecret = await this.#components.secrets.look()
    for await (const node of walkTree(this.#options.path, { again: true })) {
      this.#options.signal.throwIfAborted()
      if (node.kind === 'file') {
        requireNoSecret(node.stat, pathText(node.path))
        window.push(this.#hardlink(node) ?? (await this.#readFile(node, reader)).ended)
      } else window.push(Promise.resolve(await this.#otherEntry(node)))
      window.at(-1)?.catch(() => {}) // awaited when it is its turn, or not any more when one before it failed
      if (window.length >= WINDOW) await take()
    }
    while (window.length > 0) await take()
  }

  /** An entry for a file that came before under another name. */
  #hardlink({ path, stat: found }: Node): Promise<TreeEntry> | undefined {
    if (found.nlink < 2n) return undefined
    const inode = `${found.dev}:${found.ino}`
    const file = this.#linked.get(inode)
    if (file !== undefined) return Promise.resolve({ kind: 'hardlink', path, file })
    this.#linked.set(inode, this.#files)
    return undefined
  }

  /** Waits until it is a file's turn to be read. */
  async #readFile(node: Node, reader: TreeFileReader): Promise<{ ended: Promise<TreeEntry> }> {
    const { path } = node
    const number = this.#files++
    const firstListed = this.#listed
    this.#listed += listedLeaves(Number(node.stat.size))
    const attributes = this.#attributes(node)
    const to = joinBytes(Buffer.from(this.#image), node.path)
    if (node.stat.size <= LEAF_BYTES && !this.#options.inPlace) {
      const file = reader.readSmall(node, to)
      if (number % SMALL_FILES_AT_ONCE === 0) await setImmediate()
      return { ended: Promise.resolve({ kind: 'file', path, attributes, ...file }) }
    }
    return await this.#slots.start(async () => {
      const file = await reader.read(node, { number, firstListed, to })
      return { kind: 'file', path, attributes, ...file }
    })
  }

  async #otherEntry(node: Node): Promise<TreeEntry> {
    const { path, place, kind } = node
    const attributes = this.#attributes(node)
    if (kind === 'symlink')
      return { kind, path, attributes, target: await readlink(place, { encoding: 'buffer' }) }
    if (!this.#options.inPlace) mkdirSync(joinBytes(Buffer.from(this.#image), path), { mode: 0o700 })
    return { kind: 'directory', path, attributes }
  }

  #attributes({ kind, place, path, stat: found }: Node): Attributes {
    const { limits } = this.#components
    const xattrs = readXattrs(place)
    const bytes = xattrs.reduce((sum, { name, value }) => sum + name.length + value.length, 0)
    if (bytes > limits.xattrBytes)
      throw new IngotError('too-large', `${pathText(path)} has ${bytes} bytes of extended attributes`)
    return {
      mode: kind === 'symlink' ? 0 : Number(found.mode) & 0o7777,
      mtimeNs: found.mtimeNs,
      owner: this.#options.owner ? { uid: Number(found.uid), gid: Number(found.gid) } : undefined,
      xattrs,
    }
  }
}
