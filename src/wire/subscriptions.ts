import type { Limits } from '../core/limits.ts'
import { fromDigest, type Digest } from '../image/digest.ts'
import { decodeMessage, digestOf, encodeMessage, listOf, nameOf } from './decode.ts'
import { ingot } from './generated/messages.js'

/** A selector as it is told to the origin; an image of neither of the two servers is not named. */
export type ToldSelector =
  | { kind: 'all' }
  | { kind: 'image'; image: Digest | undefined }
  | { kind: 'series'; series: string }
  | { kind: 'imagetype'; imageType: string }

export function encodeSubscriptions(selectors: readonly ToldSelector[]): Uint8Array {
  return encodeMessage(ingot.Subscriptions, { selectors: selectors.map(toMessage) })
}

function toMessage(selector: ToldSelector): ingot.Selector.$Properties {
  switch (selector.kind) {
    case 'all':
      return { all: {} }
    case 'image':
      return { image: selector.image === undefined ? new Uint8Array() : fromDigest(selector.image) }
    case 'series':
      return { series: selector.series }
    case 'imagetype':
      return { imageType: selector.imageType }
  }
}

/** Limit, decode, validate. A kind of selector that this version does not know is left out. */
export function decodeSubscriptions(bytes: Uint8Array, limits: Limits): ToldSelector[] {
  const message = decodeMessage(ingot.Subscriptions, bytes, limits.messageBytes)
  return listOf(message.selectors, limits.subscriptionsPeer, 'selectors').flatMap((each): ToldSelector[] => {
    if (each.all != null) return [{ kind: 'all' }]
    if (each.image != null) {
      return [{ kind: 'image', image: each.image.length === 0 ? undefined : digestOf(each.image, 'image') }]
    }
    if (each.series != null) return [{ kind: 'series', series: nameOf(each.series, 'series') }]
    if (each.imageType != null)
      return [{ kind: 'imagetype', imageType: nameOf(each.imageType, 'image_type') }]
    return []
  })
}

export function encodeSubscriptionsAck(): Uint8Array {
  return encodeMessage(ingot.SubscriptionsAck, {})
}
