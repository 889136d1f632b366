import { defaultLimits as limits } from '../../../src/core/limits.ts'
import { emptyBitmap } from '../../../src/image/block-wish.ts'
import type { Digest } from '../../../src/image/digest.ts'
import { genesisHash, signHead, type Head, type KnownEvent } from '../../../src/image/journal.ts'
import { receiptStates } from '../../../src/image/receipt.ts'
import {
  decodeContentAnswer,
  decodeContentRequest,
  encodeContentAnswer,
  encodeContentRequest,
  type ContentCode,
  type ContentRequest,
} from '../../../src/wire/content.ts'
import { decodeFarewell, encodeFarewell } from '../../../src/wire/farewell.ts'
import {
  PATCHES,
  decodeHello,
  decodeHelloAnswer,
  encodeHello,
  encodeHelloAnswer,
  type Hello,
} from '../../../src/wire/hello.ts'
import {
  decodeEvent,
  decodeJournalAnswer,
  decodeJournalRequest,
  encodeEvent,
  encodeJournalAnswer,
  encodeJournalRequest,
} from '../../../src/wire/journal.ts'
import { openManifest } from '../../../src/wire/manifest.ts'
import {
  decodeReceipt,
  decodeReceiptAck,
  encodeReceipt,
  encodeReceiptAck,
} from '../../../src/wire/receipt.ts'
import {
  decodeSubscriptions,
  encodeSubscriptions,
  type ToldSelector,
} from '../../../src/wire/subscriptions.ts'
import { encodeTreeEntry, treePageDecoder } from '../../../src/wire/tree.ts'
import type { TestKey } from '../keys.ts'
import { testDigest, testImage } from '../manifests.ts'
import { raw } from '../raw-tree.ts'
import type { Choices } from './choices.ts'

/** What whoever makes messages knows: its own key, and what it learned of the server that it sends them to. */
export interface Known {
  key: TestKey
  /** Ids of images of the server: announced, private, withdrawn, and of nobody. */
  images: readonly Digest[]
  /** Head of the server's journal. */
  head: Head
}

/** A kind of message: how a valid one is made, and what reads it. */
export interface MessageKind {
  name: string
  make: (choices: Choices, known: Known) => Uint8Array
  /** Throws for what is no such message. */
  decode: (bytes: Uint8Array) => unknown
}

const digests = ['a', 'b', 'c', 'd'].map(testDigest)
const codes: ContentCode[] = [
  'ok',
  'not-announced',
  'not-found',
  'changed-on-disk',
  'too-large',
  'busy',
  'invalid',
  'internal',
]
const sizes = [0, 1, 2, 32, 64, 4096, 65_536, 65_537, 1_048_576, 4_194_304, 4_194_305, 2 ** 31, 2 ** 32 - 1]
const firsts = [0, 0, 0, 1, 2, 63, 64, 2 ** 20, 2 ** 32, Number.MAX_SAFE_INTEGER]
const counts = [0, 1, 1, 1, 2, 5, 64, 65, 1024, 4096, 65_536, 2 ** 32 - 1]

function digestFor(choices: Choices, known: Known): Digest {
  return choices.one(choices.chance(0.8) && known.images.length > 0 ? known.images : digests)
}

function runFor(choices: Choices): { first: number; count: number } {
  return { first: choices.one(firsts), count: choices.one(counts) }
}

/** A signed head of the sender's journal; sometimes one that nobody signed. */
function headFor(choices: Choices, { key, head }: Known): Head {
  if (choices.chance(0.7)) return head
  const journalId = choices.bytes(16).toString('hex')
  const at = { journalId, seq: choices.one([0, 1, 5, Number.MAX_SAFE_INTEGER]), time: 1 }
  const signed = signHead({ ...at, hash: genesisHash(journalId) }, key.sign)
  return choices.chance(0.2) ? { ...signed, signature: choices.bytes(64) } : signed
}

/** A hello without addresses but those of this machine: the server would dial them. */
export function helloFor(choices: Choices, known: Known): Hello {
  return {
    version: 1,
    software: choices.one(['fuzz', '', '\u001b[31m', 'x'.repeat(128)]),
    features: choices.chance(0.5) ? [PATCHES] : [PATCHES, 'unknown', ''],
    addresses: choices.chance(0.9) ? [] : ['/ip4/127.0.0.1/tcp/1'],
    name: choices.one(['fuzz', '..', '']),
    ownHead: headFor(choices, known),
    heldHead: choices.chance(0.5) ? undefined : headFor(choices, known),
    instance: choices.bytes(16).toString('hex'),
    contentOnly: false,
  }
}

function requestFor(choices: Choices, known: Known): ContentRequest {
  const image = digestFor(choices, known)
  const run = runFor(choices)
  switch (choices.below(5)) {
    case 0:
      return { image, what: 'pageTable' }
    case 1: {
      const { first } = run
      const count = choices.one([0, 1, 5, 1024, 1025])
      const wanted = emptyBitmap(count)
      return {
        image,
        what: 'blocks',
        wish: { first, count, wanted: Buffer.from(wanted).fill(choices.below(256)) },
        zstd: choices.chance(0.5),
      }
    }
    case 2:
      return {
        image,
        what: choices.one(['patchTable', 'patch'] as const),
        base: choices.chance(0.5) ? undefined : digestFor(choices, known),
        run,
      }
    default:
      return {
        image,
        what: choices.one(['segments', 'leafLists', 'leaves', 'pages', 'leafDigests', 'blockKeys'] as const),
        run,
        zstd: choices.chance(0.3),
      }
  }
}

