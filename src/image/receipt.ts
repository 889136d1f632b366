import type { Digest } from './digest.ts'

export const receiptStates = ['wanted', 'fetching', 'enabled', 'refused', 'deleted'] as const
export type ReceiptState = (typeof receiptStates)[number]

/** Most characters of a reason. */
export const RECEIPT_REASON_CHARACTERS = 1024

/** How a receiver stands with one of the origin's images. */
export interface Receipt {
  image: Digest
  state: ReceiptState
  reason: string
  /** Milliseconds since 1970. */
  time: number
}
