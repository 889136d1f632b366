import type { Limits } from '../core/limits.ts'
import type { Head } from '../image/journal.ts'
import { bytesOf, decodeMessage, encodeMessage, listOf, present, textOf, whole } from './decode.ts'
import { ingot } from './generated/messages.js'
import { headFromMessage, headToMessage } from './journal.ts'

/** The version of the protocols between servers that this server speaks. */
export const PROTOCOL_VERSION = 1

/** Feature: the sender answers `patch_table` and `patch`. */
export const PATCHES = 'patches'

/** Feature: the sender serves a replica that is its origin's alone back to that origin, which may have lost parts of it. */
export const REPAIR = 'repair'

/** What two servers tell each other on a new connection. */
export interface Hello {
  version: number
  /** For logs only. */
  software: string
  features: string[]
  /** Multiaddrs at which the sender can be dialled now. */
  addresses: string[]
  name: string
  ownHead: Head
  /** Newest head of the other's journal that the sender holds. */
  heldHead: Head | undefined
  /** Hex of 16 random bytes: another value means that the sender was restarted. */
  instance: string
  /** This connection is for content, beside the link that is up. */
  contentOnly: boolean
}

export type HelloRefusal = 'version' | 'suspended' | 'invalid'

export type HelloAnswer = { refusal: HelloRefusal; detail: string } | { refusal: undefined; hello: Hello }

const refusals = {
  version: ingot.HelloRefusal.HELLO_REFUSAL_VERSION,
  suspended: ingot.HelloRefusal.HELLO_REFUSAL_SUSPENDED,
  invalid: ingot.HelloRefusal.HELLO_REFUSAL_INVALID,
} as const

function toMessage(hello: Hello): ingot.Hello.$Properties {
  return {
    ...hello,
    ownHead: headToMessage(hello.ownHead),
    heldHead: hello.heldHead === undefined ? null : headToMessage(hello.heldHead),
    instance: Buffer.from(hello.instance, 'hex'),
  }
}

function fromMessage(message: ingot.Hello.$Properties, limits: Limits): Hello {
  return {
    version: whole(message.version, 'version'),
    software: textOf(message.software, 128, 'software'),
    features: listOf(message.features, 64, 'features').map((feature) => textOf(feature, 64, 'features')),
    addresses: listOf(message.addresses, limits.addressesPerPeer, 'addresses').map((a) =>
      textOf(a, 512, 'addresses'),
    ),
    name: textOf(message.name, 128, 'name'),
    ownHead: headFromMessage(present(message.ownHead, 'own_head')),
    heldHead: message.heldHead == null ? undefined : headFromMessage(message.heldHead),
    instance: Buffer.from(bytesOf(message.instance, 16, 'instance')).toString('hex'),
    contentOnly: message.contentOnly ?? false,
  }
}

export function encodeHello(hello: Hello): Uint8Array {
  return encodeMessage(ingot.Hello, toMessage(hello))
}

export function decodeHello(bytes: Uint8Array, limits: Limits): Hello {
  return fromMessage(decodeMessage(ingot.Hello, bytes, limits.messageBytes), limits)
}

export function encodeHelloAnswer(answer: HelloAnswer): Uint8Array {
  return encodeMessage(
    ingot.HelloAnswer,
    answer.refusal === undefined
      ? { hello: toMessage(answer.hello) }
      : { refusal: refusals[answer.refusal], detail: answer.detail },
  )
}

export function decodeHelloAnswer(bytes: Uint8Array, limits: Limits): HelloAnswer {
  const message = decodeMessage(ingot.HelloAnswer, bytes, limits.messageBytes)
  if ((message.refusal ?? 0) === ingot.HelloRefusal.HELLO_REFUSAL_NONE) {
    return { refusal: undefined, hello: fromMessage(present(message.hello, 'hello'), limits) }
  }
  const known = (Object.keys(refusals) as HelloRefusal[]).find((name) => refusals[name] === message.refusal)
  return { refusal: known ?? 'invalid', detail: textOf(message.detail, 512, 'detail') }
}
