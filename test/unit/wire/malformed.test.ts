import * as fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { isIngotError } from '../../../src/core/errors.ts'
import { defaultLimits as limits } from '../../../src/core/limits.ts'
import type { Head } from '../../../src/image/journal.ts'
import {
  decodeContentAnswer,
  decodeContentRequest,
  encodeContentAnswer,
  encodeContentRequest,
} from '../../../src/wire/content.ts'
import { decodeFarewell, encodeFarewell } from '../../../src/wire/farewell.ts'
import { decodeHello, decodeHelloAnswer, encodeHello, encodeHelloAnswer } from '../../../src/wire/hello.ts'
import {
  decodeEvent,
  decodeJournalAnswer,
  decodeJournalRequest,
  encodeEvent,
  encodeJournalAnswer,
  encodeJournalRequest,
} from '../../../src/wire/journal.ts'
import { openManifest } from '../../../src/wire/manifest.ts'
import { decodeReceipt, encodeReceipt } from '../../../src/wire/receipt.ts'
import {
  decodeSubscriptions,
  encodeSubscriptions,
  type ToldSelector,
} from '../../../src/wire/subscriptions.ts'
import { testKey } from '../../support/keys.ts'
import { testDigest, testImage } from '../../support/manifests.ts'

/** A number whose encoding stands out in a message: the last millisecond that a date can hold. */
const MARK = 8.64e15
const markBytes = Buffer.from('8080f0968cc1ac0f', 'hex')
/** The encoding of 2^53, the first number that is not exact any more: as many bytes. */
const beyondBytes = Buffer.from('8080808080808010', 'hex')

const digest = testDigest('x')
const head: Head = {
  journalId: 'ab'.repeat(16),
  seq: MARK,
  hash: digest,
  time: MARK,
  signature: new Uint8Array(64),
}
const helloValue = {
  version: 1,
  software: 'ingot',
  features: ['a'],
  addresses: ['/ip4/127.0.0.1/tcp/1'],
  name: 'munich',
  ownHead: head,
  heldHead: head,
  instance: 'cd'.repeat(16),
  contentOnly: false,
}
const entry = {
  seq: MARK,
  time: MARK,
  previous: digest,
  bodyDigest: digest,
  body: new Uint8Array(9),
  signature: new Uint8Array(64),
}
const cursor = { journalId: head.journalId, seq: MARK, hash: digest }

const selectors: ToldSelector[] = [
  { kind: 'all' },
  { kind: 'image', image: digest },
  { kind: 'image', image: undefined },
  { kind: 'series', series: 'lts' },
  { kind: 'imagetype', imageType: 'web-vm' },
]

let manifest: Uint8Array
let published: Uint8Array
beforeAll(async () => {
  const image = testImage(await testKey('origin'), { createdAt: MARK })
  manifest = image.bytes
  published = encodeEvent({ type: 'image-published', image })
})

interface Message {
  name: string
  valid: () => Uint8Array
  decode: (bytes: Uint8Array) => unknown
  /** How many numbers of 64 bits it has. */
  numbers: number
}

const messages: Message[] = [
  {
    name: 'manifest',
    valid: () => manifest,
    decode: (b) => openManifest(b, new Uint8Array(64), limits),
    numbers: 1,
  },
  { name: 'event', valid: () => published, decode: (b) => decodeEvent(b, limits), numbers: 1 },
  {
    name: 'event of a series',
    valid: () => encodeEvent({ type: 'series-created', series: 'lts' }),
    decode: (b) => decodeEvent(b, limits),
    numbers: 0,
  },
  {
    name: 'event of an image that is put into a series',
    valid: () => encodeEvent({ type: 'series-inserted', series: 'lts', image: digest, place: MARK }),
    decode: (b) => decodeEvent(b, limits),
    numbers: 1,
  },
  { name: 'hello', valid: () => encodeHello(helloValue), decode: (b) => decodeHello(b, limits), numbers: 4 },
  {
    name: 'answer to a hello',
    valid: () => encodeHelloAnswer({ refusal: undefined, hello: helloValue }),
    decode: (b) => decodeHelloAnswer(b, limits),
    numbers: 4,
  },
  {
    name: 'request for a journal',
    valid: () => encodeJournalRequest({ type: 'open', open: { cursor, headOnly: false } }),
    decode: (b) => decodeJournalRequest(b, limits),
    numbers: 1,
  },
  {
    name: 'acknowledgement',
    valid: () => encodeJournalRequest({ type: 'ack', seq: MARK }),
    decode: (b) => decodeJournalRequest(b, limits),
    numbers: 1,
  },
  {
    name: 'entry of a journal',
    valid: () => encodeJournalAnswer({ type: 'entry', entry }),
    decode: (b) => decodeJournalAnswer(b, limits),
    numbers: 2,
  },
  {
    name: 'start of a journal',
    valid: () => encodeJournalAnswer({ type: 'start', head }),
    decode: (b) => decodeJournalAnswer(b, limits),
    numbers: 2,
  },
  {
    name: 'request for content',
    valid: () => encodeContentRequest({ image: digest, what: 'leaves', run: { first: MARK, count: 1 } }),
    decode: (b) => decodeContentRequest(b, limits),
    numbers: 1,
  },
  {
    name: 'answer with content',
    valid: () => encodeContentAnswer({ code: 'ok', payloadBytes: 5, compressed: false, retryAfterMs: 7 }),
    decode: (b) => decodeContentAnswer(b, limits),
    numbers: 0,
  },
  {
    name: 'receipt',
    valid: () => encodeReceipt({ image: digest, state: 'refused', reason: 'because', time: MARK }),
    decode: (b) => decodeReceipt(b, limits),
    numbers: 1,
  },
  {
    name: 'list of selectors',
    valid: () => encodeSubscriptions(selectors),
    decode: (b) => decodeSubscriptions(b, limits),
    numbers: 0,
  },
  {
    name: 'farewell',
    valid: () => encodeFarewell(MARK),
    decode: (b) => decodeFarewell(b, limits),
    numbers: 1,
  },
]

