import type { Needs, Reservation, SpaceLedger } from '../store/space.ts'

/** Space that one attempt reserved: each time what comes next, when what was reserved before is written. */
export class AttemptSpace {
  readonly #ledger: SpaceLedger
  #reserved: Reservation | undefined
  readonly #onNeeds: (needs: Needs) => void
  #needs: Needs = { bytes: 0, inodes: 0 }
  /** What it was asked for in all. */
  readonly all: Needs = { bytes: 0, inodes: 0 }

  /** `onNeeds`: told often what is still needed. */
  constructor(ledger: SpaceLedger, onNeeds: (needs: Needs) => void) {
    this.#ledger = ledger
    this.#onNeeds = onNeeds
  }

  async reserve(needs: Needs): Promise<void> {
    this.#needs = needs
    this.all.bytes += needs.bytes
    this.all.inodes += needs.inodes
    this.#onNeeds(needs)
    this.release()
    this.#reserved = await this.#ledger.reserve(needs.bytes, needs.inodes)
  }

  /** Bytes of content that are still to be written: the last that was reserved. */
  shrinkTo(bytes: number): void {
    this.#reserved?.shrinkTo(bytes)
    this.#onNeeds({ ...this.#needs, bytes: Math.min(this.#needs.bytes, bytes) })
  }

  release(): void {
    this.#reserved?.release()
    this.#reserved = undefined
  }
}
