/** Places that are kept of one digest: the same bytes may lie in several files, and any of them may turn out to be damaged. */
const PLACES_EACH = 4
/** Two of four bytes: part of the digest, and a place + 1 (0: free). */
const SLOT_WORDS = 2

/**
 * From digests to places (numbers below 2³²), as open addressing in one typed array of shared memory: 16 bytes for each place that it
 * has room for. It holds 4 bytes of a digest and finds by 4 others, so what it finds is a hint; whoever uses it hashes the bytes.
 */
export class DigestTable {
  /** The table itself: shared between threads, only read once it is filled. */
  readonly slots: Uint32Array
  #room: number

  /** An empty table with room for so many places, or one that was filled before. */
  constructor(of: number | Uint32Array) {
    const places = typeof of === 'number' ? of : 0
    const count = 2 ** Math.ceil(Math.log2(Math.max(2, places * 2)))
    this.slots = typeof of === 'number' ? new Uint32Array(new SharedArrayBuffer(count * SLOT_WORDS * 4)) : of
    this.#room = places
  }

  /** Notes where the bytes of the digest at `at` lie. What has no room is left out. */
  add(digests: Uint8Array, at: number, place: number): void {
    if (this.#room === 0) return
    const { slots } = this
    const part = word(digests, at + 4)
    let same = 0
    let slot = this.#first(digests, at)
    for (; slots[slot + 1] !== 0; slot = this.#next(slot)) {
      if (slots[slot] === part && ++same === PLACES_EACH) return
    }
    slots[slot] = part
    slots[slot + 1] = place + 1
    this.#room--
  }

  /** Where the bytes of the digest at `at` may lie, in the order in which that was noted. */
  find(digests: Uint8Array, at: number): number[] {
    const { slots } = this
    const part = word(digests, at + 4)
    const places: number[] = []
    for (let slot = this.#first(digests, at); slots[slot + 1] !== 0; slot = this.#next(slot)) {
      if (slots[slot] === part) places.push((slots[slot + 1] as number) - 1)
    }
    return places
  }

  #first(digests: Uint8Array, at: number): number {
    return (word(digests, at) & (this.slots.length / SLOT_WORDS - 1)) * SLOT_WORDS
  }

  #next(slot: number): number {
    return slot + SLOT_WORDS === this.slots.length ? 0 : slot + SLOT_WORDS
  }
}

function word(bytes: Uint8Array, at: number): number {
  return (
    (((bytes[at] as number) << 24) |
      ((bytes[at + 1] as number) << 16) |
      ((bytes[at + 2] as number) << 8) |
      (bytes[at + 3] as number)) >>>
    0
  )
}
