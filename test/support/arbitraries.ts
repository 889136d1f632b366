import * as fc from 'fast-check'
import type { Arbitrary } from 'fast-check'
import type { Digest } from '../../src/image/digest.ts'
import { toDigest } from '../../src/image/digest.ts'
import type { Cursor, Head, JournalEntry, KnownEvent } from '../../src/image/journal.ts'
import { builtInTypes, type Manifest } from '../../src/image/manifest.ts'
import type { Hello } from '../../src/wire/hello.ts'
import type { ToldSelector } from '../../src/wire/subscriptions.ts'

/** Values as the domain allows them, for round trips over the wire. */

export const bytes = (length: number): Arbitrary<Uint8Array> =>
  fc.uint8Array({ minLength: length, maxLength: length })

export const digest: Arbitrary<Digest> = bytes(32).map((value) => toDigest(value))

/** Whole numbers of up to 53 bits, often at the edges. */
export const number = fc.oneof(fc.maxSafeNat(), fc.constantFrom(0, 1, 2 ** 32, Number.MAX_SAFE_INTEGER))

/** Milliseconds since 1970 that a date can hold. */
export const time = fc.oneof(
  fc.maxSafeNat().map((value) => value % 8.64e15),
  fc.constantFrom(0, 1, 8.64e15),
)

export const number32 = fc.oneof(fc.nat(), fc.constantFrom(0, 1, 2 ** 32 - 1))

/** Any text that UTF-8 can carry. */
export const text = (maxLength: number): Arbitrary<string> =>
  fc.string({ unit: 'binary', maxLength: Math.floor(maxLength / 2) })

const hex16 = bytes(16).map((value) => Buffer.from(value).toString('hex'))

export const cursor: Arbitrary<Cursor> = fc.record({ journalId: hex16, seq: number, hash: digest })

export const head: Arbitrary<Head> = fc.record({
  journalId: hex16,
  seq: number,
  hash: digest,
  time,
  signature: bytes(64),
})

export const entry: Arbitrary<JournalEntry> = fc.record({
  seq: number,
  time,
  previous: digest,
  bodyDigest: digest,
  body: fc.option(fc.uint8Array(), { nil: undefined }),
  signature: bytes(64),
})

export const name = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._+-]{0,127}$/)

/** An event without a manifest. */
export const event: Arbitrary<KnownEvent> = fc.oneof(
  fc.record({ type: fc.constantFrom('image-withdrawn', 'image-deleted'), image: digest }),
  fc.record({ type: fc.constantFrom('series-created', 'series-deleted'), series: name }),
  fc.record({ type: fc.constant('series-inserted'), series: name, image: digest, place: number }),
  fc.record({ type: fc.constant('series-removed'), series: name, image: digest }),
)

export const toldSelector: Arbitrary<ToldSelector> = fc.oneof(
  fc.record({ kind: fc.constant('all') }),
  fc.record({ kind: fc.constant('image'), image: fc.option(digest, { nil: undefined }) }),
  fc.record({ kind: fc.constant('series'), series: name }),
  fc.record({ kind: fc.constant('imagetype'), imageType: name }),
)

/** Text that manifests take: no control characters, so many bytes at most. */
const plain = (maxBytes: number) =>
  // oxlint-disable-next-line no-control-regex
  text(Math.floor(maxBytes / 2)).map((value) => value.replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, '·'))

export const manifest = (origin: string): Arbitrary<Manifest> =>
  fc.oneof(
    manifestWith(origin, { kind: fc.constant('file'), sha256: digest, entries: fc.constant(undefined) }),
    manifestWith(origin, {
      kind: fc.constant('tree'),
      sha256: fc.constant(undefined),
      entries: fc.integer({ min: 1, max: 2 ** 20 }),
    }),
  )

const manifestWith = (
  origin: string,
  ofKind: { [K in 'kind' | 'sha256' | 'entries']: Arbitrary<Manifest[K]> },
): Arbitrary<Manifest> =>
  fc.record({
    ...ofKind,
    origin: fc.constant(origin),
    name,
    type: name.map((value) => `x-${value.slice(0, 100)}`),
    baseType: fc.constantFrom(...builtInTypes),
    version: plain(64),
    description: plain(200),
    labels: fc.dictionary(name, plain(200), { maxKeys: 5, noNullPrototype: true }),
    size: fc.integer({ min: 1, max: 16 * 2 ** 40 }),
    content: digest,
    ancestors: fc.uniqueArray(digest, { maxLength: 5 }),
    createdAt: time,
  })

export const hello: Arbitrary<Hello> = fc.record({
  version: number32,
  software: text(128),
  features: fc.array(text(64), { maxLength: 64 }),
  addresses: fc.array(text(100), { maxLength: 16 }),
  name: text(128),
  ownHead: head,
  heldHead: fc.option(head, { nil: undefined }),
  instance: hex16,
  contentOnly: fc.boolean(),
})
