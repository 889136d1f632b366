/** What gives something away when it is seen: bytes that occur nowhere by chance. */
interface Trace<T> {
  bytes: Buffer
  subjects: Set<T>
}

const SHORTEST = 8

/** Traces of many subjects, and a search for all of them at once, at any place of any bytes. */
export class Traces<T> {
  readonly #byText = new Map<string, Trace<T>>()
  /** By the first four bytes. */
  readonly #byHead = new Map<number, Trace<T>[]>()
  /** Which pairs of bytes some trace begins with. */
  readonly #begins = new Uint8Array(65_536)

  /** Two subjects may have a trace in common: equal content, say. */
  add(trace: Uint8Array | string, subject: T): void {
    const bytes = Buffer.from(trace)
    if (bytes.length < SHORTEST) throw new RangeError(`${bytes.toString()} is too short to be a trace`)
    const text = bytes.toString('latin1')
    const known = this.#byText.get(text)
    if (known !== undefined) {
      known.subjects.add(subject)
      return
    }
    const added = { bytes, subjects: new Set([subject]) }
    this.#byText.set(text, added)
    const head = bytes.readUInt32BE()
    const sharing = this.#byHead.get(head)
    if (sharing === undefined) this.#byHead.set(head, [added])
    else sharing.push(added)
    this.#begins[head >>> 16] = 1
  }

  /** Adds a digest: as it travels and as it is written. */
  addDigest(digest: Uint8Array, subject: T): void {
    this.add(digest, subject)
    this.add(Buffer.from(digest).toString('hex'), subject)
  }

  /** The subjects of each trace that occurs in `bytes`, and the trace. */
  *find(bytes: Uint8Array): Generator<{ trace: Buffer; subjects: ReadonlySet<T> }> {
    for (let at = 0; at + 4 <= bytes.length; at++) {
      const first = ((bytes[at] as number) << 8) | (bytes[at + 1] as number)
      if (this.#begins[first] === 0) continue
      const second = ((bytes[at + 2] as number) << 8) | (bytes[at + 3] as number)
      for (const trace of this.#byHead.get(first * 65_536 + second) ?? []) {
        if (trace.bytes.compare(bytes, at, Math.min(bytes.length, at + trace.bytes.length)) === 0)
          yield { trace: trace.bytes, subjects: trace.subjects }
      }
    }
  }
}
