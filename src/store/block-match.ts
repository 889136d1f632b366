import { randomFillSync } from 'node:crypto'
import { readSync } from 'node:fs'
import { BLOCK_BYTES, BLOCK_KEY_BYTES, blockKey, isZeroBlock, type BlockKey } from '../image/blocks.ts'
import type { ByteRange } from '../image/leaves.ts'

/** Bytes of a source that are read at once. */
const READ_BYTES = 4 * 1024 * 1024
const NONE = -1
/**
 * Slots that are looked at for one key. The table is half full at most: among 2²⁵ slots not even runs of 100 are to be expected. A key
 * that finds no place in so many has no match.
 */
const MOST_PROBES = 256

/**
 * For each byte of a key, by its place and value, random bits: keys come from other servers, and nobody who does not know these can
 * choose keys that share slots. Such a hash is as good as a random one for the slots here: Pătraşcu and Thorup, The Power of Simple
 * Tabulation Hashing, 2012.
 */
const scatter = randomFillSync(new Uint32Array(BLOCK_KEY_BYTES * 256))

function scattered(high: number, low: number): number {
  return (
    (scatter[high >>> 24] as number) ^
    (scatter[256 + ((high >>> 16) & 0xff)] as number) ^
    (scatter[512 + ((high >>> 8) & 0xff)] as number) ^
    (scatter[768 + (high & 0xff)] as number) ^
    (scatter[1024 + (low >>> 24)] as number) ^
    (scatter[1280 + ((low >>> 16) & 0xff)] as number) ^
    (scatter[1536 + ((low >>> 8) & 0xff)] as number) ^
    (scatter[1792 + (low & 0xff)] as number)
  )
}

/**
 * Blocks that are wanted, by their keys, and where a source has them: at the same number, else where the block before was found,
 * else anywhere. For each of `capacity` blocks it takes 36 bytes. A block that is wanted many times, or found many times, costs no more
 * than another.
 */
export class BlockMatch {
  readonly capacity: number
  #length = 0
  /** Of each wanted block, in ascending order of their numbers. */
  readonly #numbers: Float64Array
  readonly #highs: Uint32Array
  readonly #lows: Uint32Array
  /** The first wanted block with the same key: only that one stands in the table. */
  readonly #heads: Uint32Array
  /** Where a block was found that is better than any other place with its key. */
  readonly #own: Float64Array
  /** Of a head: where its key was found first. */
  readonly #anywhere: Float64Array
  /** Open addressing: place of a wanted block + 1, or 0. */
  readonly #slots: Uint32Array
  /** Wanted block that the last source block was, and its number in the source. */
  #lastWanted = NONE
  #lastSource = NONE
  /** First wanted block whose number is not below that of the source block. */
  #pointer = 0
  #probes = 0

  constructor(capacity: number) {
    this.capacity = capacity
    this.#numbers = new Float64Array(capacity)
    this.#highs = new Uint32Array(capacity)
    this.#lows = new Uint32Array(capacity)
    this.#heads = new Uint32Array(capacity)
    this.#own = new Float64Array(capacity)
    this.#anywhere = new Float64Array(capacity)
    this.#slots = new Uint32Array(2 ** Math.ceil(Math.log2(Math.max(2, capacity * 2))))
  }

  /** Wanted blocks. */
  get length(): number {
    return this.#length
  }

