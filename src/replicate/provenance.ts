import type { Digest } from '../image/digest.ts'
import type { State } from '../state/state.ts'

/**
 * Whether the image that a job brings takes bytes from anything but its origin: from images of other servers, or from files of the
 * operator. Only a replica that took none may be served back to its origin, so it is recorded before the first byte is taken.
 */
export class Provenance {
  readonly #state: State
  readonly #job: number
  readonly #peer: string
  /** Before this attempt nothing foreign was opened. */
  readonly #wasPure: boolean
  #taken = false

  constructor(state: State, { id, peer }: { id: number; peer: string }) {
    this.#state = state
    this.#job = id
    this.#peer = peer
    this.#wasPure = !state.jobs.hasForeignBytes(id)
  }

  /** A source is about to be used, or perhaps: a content of this disk, or with undefined anything else. */
  readonly use = (content: Digest | undefined, how: 'taken' | 'perhaps'): void => {
    const { images, jobs, db } = this.#state
    if (content !== undefined && images.isPureContent(content, this.#peer)) return
    if (how === 'taken') this.#taken = true
    if (!jobs.hasForeignBytes(this.#job)) db.durably(() => jobs.setForeignBytes(this.#job, true))
  }

  /** Bytes were taken from a source that was perhaps to be used. */
  noteTaken(): void {
    this.#taken = true
  }

  /** All is here: sources that were opened and gave nothing do not count. True when all bytes came from the origin. */
  end(): boolean {
    const { jobs, db } = this.#state
    if (this.#wasPure && !this.#taken && jobs.hasForeignBytes(this.#job))
      db.durably(() => jobs.setForeignBytes(this.#job, false))
    return !jobs.hasForeignBytes(this.#job)
  }
}
