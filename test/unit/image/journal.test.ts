import { beforeAll, describe, expect, test } from 'vitest'
import {
  bodyDigest,
  entryHash,
  follow,
  genesisHash,
  signHead,
  verifyHead,
  type Cursor,
  type JournalEntry,
} from '../../../src/image/journal.ts'
import { testKey, type TestKey } from '../../support/keys.ts'
import { testDigest } from '../../support/manifests.ts'

const journalId = '00112233445566778899aabbccddeeff'
const start: Cursor = { journalId, seq: 0, hash: genesisHash(journalId) }

let key: TestKey
let other: TestKey
beforeAll(async () => {
  key = await testKey('origin')
  other = await testKey('other')
})

/** The entry after `cursor`, chained and signed by `by`. */
function entryAfter(cursor: Cursor, body: string, by: TestKey = key): JournalEntry {
  const bytes = Buffer.from(body)
  const entry = { seq: cursor.seq + 1, time: 1000, previous: cursor.hash, bodyDigest: bodyDigest(bytes) }
  const head = { journalId: cursor.journalId, seq: entry.seq, hash: entryHash(entry), time: entry.time }
  return { ...entry, body: bytes, signature: signHead(head, by.sign).signature }
}

/** Follows, and requires that it worked. */
function next(cursor: Cursor, entry: JournalEntry): Cursor {
  const result = follow(cursor, entry, key.peerId)
  if (typeof result === 'string') throw new Error(result)
  return result
}

test('a chain is followed from the empty journal on', () => {
  const first = entryAfter(start, 'one')
  const cursor = next(start, first)
  expect(cursor).toEqual({ journalId, seq: 1, hash: entryHash(first) })
  expect(next(cursor, entryAfter(cursor, 'two')).seq).toBe(2)
})

test('an entry whose body was taken back still follows', () => {
  const entry = { ...entryAfter(start, 'one'), body: undefined }
  expect(next(start, entry).seq).toBe(1)
})

describe('what does not follow', () => {
  test('an entry too far ahead is a gap', () => {
    const cursor = next(start, entryAfter(start, 'one'))
    expect(follow(start, entryAfter(cursor, 'two'), key.peerId)).toBe('gap')
  })

  test('an entry that is held already, or before it, is a step back', () => {
    const first = entryAfter(start, 'one')
    const cursor = next(start, first)
    expect(follow(cursor, first, key.peerId)).toBe('step-back')
    expect(follow(cursor, { ...first, seq: 0 }, key.peerId)).toBe('step-back')
  })

  test('another history is a broken chain', () => {
    const cursor = next(start, entryAfter(start, 'one'))
    const fork = next(start, entryAfter(start, 'another one'))
    expect(follow(cursor, entryAfter(fork, 'two'), key.peerId)).toBe('chain')
  })

  test('the first entry of another journal id is a broken chain', () => {
    const id = 'ff'.repeat(16)
    const entry = entryAfter({ journalId: id, seq: 0, hash: genesisHash(id) }, 'one')
    expect(follow(start, entry, key.peerId)).toBe('chain')
  })

  test('another body than the entry names is refused', () => {
    expect(follow(start, { ...entryAfter(start, 'one'), body: Buffer.from('two') }, key.peerId)).toBe('body')
  })

  test('an entry of another key is refused', () => {
    expect(follow(start, entryAfter(start, 'one', other), key.peerId)).toBe('signature')
    expect(follow(start, entryAfter(start, 'one'), other.peerId)).toBe('signature')
  })

  test('an altered time, body digest or signature is refused', () => {
    const entry = { ...entryAfter(start, 'one'), body: undefined }
    const signature = Buffer.from(entry.signature)
    signature[0] = (signature[0] as number) ^ 1
    for (const altered of [{ time: 1001 }, { bodyDigest: testDigest('x') }, { signature }]) {
      expect(follow(start, { ...entry, ...altered }, key.peerId)).toBe('signature')
    }
  })

  test('a signature made for another journal id is refused', () => {
    const entry = entryAfter(start, 'one')
    const stolen = signHead(
      { journalId: 'ee'.repeat(16), seq: 1, hash: entryHash(entry), time: 1000 },
      key.sign,
    )
    expect(follow(start, { ...entry, signature: stolen.signature }, key.peerId)).toBe('signature')
  })
})

describe('a head', () => {
  test('verifies as it was signed, and in no other way', () => {
    const head = signHead({ ...start, time: 5 }, key.sign)
    expect(verifyHead(head, key.peerId)).toBe(true)
    expect(verifyHead(head, other.peerId)).toBe(false)
    for (const altered of [
      { seq: 1 },
      { time: 6 },
      { hash: testDigest('x') },
      { journalId: 'ee'.repeat(16) },
      { signature: new Uint8Array(64) },
    ]) {
      expect(verifyHead({ ...head, ...altered }, key.peerId)).toBe(false)
    }
  })
})

test('each part of an entry changes its hash', () => {
  const entry = { seq: 1, time: 2, previous: testDigest('p'), bodyDigest: testDigest('b') }
  const hashes = [
    entry,
    { ...entry, seq: 2 },
    { ...entry, time: 3 },
    { ...entry, previous: testDigest('b'), bodyDigest: testDigest('p') },
    { ...entry, bodyDigest: testDigest('c') },
  ].map(entryHash)
  expect(new Set(hashes).size).toBe(hashes.length)
})