  /** Wanted blocks that have no source. */
  unfound(): number {
    let count = 0
    for (let entry = 0; entry < this.#length; entry++) if (this.#sourceOf(entry) === NONE) count++
    return count
  }

  /** Slots that were looked at so far: what keys cost. */
  get probes(): number {
    return this.#probes
  }

  get isFull(): boolean {
    return this.#length === this.capacity
  }

  /** Wants a block; numbers come in ascending order. */
  want(number: number, { high, low }: BlockKey): void {
    const entry = this.#length++
    this.#numbers[entry] = number
    this.#highs[entry] = high
    this.#lows[entry] = low
    this.#own[entry] = NONE
    this.#anywhere[entry] = NONE
    this.#heads[entry] = entry
    const slot = this.#slot(high, low)
    if (slot === NONE) return
    const head = this.#slots[slot] as number
    if (head === 0) this.#slots[slot] = entry + 1
    else this.#heads[entry] = head - 1
  }

  /** The slot in which a key is, or would be; -1 when it is not found soon enough. */
  #slot(high: number, low: number): number {
    const mask = this.#slots.length - 1
    const first = scattered(high, low)
    for (let probe = 0; probe < MOST_PROBES; probe++) {
      const slot = (first + probe) & mask
      const entry = (this.#slots[slot] as number) - 1
      if (entry < 0 || (this.#highs[entry] === high && this.#lows[entry] === low)) {
        this.#probes += probe + 1
        return slot
      }
    }
    this.#probes += MOST_PROBES
    return NONE
  }

  /** Takes note of a block of the source. Numbers ascend, or a new source begins. True when it is wanted. */
  offer(source: number, { high, low }: BlockKey): boolean {
    const slot = this.#slot(high, low)
    const head = slot === NONE ? NONE : (this.#slots[slot] as number) - 1
    if (head < 0) {
      this.#lastWanted = NONE
      return false
    }
    if (source < this.#lastSource) this.#pointer = 0
    const wanted = this.#place(head, source)
    if (this.#anywhere[head] === NONE) this.#anywhere[head] = source
    this.#lastWanted = wanted
    this.#lastSource = source
    return true
  }

  /** Gives the source block to the wanted block of its number, or to the one behind that which the block before was. */
  #place(head: number, source: number): number {
    while (this.#pointer < this.#length && (this.#numbers[this.#pointer] as number) < source) this.#pointer++
    if (this.#numbers[this.#pointer] === source && this.#heads[this.#pointer] === head) {
      this.#own[this.#pointer] = source
      return this.#pointer
    }
    const next = this.#lastWanted + 1
    const continues =
      this.#lastWanted !== NONE &&
      this.#lastSource + 1 === source &&
      next < this.#length &&
      this.#numbers[next] === (this.#numbers[this.#lastWanted] as number) + 1 &&
      this.#heads[next] === head
    if (!continues) return head
    if (this.#own[next] === NONE) this.#own[next] = source
    return next
  }

  /** Calls `found` for each wanted block that a source has, in ascending order. */
  each(found: (number: number, source: number) => void): void {
    for (let entry = 0; entry < this.#length; entry++) {
      const source = this.#sourceOf(entry)
      if (source !== NONE) found(this.#numbers[entry] as number, source)
    }
  }

  /** Number of the source block for the wanted block at a place; -1 where there is none. */
  sourceAt(place: number): number {
    return this.#sourceOf(place)
  }

  #sourceOf(entry: number): number {
    const own = this.#own[entry] as number
    return own === NONE ? (this.#anywhere[this.#heads[entry] as number] as number) : own
  }

  /** Number of the wanted block at a place; undefined behind the last. */
  numberAt(place: number): number | undefined {
    return place < this.#length ? this.#numbers[place] : undefined
  }

  /** Wants nothing any more. */
  clear(): void {
    this.#length = 0
    this.#slots.fill(0)
    this.#lastWanted = NONE
    this.#lastSource = NONE
    this.#pointer = 0
  }
}

/** One file of a source. */
export interface BlockSource {
  fd: number
  /** Where its data lies; each range begins at a leaf and ends at one, or with the file. The rest is zero and not read. */
  ranges: Iterable<ByteRange>
  /** Number of the file's first block. */
  firstBlock: number
}

const reading = { buffer: undefined as Buffer | undefined }

/**
 * Reads a source once, in order, and offers its blocks to `match`; zero blocks are left out. Synchronous, for a worker thread: 4 µs for
 * a block that is not zero. `onRead` is told bytes that were read, after each 4 MiB, and may throw to end it. Throws RangeError when
 * the file is shorter.
 */
export function scanBlocks(
  match: BlockMatch,
  { fd, ranges, firstBlock }: BlockSource,
  onRead: (bytes: number) => void = () => {},
): void {
  const buffer = (reading.buffer ??= Buffer.allocUnsafeSlow(READ_BYTES))
  const key: BlockKey = { high: 0, low: 0 }
  for (const range of ranges) {
    for (let from = range.from; from < range.to; from += READ_BYTES) {
      const bytes = readFully(fd, buffer.subarray(0, Math.min(READ_BYTES, range.to - from)), from)
      for (let at = 0; at < bytes.length; at += BLOCK_BYTES) {
        const end = Math.min(at + BLOCK_BYTES, bytes.length)
        if (isZeroBlock(bytes, at, end)) continue
        blockKey(bytes.subarray(at, end), key)
        match.offer(firstBlock + (from + at) / BLOCK_BYTES, key)
      }
      onRead(bytes.length)
    }
  }
}

/** Fills `target` with the bytes at `position`, and returns it. Throws RangeError when the file is shorter. */
export function readFully<T extends Uint8Array>(fd: number, target: T, position: number): T {
  for (let done = 0; done < target.length;) {
    const read = readSync(fd, target, done, target.length - done, position + done)
    if (read === 0)
      throw new RangeError(`the file ends at ${position + done}, ${target.length - done} bytes early`)
    done += read
  }
  return target
}
