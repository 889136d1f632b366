import { constants, type BigIntStats } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import { IngotError } from '../core/errors.ts'
import { DIGEST_BYTES } from '../image/digest.ts'
import { LEAF_BYTES, SEGMENT_BYTES, dataRuns, leafCount, leafLength } from '../image/leaves.ts'
import { LeafList, soleLeafDigest } from '../image/tree.ts'
import { pathText } from '../image/tree-order.ts'
import { readExactly, writeAll } from '../store/durable.ts'
import { identityOf, requireSame } from '../store/file-identity.ts'
import { readSmallFile, writeSmallFile } from '../store/small-file.ts'
import type { Node } from '../store/tree-walk.ts'
import { hashLeaves } from '../store/hash-segment.ts'
import { clone } from './import-file.ts'

export interface TreeFileReaderInit {
  signal: AbortSignal
  /** Copy each file besides hashing it. */
  copy: boolean
  /** Puts down leaf digests of a file with two leaves or more. */
  writeLeafDigests: (first: number, digests: Uint8Array) => Promise<void>
  /** Told how each file is, by its number. */
  record: (file: number, stat: BigIntStats) => Promise<void>
  /** Told the bytes that were read. */
  onBytes: (bytes: number) => void
}

/** Reads the files of a tree, each once: hashes it and makes its copy. Memory: up to one segment for each at a time. */
export class TreeFileReader {
  readonly #init: TreeFileReaderInit
  /** False once the file system was found not to clone. */
  #clones: boolean

  constructor(init: TreeFileReaderInit) {
    this.#init = init
    this.#clones = init.copy
  }

  /** Throws `changed-on-disk` when the file is not the one that was seen, or changes meanwhile. */
  async read(
    node: Node,
    target: { number: number; firstListed: number; to: Buffer },
  ): Promise<{ size: number; digest: Buffer }> {
    const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants
    const source = await open(node.place, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
    try {
      const found = await source.stat({ bigint: true })
      requireSeen(node, found)
      const size = Number(found.size)
      const digest = await this.#copy(source, node, { ...target, size })
      requireSeen(node, await source.stat({ bigint: true }))
      await this.#init.record(target.number, found)
      return { size, digest }
    } finally {
      await source.close()
    }
  }

  /** Like {@link read}, for a file of at most one leaf that is to be copied or not: all on this thread. */
  readSmall(node: Node, to: Buffer): { size: number; digest: Buffer } {
    const size = Number(node.stat.size)
    const bytes = shortened(node, () => readSmallFile(node.place, size, (now) => requireSeen(node, now)))
    if (this.#init.copy) writeSmallFile(to, bytes)
    this.#init.onBytes(size)
    return { size, digest: size === 0 ? new LeafList().digest() : soleLeafDigest(bytes) }
  }

  async #copy(
    source: FileHandle,
    node: Node,
    { size, firstListed, to }: { size: number; firstListed: number; to: Buffer },
  ): Promise<Buffer> {
    const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants
    if (this.#clones && size > 0) this.#clones = await clone(node.place, to)
    const cloned = this.#clones && size > 0
    // The clone is a snapshot: hash what is kept.
    const input = cloned ? await open(to, 'r') : source
    let copy: FileHandle | undefined
    try {
      if (this.#init.copy && !cloned) copy = await open(to, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600)
      return await this.#hash(input, copy, { size, firstListed, path: node.place })
    } finally {
      await copy?.close()
      if (cloned) await input.close()
    }
  }

  async #hash(
    input: FileHandle,
    copy: FileHandle | undefined,
    { size, firstListed, path }: { size: number; firstListed: number; path: Buffer },
  ): Promise<Buffer> {
    const { signal, writeLeafDigests, onBytes } = this.#init
    const list = new LeafList()
    let written = 0
    for (let at = 0; at < size; at += SEGMENT_BYTES) {
      signal.throwIfAborted()
      const bytes = Buffer.allocUnsafe(Math.min(SEGMENT_BYTES, size - at))
      await readExactly(input, bytes, at).catch((error: unknown) => {
        throw ended(path, error)
      })
      const digests = hashLeaves(bytes)
      const first = at / LEAF_BYTES
      for (let i = 0; i * DIGEST_BYTES < digests.length; i++)
        list.add(digests.subarray(i * DIGEST_BYTES, (i + 1) * DIGEST_BYTES), leafLength(size, first + i))
      if (leafCount(size) > 1) await writeLeafDigests(firstListed + first, digests)
      for (const { from, to } of copy === undefined ? [] : dataRuns(bytes)) {
        await writeAll(copy as FileHandle, bytes.subarray(from, to), at + from)
        written = at + to
      }
      onBytes(bytes.length)
    }
    if (written < size) await copy?.truncate(size)
    return list.digest()
  }
}

function requireSeen(node: Node, now: BigIntStats): void {
  requireSame(pathText(node.place), identityOf(node.stat), identityOf(now), 'while it was imported')
}

function shortened<T>({ place }: Node, read: () => T): T {
  try {
    return read()
  } catch (error) {
    throw ended(place, error)
  }
}

/** A file that ends early has changed since it was looked at. */
function ended(path: Buffer, error: unknown): unknown {
  if (!(error instanceof RangeError)) return error
  return new IngotError('changed-on-disk', `${pathText(path)} changed while it was imported`, {
    cause: error,
  })
}
