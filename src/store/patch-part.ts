import { constants, zstdCompressSync } from 'node:zlib'
import { IngotError } from '../core/errors.ts'
import { BLOCK_BYTES, LEAF_BLOCKS, blockCount } from '../image/blocks.ts'
import { SEGMENT_BYTES, SEGMENT_LEAVES } from '../image/leaves.ts'
import { unpack } from './place-leaves.ts'

/** Leaves that one part of a patch makes. */
export const GROUP_LEAVES = SEGMENT_LEAVES
/** Most bytes of one part: all literals as they are, and what says where they go: at most 8 bytes for each of 1024 blocks. */
export const PART_BYTES = SEGMENT_BYTES + 16 * 1024

const KINDS = ['zero', 'literal', 'copy'] as const
const NO_LITERALS = 0
const RAW = 1
const ZSTD = 2

/** Blocks in a row: zero, given in the part, or those of the base whose numbers are by `offset` higher. */
export interface PatchOp {
  kind: (typeof KINDS)[number]
  count: number
  /** Number in the base less the number here; 0 unless it is a copy. */
  offset: number
}

/** Leaves of one group of a content, in order: the number of the first, and the bytes of each. */
export interface GroupLeaves {
  first: number
  lengths: readonly number[]
}

/** Blocks of a group. */
export function groupBlocks({ lengths }: GroupLeaves): number {
  return lengths.reduce((sum, length) => sum + blockCount(length), 0)
}

/** Bytes of a group. */
export function groupBytes({ lengths }: GroupLeaves): number {
  return lengths.reduce((sum, length) => sum + length, 0)
}

/** Makes one part after the other, block by block. Holds 4 MiB. */
export class PartEncoder {
  /** Of zstd, for what comes. */
  level: number
  readonly #literals = Buffer.allocUnsafeSlow(SEGMENT_BYTES)
  #literalBytes = 0
  #ops: PatchOp[] = []

  constructor(level: number) {
    this.level = level
  }

  zero(count: number): void {
    this.#add('zero', count, 0)
  }

  literal(block: Uint8Array): void {
    this.#literals.set(block, this.#literalBytes)
    this.#literalBytes += block.length
    this.#add('literal', 1, 0)
  }

  copy(count: number, offset: number): void {
    this.#add('copy', count, offset)
  }

  #add(kind: PatchOp['kind'], count: number, offset: number): void {
    const last = this.#ops.at(-1)
    if (last?.kind === kind && last.offset === offset) last.count += count
    else this.#ops.push({ kind, count, offset })
  }

  /** The part of what was added since the last; nothing when all of it is zero. */
  finish(): Buffer {
    const ops = this.#ops
    const bytes = this.#literals.subarray(0, this.#literalBytes)
    this.#ops = []
    this.#literalBytes = 0
    if (ops.every(({ kind }) => kind === 'zero')) return Buffer.alloc(0)
    const { encoding, payload } = this.#compress(bytes)
    const encodedOps = encodeOps(ops)
    const head = [encoding]
    putVarint(head, bytes.length)
    putVarint(head, encodedOps.length)
    return Buffer.concat([Buffer.from(head), encodedOps, payload])
  }

  #compress(bytes: Buffer): { encoding: number; payload: Buffer } {
    if (bytes.length === 0) return { encoding: NO_LITERALS, payload: bytes }
    const params = { [constants.ZSTD_c_compressionLevel]: this.level }
    // Told the size, zstd makes no larger tables than it needs.
    const payload = zstdCompressSync(bytes, { params, pledgedSrcSize: bytes.length })
    return payload.length < bytes.length ? { encoding: ZSTD, payload } : { encoding: RAW, payload: bytes }
  }
}

function encodeOps(ops: readonly PatchOp[]): Buffer {
  const bytes: number[] = []
  let before = 0
  for (const { kind, count, offset } of ops) {
    putVarint(bytes, count * 4 + KINDS.indexOf(kind))
    if (kind !== 'copy') continue
    const change = offset - before
    putVarint(bytes, change < 0 ? -2 * change - 1 : 2 * change)
    before = offset
  }
  return Buffer.from(bytes)
}

function putVarint(bytes: number[], value: number): void {
  for (; value >= 0x80; value = Math.floor(value / 0x80)) bytes.push((value % 0x80) + 0x80)
  bytes.push(value)
}

