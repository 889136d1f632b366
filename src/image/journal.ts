import { fromDigest, hash, toDigest, type Digest } from './digest.ts'
import type { SealedManifest } from './manifest.ts'
import { verify, type Signer } from './signature.ts'

/**
 * What an entry tells. `place` orders a series; an image that is inserted again has another place. `unknown` is an event of a
 * later version: kept, not acted on.
 */
export type JournalEvent =
  | { type: 'image-published'; image: SealedManifest }
  | { type: 'image-withdrawn'; image: Digest }
  | { type: 'image-deleted'; image: Digest }
  | { type: 'series-created'; series: string }
  | { type: 'series-inserted'; series: string; image: Digest; place: number }
  | { type: 'series-removed'; series: string; image: Digest }
  | { type: 'series-deleted'; series: string }
  | { type: 'unknown' }

/** An event that this version knows, and so may write. */
export type KnownEvent = Exclude<JournalEvent, { type: 'unknown' }>

/** Position in one journal: 16-byte journal id as hex, number of the newest entry (0: none), its hash. */
export interface Cursor {
  journalId: string
  seq: number
  hash: Digest
}

/** The signed state of a journal after one entry. */
export interface Head extends Cursor {
  /** Milliseconds since 1970. */
  time: number
  signature: Uint8Array
}

/** One link of the chain. */
export interface JournalEntry {
  seq: number
  /** Milliseconds since 1970. */
  time: number
  previous: Digest
  bodyDigest: Digest
  /** Encoded event; undefined when it was taken back and only its digest is left. */
  body: Uint8Array | undefined
  /** Of the head that this entry makes. */
  signature: Uint8Array
}

function u64(value: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(BigInt(value))
  return bytes
}

/** Hash that stands for the empty journal: binds the chain to its journal id. */
export function genesisHash(journalId: string): Digest {
  return toDigest(hash('ingot/journal/1', Buffer.from(journalId, 'hex')))
}

export function bodyDigest(body: Uint8Array): Digest {
  return toDigest(hash('ingot/journal-body/1', body))
}

/** Hash of an entry: of its number, time (both 64-bit big-endian), previous hash and body digest. */
export function entryHash(entry: Pick<JournalEntry, 'seq' | 'time' | 'previous' | 'bodyDigest'>): Digest {
  return toDigest(
    hash(
      'ingot/journal-entry/1',
      u64(entry.seq),
      u64(entry.time),
      fromDigest(entry.previous),
      fromDigest(entry.bodyDigest),
    ),
  )
}

function headMessage(head: Omit<Head, 'signature'>): Buffer {
  return Buffer.concat([
    Buffer.from(head.journalId, 'hex'),
    u64(head.seq),
    fromDigest(head.hash),
    u64(head.time),
  ])
}

/** Signs journal id, number, hash and time. */
export function signHead(head: Omit<Head, 'signature'>, sign: Signer): Head {
  return { ...head, signature: sign('ingot/head-signature/1', headMessage(head)) }
}

/** True when the peer signed this head. */
export function verifyHead(head: Head, peerId: string): boolean {
  return verify({
    domain: 'ingot/head-signature/1',
    message: headMessage(head),
    signature: head.signature,
    peerId,
  })
}

/** Why an entry cannot follow a cursor. */
export type ChainFault = 'gap' | 'step-back' | 'chain' | 'body' | 'signature'

/**
 * Checks that `entry` is the next of `peerId`'s journal after `cursor`: number, chain, body digest and signature.
 * Returns the new cursor, or the fault.
 */
export function follow(cursor: Cursor, entry: JournalEntry, peerId: string): Cursor | ChainFault {
  if (entry.seq <= cursor.seq) return 'step-back'
  if (entry.seq !== cursor.seq + 1) return 'gap'
  if (entry.previous !== cursor.hash) return 'chain'
  if (entry.body !== undefined && bodyDigest(entry.body) !== entry.bodyDigest) return 'body'
  const next = { journalId: cursor.journalId, seq: entry.seq, hash: entryHash(entry) }
  return verifyHead({ ...next, time: entry.time, signature: entry.signature }, peerId) ? next : 'signature'
}
