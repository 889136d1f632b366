import { closeSync } from 'node:fs'
import { IngotError } from '../core/errors.ts'
import type { Limits } from '../core/limits.ts'
import { BLOCK_BYTES, LEAF_BLOCKS, blockCount, blockKey, isZeroBlock } from '../image/blocks.ts'
import { DIGEST_BYTES } from '../image/digest.ts'
import { LEAF_BYTES, leafLength } from '../image/leaves.ts'
import { BlockMatch, readFully, scanBlocks } from './block-match.ts'
import {
  blockNumber,
  dataRanges,
  groupCount,
  groupsFrom,
  isZeroLeaf,
  type GroupPart,
  type NumberedContent,
  type NumberedFile,
} from './numbered-content.ts'
import { PatchWriter } from './patch-file.ts'
import { pairFiles, type Pairing } from './patch-pairs.ts'
import { GROUP_LEAVES, PartEncoder } from './patch-part.ts'

export interface PatchBuild {
  child: NumberedContent
  /** Undefined: from nothing. */
  base: NumberedContent | undefined
  /** A file that is made. */
  path: string
  /** Bytes beyond which it is of no use. */
  most: number
  limits: Limits
}

/**
 * Makes a patch that turns `base` into `child`, in a file. Reads and compresses on this thread. Throws `too-large` when it would have
 * more than `most` bytes, `changed-on-disk` when a content is not what it was. Memory: {@link BlockMatch} of `matchBlocks` at most, and
 * some buffers.
 */
export async function buildPatch(build: PatchBuild): Promise<void> {
  const builder = new PatchBuilder(build, await pairFiles(build.child, build.base))
  try {
    await builder.run()
  } finally {
    builder.close()
  }
}

/** A leaf of the child, and what is at its place in the base. */
interface LeafPair {
  file: NumberedFile
  leaf: number
  length: number
  /** Number of its first block. */
  block: number
  same: { file: NumberedFile; offset: number } | undefined
  /** Its digest says that it is zero, or equal to the leaf at its place. */
  known: 'zero' | 'same' | undefined
}

class PatchBuilder {
  readonly #build: PatchBuild
  readonly #pairing: Pairing
  readonly #writer: PatchWriter
  readonly #encoder: PartEncoder
  readonly #files = { child: new OpenFile(), base: new OpenFile() }
  readonly #leaf = Buffer.allocUnsafeSlow(LEAF_BYTES)
  readonly #baseLeaf = Buffer.allocUnsafeSlow(LEAF_BYTES)
  readonly #match: BlockMatch
  #scans = 0

  constructor(build: PatchBuild, pairing: Pairing) {
    const { child, base, limits, path } = build
    this.#build = build
    this.#pairing = pairing
    const groups = groupCount(child.leaves)
    const blocks = base === undefined ? 0 : child.leaves * LEAF_BLOCKS
    this.#match = new BlockMatch(Math.min(limits.matchBlocks, Math.max(blocks, 1)))
    this.#encoder = new PartEncoder(base === undefined ? limits.patchLevelWhole : limits.patchLevel)
    const name = { content: child.content.digest, base: base?.content.digest }
    this.#writer = new PatchWriter(path, name, groups)
  }

  async run(): Promise<void> {
    const { child } = this.#build
    const groups = groupCount(child.leaves)
    for (let first = 0; first < groups;) {
      const end = await this.#compare(first)
      await this.#scanBase()
      await this.#write(first, end)
      first = end
    }
    this.#writer.finish()
  }

