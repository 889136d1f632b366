const MINUTE_MS = 60_000

/**
 * Counts what is noted of each peer, or image, in a minute: what a peer can cause thousands of times must not fill the log, nor push
 * everything else out of the audit log.
 */
export class PerMinute {
  readonly #most: number
  readonly #counts = new Map<string, number>()
  #since = 0

  /** `most`: how many of one key are noted one by one. */
  constructor(most: number) {
    this.#most = most
  }

  /** What to do about one more at this time (milliseconds, of any clock): note it, note it as the last of this minute, or nothing. */
  count(key: string, now: number): 'each' | 'last' | 'silent' {
    // A clock that was set back begins a new minute: it silences nothing for longer.
    if (Math.abs(now - this.#since) >= MINUTE_MS) {
      this.#counts.clear()
      this.#since = now
    }
    const count = (this.#counts.get(key) ?? 0) + 1
    this.#counts.set(key, count)
    if (count < this.#most) return 'each'
    return count === this.#most ? 'last' : 'silent'
  }
}