function selectorsFor(choices: Choices, known: Known): ToldSelector[] {
  const kinds: ToldSelector[] = [
    { kind: 'all' },
    { kind: 'image', image: digestFor(choices, known) },
    { kind: 'image', image: undefined },
    { kind: 'series', series: 'lts' },
    { kind: 'imagetype', imageType: 'web-vm' },
  ]
  return Array.from({ length: choices.one([0, 1, 2, 256, 257]) }, () => choices.one(kinds))
}

/** An event of a journal, well formed and often without sense. */
export function eventFor(choices: Choices, known: Known): KnownEvent {
  const series = choices.one(['lts', 'fuzz', 'none'])
  const image = digestFor(choices, known)
  switch (choices.below(7)) {
    case 0:
      return { type: 'image-withdrawn', image }
    case 1:
      return { type: 'image-deleted', image }
    case 2:
      return { type: 'series-created', series }
    case 3:
      return { type: 'series-inserted', series, image, place: choices.one(firsts) }
    case 4:
      return { type: 'series-removed', series, image }
    case 5:
      return { type: 'series-deleted', series }
    default: {
      const name = `image-${choices.below(500)}`
      const ancestors = choices.chance(0.5) ? [] : [testDigest('parent'), image]
      return {
        type: 'image-published',
        image: testImage(known.key, {
          name,
          ancestors,
          size: choices.one([1, 1000, 2 ** 44]),
          createdAt: choices.below(1000),
        }),
      }
    }
  }
}

const kind = (name: string, make: MessageKind['make'], decode: MessageKind['decode']): MessageKind => ({
  name,
  make,
  decode,
})

export const kinds = {
  hello: kind(
    'hello',
    (c, k) => encodeHello(helloFor(c, k)),
    (b) => decodeHello(b, limits),
  ),
  helloAnswer: kind(
    'answer to a hello',
    (c, k) =>
      encodeHelloAnswer(
        c.chance(0.8)
          ? { refusal: undefined, hello: helloFor(c, k) }
          : { refusal: c.one(['version', 'suspended', 'invalid']), detail: '\u001b[2Jno' },
      ),
    (b) => decodeHelloAnswer(b, limits),
  ),
  journalOpen: kind(
    'opening of a journal',
    (c, k) => {
      const { journalId, seq, hash } = headFor(c, k)
      const cursor = c.chance(0.4) ? undefined : { journalId, seq, hash }
      return encodeJournalRequest({ type: 'open', open: { cursor, headOnly: c.chance(0.5) } })
    },
    (b) => decodeJournalRequest(b, limits),
  ),
  journalAck: kind(
    'acknowledgement',
    (c) => encodeJournalRequest({ type: 'ack', seq: c.one([0, 0, 0, 1]) }),
    (b) => decodeJournalRequest(b, limits),
  ),
  journalAnswer: kind(
    'answer of a journal',
    (c, k) =>
      encodeJournalAnswer(
        c.chance(0.5)
          ? { type: 'start', head: headFor(c, k) }
          : { type: 'refusal', refusal: c.one(['cursor-unknown', 'busy', 'invalid']), head: headFor(c, k) },
      ),
    (b) => decodeJournalAnswer(b, limits),
  ),
  event: kind(
    'event',
    (c, k) => encodeEvent(eventFor(c, k)),
    (b) => decodeEvent(b, limits),
  ),
  manifest: kind(
    'manifest',
    (c, k) => testImage(k.key, { name: `m-${c.below(50)}` }).bytes,
    (b) => openManifest(b, new Uint8Array(64), limits),
  ),
  contentRequest: kind(
    'request for content',
    (c, k) => encodeContentRequest(requestFor(c, k)),
    (b) => decodeContentRequest(b, limits),
  ),
  contentAnswer: kind(
    'answer with content',
    (c) =>
      encodeContentAnswer({
        code: c.one(codes),
        payloadBytes: c.one(sizes),
        compressed: c.chance(0.3),
        retryAfterMs: c.one([0, 1, 50]),
      }),
    (b) => decodeContentAnswer(b, limits),
  ),
  receipt: kind(
    'receipt',
    (c, k) =>
      encodeReceipt({
        image: digestFor(c, k),
        state: c.one(receiptStates),
        reason: c.one(['', 'no-space', '\u001b[2J', 'x'.repeat(1024)]),
        time: c.below(2 ** 31),
      }),
    (b) => decodeReceipt(b, limits),
  ),
  receiptAck: kind(
    'answer to a receipt',
    (c) => encodeReceiptAck(c.chance(0.5)),
    (b) => decodeReceiptAck(b, limits),
  ),
  farewell: kind(
    'farewell',
    (c) => encodeFarewell(c.below(2 ** 31)),
    (b) => decodeFarewell(b, limits),
  ),
  subscriptions: kind(
    'subscriptions',
    (c, k) => encodeSubscriptions(selectorsFor(c, k)),
    (b) => decodeSubscriptions(b, limits),
  ),
  treePage: kind(
    'page of a tree',
    (c) =>
      Buffer.concat(
        [
          raw.directory(''),
          raw.file('a', c.bytes(c.below(100))),
          raw.symlink('b', 'a'),
          raw.hardlink('c', 0),
        ].map(encodeTreeEntry),
      ),
    (b) => treePageDecoder(limits)(b),
  ),
} satisfies Record<string, MessageKind>
