import { IngotError } from '../core/errors.ts'
import type { Limits } from '../core/limits.ts'
import { fromDigest } from '../image/digest.ts'
import {
  RECEIPT_REASON_CHARACTERS,
  receiptStates,
  type Receipt,
  type ReceiptState,
} from '../image/receipt.ts'
import { decodeMessage, digestOf, encodeMessage, textOf, timeOf } from './decode.ts'
import { ingot } from './generated/messages.js'

const states: Record<ReceiptState, ingot.ReceiptState> = {
  wanted: ingot.ReceiptState.RECEIPT_WANTED,
  fetching: ingot.ReceiptState.RECEIPT_FETCHING,
  enabled: ingot.ReceiptState.RECEIPT_ENABLED,
  refused: ingot.ReceiptState.RECEIPT_REFUSED,
  deleted: ingot.ReceiptState.RECEIPT_DELETED,
}

export function encodeReceipt(receipt: Receipt): Uint8Array {
  return encodeMessage(ingot.Receipt, {
    ...receipt,
    image: fromDigest(receipt.image),
    state: states[receipt.state],
  })
}

export function decodeReceipt(bytes: Uint8Array, limits: Limits): Receipt {
  const message = decodeMessage(ingot.Receipt, bytes, limits.messageBytes)
  const state = receiptStates.find((name) => states[name] === message.state)
  if (state === undefined) throw new IngotError('invalid', 'a receipt of an unknown state')
  return {
    image: digestOf(message.image, 'image'),
    state,
    reason: textOf(message.reason, RECEIPT_REASON_CHARACTERS, 'reason'),
    time: timeOf(message.time, 'time'),
  }
}

export function encodeReceiptAck(accepted: boolean): Uint8Array {
  return encodeMessage(ingot.ReceiptAck, { accepted })
}

export function decodeReceiptAck(bytes: Uint8Array, limits: Limits): boolean {
  return decodeMessage(ingot.ReceiptAck, bytes, limits.messageBytes).accepted ?? false
}
