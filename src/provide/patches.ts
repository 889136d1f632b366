import { IngotError, isIngotError, systemCode } from '../core/errors.ts'
import type { Limits } from '../core/limits.ts'
import type { Digest } from '../image/digest.ts'
import type { PatchFile } from '../store/patch-file.ts'
import type { PatchRequest } from '../wire/content.ts'
import { requireRun, tooMuch } from './run.ts'

/** Where patches come from. */
export interface PatchSource {
  /**
   * The patch that makes an announced image from a base, or from nothing; whoever asks closes it. Undefined when it is not there
   * (yet).
   */
  find(image: Digest, base: Digest | undefined): Promise<PatchFile | undefined>
  /** Told of one that is damaged. */
  discard(image: Digest, base: Digest | undefined): Promise<void>
}

/** Bytes of one length in a table. */
const LENGTH_BYTES = 4

/** Answers what one stream asks of patches; the one that was asked for last stays open. The request was authorised. */
export class PatchSession {
  readonly #components: { patches: PatchSource; limits: Limits }
  #open: { image: Digest; base: Digest | undefined; patch: PatchFile } | undefined

  constructor(components: { patches: PatchSource; limits: Limits }) {
    this.#components = components
  }

  /** What answers a request, and the bytes that it has. Throws `not-found` when there is no such patch, or when it is damaged. */
  async answer(request: PatchRequest): Promise<{ bytes: number; read: () => Promise<Uint8Array> }> {
    const { payloadBytes } = this.#components.limits
    const patch = await this.#find(request)
    if (request.what === 'patchTable') {
      const { first, count } = requireRun(request.run, patch.groups, Math.floor(payloadBytes / LENGTH_BYTES))
      return {
        bytes: count * LENGTH_BYTES,
        read: async () => await Promise.resolve(patch.lengths(first, count)),
      }
    }
    const { first, count } = requireRun(request.run, patch.groups, patch.groups)
    const bytes = patch.runBytes(first, count)
    if (count > 1 && bytes > payloadBytes) throw tooMuch()
    return { bytes, read: async () => await this.#read(request, patch) }
  }

  async #read({ image, base, run }: PatchRequest, patch: PatchFile): Promise<Uint8Array> {
    try {
      return await patch.read(run.first, run.count)
    } catch (cause) {
      // Damaged, or on a part of the disk that cannot be read: leaves are another way to the same bytes.
      if (!isIngotError(cause, 'wrong-content') && systemCode(cause) === undefined) throw cause
      this.close()
      await this.#components.patches.discard(image, base)
      throw missing(cause)
    }
  }

  async #find({ image, base }: PatchRequest): Promise<PatchFile> {
    if (this.#open?.image === image && this.#open.base === base) return this.#open.patch
    const patch = await this.#components.patches.find(image, base)
    this.close()
    if (patch === undefined) throw missing()
    this.#open = { image, base, patch }
    return patch
  }

  close(): void {
    this.#open?.patch.close()
    this.#open = undefined
  }
}

function missing(cause?: unknown): IngotError {
  return new IngotError('not-found', 'there is no such patch', { cause })
}
