/** Streams that peers have open to us, over all protocols and connections: each may hold some hundred kilobytes that are not read yet. */
export class StreamPlaces {
  readonly #most: number
  readonly #open = new Map<string, number>()

  /** `most`: streams of one peer. */
  constructor(most: number) {
    this.#most = most
  }

  /** Takes a place; false when the peer has them all. */
  take(peerId: string): boolean {
    const open = this.#open.get(peerId) ?? 0
    if (open >= this.#most) return false
    this.#open.set(peerId, open + 1)
    return true
  }

  /** Gives a place back. */
  release(peerId: string): void {
    const left = (this.#open.get(peerId) ?? 1) - 1
    if (left === 0) this.#open.delete(peerId)
    else this.#open.set(peerId, left)
  }
}
