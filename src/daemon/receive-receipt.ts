import type { Digest } from '../image/digest.ts'
import type { Receipt } from '../image/receipt.ts'
import { isAnnounced } from '../state/images.ts'
import type { State } from '../state/state.ts'

export interface Receiving {
  selfId: string
  state: State
  /** Hears of a content of which a receiver says that leaves are wrong. */
  onWrong: (content: Digest) => void
}

/** Records a receipt about one of our own images that was announced; false for any other image. */
export function receiveReceipt(
  { selfId, state, onWrong }: Receiving,
  peerId: string,
  receipt: Receipt,
): boolean {
  const image = state.images.byId(receipt.image)
  if (image?.sealed.manifest.origin !== selfId) return false
  // One that was never announced is treated like an id that nobody knows: it may stand in the line of another image.
  if (!isAnnounced(image) && !state.journal.names(receipt.image)) return false
  state.receipts.receive(peerId, receipt)
  if (receipt.state === 'wanted' && receipt.reason === 'wrong-content') onWrong(image.sealed.manifest.content)
  return true
}
