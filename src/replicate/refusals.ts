const MINUTE_MS = 60_000

/**
 * Counts the journal entries of each peer that are refused: a peer that sends thousands must not fill the log, nor push everything else
 * out of the audit log.
 */
export class Refusals {
  readonly #perMinute: number
  readonly #counts = new Map<string, number>()
  #since = 0

  /** `perMinute`: entries of one peer that are noted one by one. */
  constructor(perMinute: number) {
    this.#perMinute = perMinute
  }

  /** What to do about one more at this time (milliseconds since 1970): note it, note it as the last of this minute, or nothing. */
  count(peerId: string, now: number): 'each' | 'last' | 'silent' {
    if (Math.abs(now - this.#since) >= MINUTE_MS) {
      this.#counts.clear()
      this.#since = now
    }
    const count = (this.#counts.get(peerId) ?? 0) + 1
    this.#counts.set(peerId, count)
    if (count < this.#perMinute) return 'each'
    return count === this.#perMinute ? 'last' : 'silent'
  }
}
