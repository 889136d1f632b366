import type { Limits } from '../core/limits.ts'
import type { Digest } from '../image/digest.ts'
import type { WorkPool } from '../store/work/pool.ts'

/** Fewer bytes are sent as they are. */
const LEAST_BYTES = 4 * 1024
/** Share of the bytes that the compressed form must stay under: less saved is not worth the receiver's work. */
const WORTH = 0.95
/** Answers at most that are sent as they are before the next is tried, after some that did not compress. */
const MOST_SKIPPED = 64
/** Contents of which it is remembered how they compress. */
const MOST_CONTENTS = 256

interface Experience {
  /** Answers in a row that did not compress. */
  failures: number
  /** Answers to send as they are before the next trial. */
  skip: number
}

/**
 * Compresses answers where that is worth it: an answer that does not compress is sent raw, and after each such answer more of the
 * same content are not even tried, up to {@link MOST_SKIPPED}.
 */
export class Packing {
  readonly #work: WorkPool
  readonly #limits: Limits
  readonly #experience = new Map<Digest, Experience>()

  constructor(work: WorkPool, limits: Limits) {
    this.#work = work
    this.#limits = limits
  }

  /** The bytes of an answer as they travel. */
  async pack(content: Digest, bytes: Uint8Array): Promise<{ payload: Uint8Array; compressed: boolean }> {
    const raw = { payload: bytes, compressed: false }
    if (bytes.length < LEAST_BYTES) return raw
    const experience = this.#of(content)
    if (experience.skip > 0) {
      experience.skip--
      return raw
    }
    const { zstdLevel: level } = this.#limits
    const packed = await this.#work.run('pack', { bytes, level, worth: WORTH })
    if (packed !== undefined) {
      experience.failures = 0
      return { payload: packed, compressed: true }
    }
    experience.skip = Math.min(MOST_SKIPPED, 2 ** experience.failures++)
    return raw
  }

  #of(content: Digest): Experience {
    let experience = this.#experience.get(content)
    if (experience === undefined) {
      if (this.#experience.size >= MOST_CONTENTS) this.#experience.clear()
      experience = { failures: 0, skip: 0 }
      this.#experience.set(content, experience)
    }
    return experience
  }
}
