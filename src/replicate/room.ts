import type { Digest } from '../image/digest.ts'
import type { AnnouncedImage, Decision } from '../state/announced.ts'
import type { State } from '../state/state.ts'

/** Ordinals that are summed up together. */
const SPAN = 512

/** What an image that is wanted and under way will take. */
interface Claim {
  ordinal: number
  bytes: number
}

/** Claims of neighbouring ordinals, and their sum. */
interface Block {
  claims: Map<Digest, Claim>
  bytes: number
}

/**
 * The bytes that images of one peer take here, and will take: read once, when they are first asked for, for all decisions of one
 * transaction. Each decision is told to it.
 */
export class Room {
  readonly #state: State
  readonly #peer: string
  readonly #claims = new Map<Digest, Claim>()
  readonly #blocks = new Map<number, Block>()
  #claimed = 0
  /** Bytes of what is here; undefined: nothing was asked yet. */
  #here: number | undefined

  constructor(state: State, peer: string) {
    this.#state = state
    this.#peer = peer
  }

  /** Bytes of all that is here, and of what is wanted and under way. */
  get taken(): number {
    return this.#read() + this.#claimed
  }

  /**
   * Bytes of what goes before an image: of all that is here, and of what is wanted and under way. That is all of it while the image has
   * no job, else what was announced earlier.
   */
  takenBefore({ sealed: { id }, ordinal }: AnnouncedImage): number {
    const here = this.#read()
    const own = this.#claims.get(id)
    if (this.#state.jobs.liveOf(this.#peer, id) === undefined) return here + this.#claimed - (own?.bytes ?? 0)
    const last = blockOf(ordinal)
    let bytes = own !== undefined && own.ordinal < ordinal ? -own.bytes : 0
    for (const [at, block] of this.#blocks) if (at < last) bytes += block.bytes
    for (const claim of this.#blocks.get(last)?.claims.values() ?? [])
      if (claim.ordinal < ordinal) bytes += claim.bytes
    return here + bytes
  }

  /** Takes note of what was decided, after it was recorded. */
  decided({ sealed: { id }, ordinal }: AnnouncedImage, decision: Decision): void {
    if (this.#here === undefined) return
    const job = decision === 'wanted' ? this.#state.jobs.liveOf(this.#peer, id) : undefined
    this.#drop(id)
    if (job !== undefined) this.#add(id, { ordinal, bytes: job.bytesTotal })
  }

  #read(): number {
    if (this.#here !== undefined) return this.#here
    for (const { image, ordinal, bytes } of this.#state.jobs.claims(this.#peer))
      this.#add(image, { ordinal, bytes })
    this.#here = this.#state.images.bytesOf(this.#peer)
    return this.#here
  }

  #add(image: Digest, claim: Claim): void {
    const at = blockOf(claim.ordinal)
    const block = this.#blocks.get(at) ?? { claims: new Map<Digest, Claim>(), bytes: 0 }
    this.#blocks.set(at, block)
    block.claims.set(image, claim)
    block.bytes += claim.bytes
    this.#claims.set(image, claim)
    this.#claimed += claim.bytes
  }

  #drop(image: Digest): void {
    const claim = this.#claims.get(image)
    if (claim === undefined) return
    const block = this.#blocks.get(blockOf(claim.ordinal)) as Block
    block.claims.delete(image)
    block.bytes -= claim.bytes
    this.#claims.delete(image)
    this.#claimed -= claim.bytes
  }
}

function blockOf(ordinal: number): number {
  return Math.floor(ordinal / SPAN)
}
