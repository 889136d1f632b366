/** A violation of what must hold whatever is killed. */
export class Violation extends Error {}

/** A key (an image, a series, a subscription …) and its value; undefined: it is not there. */
export type Change = readonly [key: string, value: string | undefined]

/**
 * What one server must know: everything that it acknowledged. What it was asked for and did not answer, because it was killed, may be
 * there or not; the next look decides, and from then on it stays so.
 */
export class Facts {
  readonly #certain = new Map<string, string>()
  readonly #open = new Map<string, Set<string | undefined>>()

  /** It is asked for these. */
  ask(changes: readonly Change[]): void {
    for (const [key, value] of changes) {
      const values = this.#open.get(key) ?? new Set()
      this.#open.set(key, values.add(value))
    }
  }

  /** It said that they are done. */
  acknowledge(changes: readonly Change[]): void {
    for (const [key, value] of changes) {
      this.#open.delete(key)
      this.#set(key, value)
    }
  }

  /** It said that they are not done. */
  refuse(changes: readonly Change[]): void {
    for (const [key] of changes) this.#open.delete(key)
  }

  /** Compares with what is there, of which nothing else is asked meanwhile. Throws {@link Violation}. */
  settle(found: ReadonlyMap<string, string>, who: string): void {
    for (const key of new Set([...this.#certain.keys(), ...this.#open.keys(), ...found.keys()])) {
      const allowed = new Set([this.#certain.get(key), ...(this.#open.get(key) ?? [])])
      const value = found.get(key)
      if (!allowed.has(value)) {
        const texts = [...allowed].map((each) => each ?? 'absent').join(' or ')
        throw new Violation(`${who}: ${key} is ${value ?? 'absent'}, and must be ${texts}`)
      }
      this.#set(key, value)
    }
    this.#open.clear()
  }

  get(key: string): string | undefined {
    return this.#certain.get(key)
  }

  /** Certain keys with a prefix, without it. */
  keys(prefix: string): string[] {
    return [...this.#certain.keys()]
      .filter((key) => key.startsWith(prefix))
      .map((key) => key.slice(prefix.length))
  }

  #set(key: string, value: string | undefined): void {
    if (value === undefined) this.#certain.delete(key)
    else this.#certain.set(key, value)
  }
}