/** Decodes; anything else than a value or a refusal fails the test. */
function isTaken(message: Message, bytes: Uint8Array): boolean {
  try {
    message.decode(bytes)
    return true
  } catch (error) {
    if (isIngotError(error, 'invalid', 'too-large')) return false
    throw error
  }
}

/** The places where `part` stands in `bytes`. */
function placesOf(part: Buffer, bytes: Uint8Array): number[] {
  const places: number[] = []
  const whole = Buffer.from(bytes)
  for (let at = whole.indexOf(part); at >= 0; at = whole.indexOf(part, at + part.length)) places.push(at)
  return places
}

describe.each(messages)('$name', (message) => {
  test('is taken as it is', () => {
    expect(isTaken(message, message.valid())).toBe(true)
  })

  test('of random bytes is taken or refused, and nothing else happens', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        isTaken(message, bytes)
      }),
      { numRuns: 500 },
    )
  })

  test('with an altered byte is taken or refused, and nothing else happens', () => {
    const valid = message.valid()
    for (let at = 0; at < valid.length; at++) {
      for (const change of [0x01, 0x80, 0xff]) {
        const altered = Uint8Array.from(valid)
        altered[at] = (altered[at] as number) ^ change
        isTaken(message, altered)
      }
    }
  })

  test('that is cut off is taken or refused, and nothing else happens', () => {
    const valid = message.valid()
    for (let length = 0; length < valid.length; length++) isTaken(message, valid.subarray(0, length))
    // A field that announces more than there is.
    expect(isTaken(message, Buffer.concat([valid, Buffer.from([0x0a, 0x7f])]))).toBe(false)
  })

  test('of nested groups without end is refused', () => {
    expect(isTaken(message, Buffer.alloc(60_000, 0xfb))).toBe(false)
    expect(isTaken(message, Buffer.alloc(60_000, 0x7b))).toBe(false)
  })

  test('that is oversize is refused before it is decoded', () => {
    // These bytes decode to nothing; only a look at the length can tell that they are too many.
    const bytes = Buffer.alloc(limits.messageBytes + 1, 0xff)
    expect(() => message.decode(bytes)).toThrow(expect.objectContaining({ code: 'too-large' }))
  })

  test('with unknown fields is taken', () => {
    const unknown = Buffer.from([0xfa, 0x3f, 0x02, 1, 2]) // field 1023, two bytes
    expect(isTaken(message, Buffer.concat([message.valid(), unknown]))).toBe(true)
  })

  test('with a number beyond 53 bits is refused', () => {
    const valid = message.valid()
    const places = placesOf(markBytes, valid)
    expect(places).toHaveLength(message.numbers)
    for (const at of places) {
      const beyond = Buffer.from(valid)
      beyondBytes.copy(beyond, at)
      expect(isTaken(message, beyond)).toBe(false)
    }
  })
})

test('a time beyond what a date can hold is refused', () => {
  expect(() => decodeFarewell(encodeFarewell(MARK + 1), limits)).toThrow(
    expect.objectContaining({ code: 'invalid' }),
  )
})

describe('what is missing', () => {
  test.each([
    ['hello', (b: Uint8Array) => decodeHello(b, limits)],
    ['answer to a hello', (b: Uint8Array) => decodeHelloAnswer(b, limits)],
    ['request for a journal', (b: Uint8Array) => decodeJournalRequest(b, limits)],
    ['answer of a journal', (b: Uint8Array) => decodeJournalAnswer(b, limits)],
    ['request for content', (b: Uint8Array) => decodeContentRequest(b, limits)],
    ['receipt', (b: Uint8Array) => decodeReceipt(b, limits)],
    ['manifest', (b: Uint8Array) => openManifest(b, new Uint8Array(64), limits)],
  ])('is not made up: an empty %s is refused', (_, decode) => {
    expect(() => decode(new Uint8Array())).toThrow(expect.objectContaining({ code: 'invalid' }))
  })

  test('an event of a later version is unknown, not refused', () => {
    expect(decodeEvent(Buffer.from([0xfa, 0x3f, 0x02, 1, 2]), limits)).toEqual({ type: 'unknown' })
    expect(decodeEvent(new Uint8Array(), limits)).toEqual({ type: 'unknown' })
  })
})
