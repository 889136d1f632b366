/** Instances of one peer that are remembered: a restart adds one, a server that runs twice takes turns with few. */
const REMEMBERED = 8
/** Milliseconds that a server which runs twice is told as such after one of the two took its turn: they do so each minute. */
const TOLD_MS = 10 * 60_000

/**
 * Which process of each peer said hello. An instance is a random number that a process of a server keeps until it ends: when one
 * comes back after another, both run, with the same key.
 */
export class Instances {
  /** Newest last. */
  readonly #seen = new Map<string, string[]>()
  /** When an instance came back, milliseconds since 1970. */
  readonly #returned = new Map<string, number>()

  /** Takes note of a hello at `now`; true when it shows that the peer runs twice, and that was not known. */
  note(peerId: string, instance: string, now: number): boolean {
    const seen = this.#seen.get(peerId) ?? []
    if (seen.at(-1) === instance) return false
    this.#seen.set(peerId, [...seen.filter((each) => each !== instance), instance].slice(-REMEMBERED))
    if (!seen.includes(instance)) return false
    const known = this.runsTwice(peerId, now)
    this.#returned.set(peerId, now)
    return !known
  }

  /** True while two processes with the key of this peer take turns. */
  runsTwice(peerId: string, now: number): boolean {
    const returned = this.#returned.get(peerId)
    return returned !== undefined && Math.abs(now - returned) < TOLD_MS
  }

  /** The peer is not registered any more. */
  forget(peerId: string): void {
    this.#seen.delete(peerId)
    this.#returned.delete(peerId)
  }
}
