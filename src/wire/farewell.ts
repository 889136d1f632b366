import type { Limits } from '../core/limits.ts'
import { decodeMessage, encodeMessage, timeOf } from './decode.ts'
import { ingot } from './generated/messages.js'

/** `time`: when the relation was ended, milliseconds since 1970. */
export function encodeFarewell(time: number): Uint8Array {
  return encodeMessage(ingot.Farewell, { time })
}

export function decodeFarewell(bytes: Uint8Array, limits: Limits): number {
  return timeOf(decodeMessage(ingot.Farewell, bytes, limits.messageBytes).time, 'time')
}

export function encodeFarewellAck(): Uint8Array {
  return encodeMessage(ingot.FarewellAck, {})
}
