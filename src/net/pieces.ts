/** Pieces below this many bytes are copied together: a peer that sends byte by byte must not cost an object for each. */
const SMALL_BYTES = 1024
const JOINED_BYTES = 16 * 1024
/** Pieces that were used up are forgotten in lots of so many. */
const SPENT = 256

/** Bytes in the order in which they came, taken from the front. */
export class Pieces {
  #pieces: Uint8Array[] = []
  /** The first piece that is not used up, and how many of its bytes are. */
  #first = 0
  #offset = 0
  /** Where small pieces are joined: the last piece is the front part of it. */
  #joined: Buffer | undefined
  /** Bytes in all. */
  length = 0

  add(piece: Uint8Array): void {
    this.length += piece.length
    if (piece.length >= SMALL_BYTES) {
      this.#joined = undefined
      this.#pieces.push(piece)
      return
    }
    const used = this.#joined === undefined ? 0 : (this.#pieces.at(-1)?.length ?? 0)
    if (this.#joined === undefined || used + piece.length > JOINED_BYTES) {
      this.#joined = Buffer.allocUnsafeSlow(JOINED_BYTES)
      this.#joined.set(piece)
      this.#pieces.push(this.#joined.subarray(0, piece.length))
      return
    }
    this.#joined.set(piece, used)
    this.#pieces[this.#pieces.length - 1] = this.#joined.subarray(0, used + piece.length)
  }

  /** Moves up to `target.length` bytes into `target`; returns how many. */
  take(target: Uint8Array): number {
    let done = 0
    while (done < target.length && this.#first < this.#pieces.length) {
      const piece = this.#pieces[this.#first] as Uint8Array
      const part = piece.subarray(this.#offset, this.#offset + target.length - done)
      target.set(part, done)
      done += part.length
      this.#offset += part.length
      if (this.#offset === piece.length) this.#next()
    }
    this.length -= done
    return done
  }

  #next(): void {
    this.#pieces[this.#first] = new Uint8Array() // let its bytes go
    this.#first++
    this.#offset = 0
    if (this.#first === this.#pieces.length) this.#joined = undefined
    if (this.#first < this.#pieces.length && this.#first < SPENT) return
    this.#pieces = this.#pieces.slice(this.#first)
    this.#first = 0
  }
}
