import { randomBytes } from '../files.ts'
import { seededRandom } from '../random.ts'

/** From which random bytes are cut: to make them anew would take longer than to send them. */
const POOL = randomBytes(1024 * 1024, 'fuzz')

/** Choices that only depend on a seed. */
export class Choices {
  readonly #random: () => number
  readonly #seed: number

  constructor(seed: number) {
    this.#seed = seed
    this.#random = seededRandom(seed)
  }

  /** Others that depend on the same seed and a number. */
  child(number: number): Choices {
    return new Choices((Math.imul(this.#seed, 0x9e3779b1) ^ Math.imul(number + 1, 0x85ebca6b)) | 0)
  }

  /** A whole number from 0 to `count` − 1. */
  below(count: number): number {
    return Math.floor(this.#random() * count)
  }

  /** True with this probability. */
  chance(probability: number): boolean {
    return this.#random() < probability
  }

  one<T>(items: readonly T[]): T {
    if (items.length === 0) throw new RangeError('nothing to choose from')
    return items[this.below(items.length)] as T
  }

  /** Pseudo-random bytes. */
  bytes(length: number): Buffer {
    const at = this.below(POOL.length)
    const bytes = Buffer.allocUnsafe(length)
    for (let done = 0; done < length;) done += POOL.copy(bytes, done, done === 0 ? at : 0)
    return bytes
  }
}
