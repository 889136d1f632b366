import * as fc from 'fast-check'
import type { Arbitrary } from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { defaultLimits as limits } from '../../../src/core/limits.ts'
import { verifyManifest } from '../../../src/image/manifest.ts'
import { receiptStates } from '../../../src/image/receipt.ts'
import * as content from '../../../src/wire/content.ts'
import * as farewell from '../../../src/wire/farewell.ts'
import * as hello from '../../../src/wire/hello.ts'
import * as journal from '../../../src/wire/journal.ts'
import { openManifest, sealManifest } from '../../../src/wire/manifest.ts'
import * as receipt from '../../../src/wire/receipt.ts'
import * as subscriptions from '../../../src/wire/subscriptions.ts'
import * as arbitrary from '../../support/arbitraries.ts'
import { testKey, type TestKey } from '../../support/keys.ts'
import { testImage } from '../../support/manifests.ts'

let key: TestKey
beforeAll(async () => {
  key = await testKey('origin')
})

/** What was encoded is what is decoded, for all values. */
function roundTrips<T>(
  values: Arbitrary<T>,
  encode: (value: T) => Uint8Array,
  decode: (bytes: Uint8Array) => unknown,
) {
  fc.assert(
    fc.property(values, (value) => {
      expect(decode(encode(value))).toEqual(value)
    }),
  )
}

describe('there and back comes', () => {
  test('a manifest, with the bytes that were signed', () => {
    fc.assert(
      fc.property(arbitrary.manifest(key.peerId), (manifest) => {
        const sealed = sealManifest(manifest, key.sign, limits)
        const opened = openManifest(sealed.bytes, sealed.signature, limits)
        expect(opened.manifest).toEqual(manifest)
        expect(opened.id).toBe(sealed.id)
        expect(Buffer.from(opened.bytes).equals(sealed.bytes)).toBe(true)
        expect(verifyManifest(opened)).toBe(true)
      }),
    )
  })

  test('a hello', () => {
    roundTrips(arbitrary.hello, hello.encodeHello, (bytes) => hello.decodeHello(bytes, limits))
  })

  test('an answer to a hello', () => {
    const refusal = fc.constantFrom('version', 'suspended', 'invalid')
    const answers: Arbitrary<hello.HelloAnswer> = fc.oneof(
      fc.record({ refusal: fc.constant(undefined), hello: arbitrary.hello }),
      fc.record({ refusal, detail: arbitrary.text(512) }),
    )
    roundTrips(answers, hello.encodeHelloAnswer, (bytes) => hello.decodeHelloAnswer(bytes, limits))
  })

  test('a request for a journal', () => {
    const requests: Arbitrary<journal.JournalRequest> = fc.oneof(
      fc.record({ type: fc.constant('ack'), seq: arbitrary.number }),
      fc.record({
        type: fc.constant('open'),
        open: fc.record({ cursor: fc.option(arbitrary.cursor, { nil: undefined }), headOnly: fc.boolean() }),
      }),
    )
    roundTrips(requests, journal.encodeJournalRequest, (bytes) => journal.decodeJournalRequest(bytes, limits))
  })

  test('an answer of a journal', () => {
    const answers: Arbitrary<journal.JournalAnswer> = fc.oneof(
      fc.record({ type: fc.constant('start'), head: arbitrary.head }),
      fc.record({ type: fc.constant('entry'), entry: arbitrary.entry }),
      fc.record({
        type: fc.constant('refusal'),
        refusal: fc.constantFrom('cursor-unknown', 'busy', 'invalid'),
        head: fc.option(arbitrary.head, { nil: undefined }),
      }),
    )
    roundTrips(answers, journal.encodeJournalAnswer, (bytes) => journal.decodeJournalAnswer(bytes, limits))
  })

  test('an event', () => {
    roundTrips(arbitrary.event, journal.encodeEvent, (body) => journal.decodeEvent(body, limits))
  })

  test('an event with a manifest', () => {
    const image = testImage(key)
    const { bytes, signature } = image
    expect(journal.decodeEvent(journal.encodeEvent({ type: 'image-published', image }), limits)).toEqual({
      type: 'image-published',
      image: { ...image, bytes: Uint8Array.from(bytes), signature: Uint8Array.from(signature) },
    })
  })

  test('a request for content', () => {
    const requests: Arbitrary<content.ContentRequest> = fc.oneof(
      fc.record({
        image: arbitrary.digest,
        what: fc.constantFrom('segments', 'leafLists', 'leaves', 'pages', 'leafDigests', 'blockKeys'),
        run: fc.record({ first: arbitrary.number, count: arbitrary.number32 }),
        zstd: fc.boolean(),
      }),
      fc.record({ image: arbitrary.digest, what: fc.constant('pageTable') }),
      fc.record({
        image: arbitrary.digest,
        what: fc.constantFrom('patchTable', 'patch'),
        base: fc.option(arbitrary.digest, { nil: undefined }),
        run: fc.record({ first: arbitrary.number, count: arbitrary.number32 }),
      }),
      fc.record({
        image: arbitrary.digest,
        what: fc.constant('blocks'),
        wish: fc
          .tuple(arbitrary.number, fc.uint8Array({ minLength: 0, maxLength: 64 }))
          .map(([first, half]) => ({
            first,
            count: half.length,
            wanted: Buffer.from([...half, ...half]),
          })),
        zstd: fc.boolean(),
      }),
    )
    roundTrips(requests, content.encodeContentRequest, (bytes) => content.decodeContentRequest(bytes, limits))
  })

  test('an answer with content', () => {
    const code = fc.constantFrom(
      'ok' as const,
      ...(Object.keys(content.contentErrorCodes) as content.ContentCode[]),
    )
    const answers = fc.record({
      code,
      payloadBytes: arbitrary.number32,
      compressed: fc.boolean(),
      retryAfterMs: arbitrary.number32,
    })
    roundTrips(answers, content.encodeContentAnswer, (bytes) => content.decodeContentAnswer(bytes, limits))
  })

  test('a receipt and its acknowledgement', () => {
    const receipts = fc.record({
      image: arbitrary.digest,
      state: fc.constantFrom(...receiptStates),
      reason: arbitrary.text(1024),
      time: arbitrary.time,
    })
    roundTrips(receipts, receipt.encodeReceipt, (bytes) => receipt.decodeReceipt(bytes, limits))
    roundTrips(fc.boolean(), receipt.encodeReceiptAck, (bytes) => receipt.decodeReceiptAck(bytes, limits))
  })

  test('the selectors of a receiver, in their order', () => {
    roundTrips(
      fc.array(arbitrary.toldSelector, { maxLength: limits.subscriptionsPeer }),
      subscriptions.encodeSubscriptions,
      (bytes) => subscriptions.decodeSubscriptions(bytes, limits),
    )
  })

  test('a farewell', () => {
    roundTrips(arbitrary.time, farewell.encodeFarewell, (bytes) => farewell.decodeFarewell(bytes, limits))
  })
})
