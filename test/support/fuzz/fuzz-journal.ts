import {
  bodyDigest,
  entryHash,
  genesisHash,
  signHead,
  type Cursor,
  type Head,
  type JournalEntry,
} from '../../../src/image/journal.ts'
import type { TestKey } from '../keys.ts'
import type { Choices } from './choices.ts'

/** A journal whose chain and signatures hold, whatever its entries say; it keeps only what its reader did not acknowledge. */
export class FuzzJournal {
  readonly #key: TestKey
  #cursor: Cursor
  #time = 0
  #entries: JournalEntry[] = []

  constructor(key: TestKey, choices: Choices) {
    this.#key = key
    this.#cursor = FuzzJournal.#beginning(choices)
  }

  static #beginning(choices: Choices): Cursor {
    const journalId = choices.bytes(16).toString('hex')
    return { journalId, seq: 0, hash: genesisHash(journalId) }
  }

  /** Begins another journal. */
  renew(choices: Choices): void {
    this.#cursor = FuzzJournal.#beginning(choices)
    this.#entries = []
    this.#time = 0
  }

  /** The signed head. */
  head(): Head {
    return signHead({ ...this.#cursor, time: this.#time }, this.#key.sign)
  }

  append(body: Uint8Array): void {
    const entry = {
      seq: this.#cursor.seq + 1,
      time: this.#time + 1,
      previous: this.#cursor.hash,
      bodyDigest: bodyDigest(body),
    }
    const next = { journalId: this.#cursor.journalId, seq: entry.seq, hash: entryHash(entry) }
    const { signature } = signHead({ ...next, time: entry.time }, this.#key.sign)
    this.#cursor = next
    this.#time = entry.time
    this.#entries.push({ ...entry, body, signature })
  }

  /** Entries after `seq`, as far as they are kept. */
  after(seq: number): JournalEntry[] {
    return this.#entries.filter((entry) => entry.seq > seq)
  }

  /** The reader has everything up to `seq`. */
  forget(seq: number): void {
    this.#entries = this.#entries.filter((entry) => entry.seq > seq)
  }

  /** True when a reader that holds `cursor` can go on. */
  continues(cursor: Cursor | undefined): boolean {
    if (cursor === undefined) return this.#cursor.seq === 0 || this.#entries[0]?.seq === 1
    if (cursor.journalId !== this.#cursor.journalId) return false
    const next = this.#entries.find(({ seq }) => seq === cursor.seq + 1)
    return next === undefined ? cursor.hash === this.#cursor.hash : next.previous === cursor.hash
  }
}
