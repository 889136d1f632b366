import { defaultLimits } from '../../../src/core/limits.ts'
import type { Traced } from '../../../src/net/trace.ts'
import { decodeEvent, decodeJournalAnswer } from '../../../src/wire/journal.ts'
import { decodeReceipt } from '../../../src/wire/receipt.ts'

/** Hears what servers announce and tell of images, as it leaves them: each may speak of its own images, or to the origin of an image. */
export class WireWatch {
  /** What was said that must not be. */
  readonly faults: string[] = []
  /** Peer id of the origin of each image that was announced. */
  readonly #origins = new Map<string, string>()
  /** Streams on which the server that sends asked first. */
  readonly #asking = new Set<number>()
  readonly #seen = new Set<number>()

  /** What crossed a stream of the server `selfId`. */
  see(selfId: string, { peerId, protocol, direction, stream, bytes, kind }: Traced): void {
    if (kind !== 'frame' || (protocol !== '/ingot/journal/1' && protocol !== '/ingot/receipt/1')) return
    if (!this.#seen.has(stream)) {
      this.#seen.add(stream)
      if (direction === 'out') this.#asking.add(stream)
    }
    if (direction === 'in') return
    try {
      const asks = this.#asking.has(stream)
      if (protocol === '/ingot/journal/1' && !asks) this.#announces(selfId, peerId, bytes)
      if (protocol === '/ingot/receipt/1' && asks) this.#tells(selfId, peerId, bytes)
    } catch (error) {
      this.faults.push(`${selfId} sent what cannot be read: ${String(error)}`)
    }
  }

  #announces(selfId: string, peerId: string, bytes: Uint8Array): void {
    const answer = decodeJournalAnswer(bytes, defaultLimits)
    if (answer.type !== 'entry' || answer.entry.body === undefined) return
    const event = decodeEvent(answer.entry.body, defaultLimits)
    if (event.type !== 'image-published') return
    const { id, manifest } = event.image
    this.#origins.set(id, manifest.origin)
    if (manifest.origin !== selfId)
      this.faults.push(`${selfId} announced ${manifest.name} of ${manifest.origin} to ${peerId}`)
  }

  #tells(selfId: string, peerId: string, bytes: Uint8Array): void {
    const { image } = decodeReceipt(bytes, defaultLimits)
    const origin = this.#origins.get(image)
    if (origin !== undefined && origin !== peerId)
      this.faults.push(`${selfId} told ${peerId} of an image of ${origin}`)
  }
}
