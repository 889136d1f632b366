import { alignedMemory } from '../store/direct.ts'

/** A buffer for one answer after the other, in memory that other threads see too; kept until what uses it has ended. */
export class Receiving {
  #memory: Buffer = Buffer.alloc(0)
  #use: Promise<void> = Promise.resolve()

  /** Resolves when nothing uses the buffer any more; rejects as what used it did. */
  async free(): Promise<void> {
    await this.#use
  }

  /** The first `length` bytes; the buffer must be free. */
  ofLength(length: number): Buffer {
    if (this.#memory.length < length) this.#memory = alignedMemory(length)
    return this.#memory.subarray(0, length)
  }

  /** Keeps the buffer until `use` has ended. */
  use(use: Promise<void>): void {
    this.#use = use
    use.catch(() => {}) // free() tells
  }
}