  /** Wants the blocks that are not where they were, of as many groups as fit; returns the group after the last. */
  async #compare(first: number): Promise<number> {
    const { child, base, limits } = this.#build
    this.#match.clear()
    if (base === undefined) return groupCount(child.leaves)
    const key = { high: 0, low: 0 }
    const most = Math.min(limits.matchBlocks, this.#match.capacity) - GROUP_LEAVES * LEAF_BLOCKS
    for await (const { group, parts } of groupsFrom(child, first)) {
      if (group > first && this.#match.length > most) return group
      for await (const pair of this.#leaves(parts)) {
        if (pair.known !== undefined) continue
        const bytes = await this.#readLeaf(pair)
        const before = await this.#readSame(pair)
        for (let at = 0; at < bytes.length; at += BLOCK_BYTES) {
          const end = Math.min(at + BLOCK_BYTES, bytes.length)
          if (isZeroBlock(bytes, at, end) || equalBlock(bytes, before, at, end)) continue
          blockKey(bytes.subarray(at, end), key)
          this.#match.want(pair.block + at / BLOCK_BYTES, key)
        }
      }
    }
    return groupCount(child.leaves)
  }

  /** Looks for what is wanted in the whole base. */
  async #scanBase(): Promise<void> {
    const { base, limits } = this.#build
    if (base === undefined || this.#match.length === 0 || this.#scans >= limits.matchScans) return
    this.#scans++
    for await (const { parts } of groupsFrom(base, 0)) {
      for (const { file, first, count } of parts) {
        const ranges = dataRanges(file, first, await base.leafDigests(file, first, count))
        const fd = await this.#files.base.of(base, file)
        scanBlocks(this.#match, { fd, ranges, firstBlock: blockNumber(file, 0) })
      }
    }
  }

  async #write(first: number, end: number): Promise<void> {
    const { child, base, most, limits } = this.#build
    if (base !== undefined) {
      const isLittle = this.#match.unfound() * BLOCK_BYTES <= limits.patchBestBytes
      this.#encoder.level = isLittle ? limits.patchLevelBest : limits.patchLevel
    }
    let wanted = 0
    for await (const { group, parts } of groupsFrom(child, first)) {
      if (group === end) return
      for await (const pair of this.#leaves(parts)) wanted = await this.#writeLeaf(pair, wanted)
      this.#writer.add(this.#encoder.finish())
      if (this.#writer.bytes > most)
        throw new IngotError('too-large', `the patch would have more than ${most} bytes`)
    }
  }

  /** Encodes a leaf; `wanted` is the place of the next wanted block, and what it is then is returned. */
  async #writeLeaf(pair: LeafPair, wanted: number): Promise<number> {
    const blocks = blockCount(pair.length)
    if (pair.known === 'zero') this.#encoder.zero(blocks)
    else if (pair.known === 'same') this.#encoder.copy(blocks, pair.same?.offset ?? 0)
    if (pair.known !== undefined) return wanted
    const { base } = this.#build
    const bytes = await this.#readLeaf(pair)
    for (let i = 0; i < blocks; i++) {
      const at = i * BLOCK_BYTES
      const end = Math.min(at + BLOCK_BYTES, bytes.length)
      const isWanted = this.#match.numberAt(wanted) === pair.block + i
      const source = isWanted ? this.#match.sourceAt(wanted++) : -1
      if (isZeroBlock(bytes, at, end)) this.#encoder.zero(1)
      else if (isWanted ? source < 0 : base === undefined) this.#encoder.literal(bytes.subarray(at, end))
      else this.#encoder.copy(1, isWanted ? source - pair.block - i : (pair.same?.offset ?? 0))
    }
    return wanted
  }

  /** The leaves of a group, in order. */
  async *#leaves(parts: readonly GroupPart[]): AsyncGenerator<LeafPair> {
    const { child, base } = this.#build
    for (const { file, first, count } of parts) {
      const digests = await child.leafDigests(file, first, count)
      const other = await this.#pairing(file)
      const shared = base === undefined || other === undefined ? 0 : Math.min(count, other.leaves - first)
      const others =
        shared > 0 && other !== undefined ? await base?.leafDigests(other, first, shared) : undefined
      const offset = other === undefined ? 0 : blockNumber(other, 0) - blockNumber(file, 0)
      for (let i = 0; i < count; i++) {
        const leaf = first + i
        const digest = digestAt(digests, i)
        const same = i < shared && other !== undefined ? { file: other, offset } : undefined
        const length = leafLength(file.size, leaf)
        const known = isZeroLeaf(file, leaf, digest)
          ? 'zero'
          : same !== undefined &&
              others !== undefined &&
              comparable(file, same.file) &&
              length === leafLength(same.file.size, leaf) &&
              digestAt(others, i).equals(digest)
            ? 'same'
            : undefined
        yield { file, leaf, length, block: blockNumber(file, leaf), same, known }
      }
    }
  }

  async #readLeaf({ file, leaf, length }: LeafPair): Promise<Buffer> {
    const fd = await this.#files.child.of(this.#build.child, file)
    return readFully(fd, this.#leaf.subarray(0, length), leaf * LEAF_BYTES)
  }

  /** What is at the place of a leaf in the base. */
  async #readSame({ leaf, same }: LeafPair): Promise<Buffer | undefined> {
    const { base } = this.#build
    if (same === undefined || base === undefined) return undefined
    const fd = await this.#files.base.of(base, same.file)
    return readFully(fd, this.#baseLeaf.subarray(0, leafLength(same.file.size, leaf)), leaf * LEAF_BYTES)
  }

  close(): void {
    this.#writer.close()
    this.#files.child.close()
    this.#files.base.close()
  }
}

const digestAt = (digests: Buffer, i: number) => digests.subarray(i * DIGEST_BYTES, (i + 1) * DIGEST_BYTES)

/** True when digests of leaves of these files are made the same way: not for a file of one leaf and one of more. */
function comparable(one: NumberedFile, other: NumberedFile): boolean {
  const isSole = ({ digest, leaves }: NumberedFile) => digest !== undefined && leaves < 2
  return isSole(one) === isSole(other)
}

/** True when the base has the block as it is, at its place: also its length is the same. */
function equalBlock(bytes: Buffer, before: Buffer | undefined, at: number, end: number): boolean {
  if (before === undefined || Math.min(at + BLOCK_BYTES, before.length) !== end) return false
  return before.compare(bytes, at, end, at, end) === 0
}

/** The file of a content that is read now: opened when another is asked for. */
class OpenFile {
  #number: number | undefined
  #fd = -1

  async of(content: NumberedContent, file: NumberedFile): Promise<number> {
    if (this.#number === file.number) return this.#fd
    this.close()
    this.#fd = await content.open(file)
    this.#number = file.number
    return this.#fd
  }

  close(): void {
    if (this.#number !== undefined) closeSync(this.#fd)
    this.#number = undefined
  }
}