/** A part as it came: nothing of it is checked against a base yet, and its literals are packed. */
export interface Part {
  ops: PatchOp[]
  encoding: number
  literalBytes: number
  payload: Uint8Array
}

/**
 * Takes a part to pieces. Throws `invalid` unless it makes exactly the blocks of the group. Its copies are still to be checked against
 * the base.
 */
export function parsePart(bytes: Uint8Array, group: GroupLeaves): Part {
  const blocks = groupBlocks(group)
  if (bytes.length === 0)
    return {
      ops: [{ kind: 'zero', count: blocks, offset: 0 }],
      encoding: NO_LITERALS,
      literalBytes: 0,
      payload: bytes,
    }
  const reader = new VarintReader(bytes)
  const encoding = reader.next()
  const literalBytes = reader.next()
  const opsEnd = reader.next() + reader.at
  if (encoding > ZSTD || literalBytes > groupBytes(group) || opsEnd > bytes.length) throw invalid('its head')
  const ops: PatchOp[] = []
  let left = blocks
  let offset = 0
  while (reader.at < opsEnd) {
    const head = reader.next()
    const kind = KINDS[head % 4]
    const count = Math.floor(head / 4)
    if (kind === undefined || count < 1 || count > left) throw invalid('an operation')
    if (kind === 'copy') {
      const change = reader.next()
      offset += change % 2 === 0 ? change / 2 : -(change + 1) / 2
    }
    ops.push({ kind, count, offset: kind === 'copy' ? offset : 0 })
    left -= count
  }
  const payload = bytes.subarray(opsEnd)
  if (reader.at !== opsEnd || left !== 0 || literalBytes !== literalLength(ops, group))
    throw invalid('its operations')
  if (encoding === RAW ? payload.length !== literalBytes : payload.length > literalBytes)
    throw invalid('the length of its literals')
  if ((encoding === NO_LITERALS) !== (literalBytes === 0)) throw invalid('its encoding')
  return { ops, encoding, literalBytes, payload }
}

/** Bytes that the literals of some operations are. */
function literalLength(ops: readonly PatchOp[], group: GroupLeaves): number {
  let bytes = 0
  eachStretch(ops, group, ({ kind, length }) => {
    if (kind === 'literal') bytes += length
  })
  return bytes
}

/** Literals of a part, unpacked. Throws `invalid` when they are not as many as it says. */
export function unpackLiterals({ encoding, literalBytes, payload }: Part): Uint8Array {
  if (encoding !== ZSTD) return payload
  const bytes = unpack(payload, literalBytes)
  if (bytes?.length !== literalBytes) throw invalid('the length of its literals')
  return bytes
}

/** Blocks of one leaf that are made the same way. */
export interface Stretch {
  kind: PatchOp['kind']
  /** Number of the first block here. */
  block: number
  /** Number of the first block in the base, of a copy. */
  source: number
  count: number
  /** Place among the bytes of the group, and bytes. */
  at: number
  length: number
}

/** Calls `visit` for what a part makes of each leaf of its group, in order. */
export function eachStretch(
  ops: readonly PatchOp[],
  { first, lengths }: GroupLeaves,
  visit: (stretch: Stretch) => void,
): void {
  let op = 0
  let done = 0
  let at = 0
  for (const [i, length] of lengths.entries()) {
    const blocks = blockCount(length)
    for (let block = 0; block < blocks;) {
      const { kind, count, offset } = ops[op] as PatchOp
      const n = Math.min(count - done, blocks - block)
      const number = (first + i) * LEAF_BLOCKS + block
      const from = block * BLOCK_BYTES
      const bytes = Math.min(length, from + n * BLOCK_BYTES) - from
      visit({ kind, block: number, source: number + offset, count: n, at: at + from, length: bytes })
      block += n
      done += n
      if (done < count) continue
      op++
      done = 0
    }
    at += length
  }
}

class VarintReader {
  readonly #bytes: Uint8Array
  at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  next(): number {
    let value = 0
    for (let scale = 1; scale <= 2 ** 42; scale *= 0x80) {
      const byte = this.#bytes[this.at++]
      if (byte === undefined) break
      value += (byte % 0x80) * scale
      if (byte < 0x80) return value
    }
    throw invalid('a number')
  }
}

function invalid(what: string): IngotError {
  return new IngotError('invalid', `${what} is not what a part of a patch may have`)
}
