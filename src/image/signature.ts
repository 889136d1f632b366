import { createPublicKey, sign as ed25519Sign, verify as ed25519Verify, type KeyObject } from 'node:crypto'
import { peerIdFromString } from '@libp2p/peer-id'
import { domainPrefix, hash, toDigest, type Digest } from './digest.ts'

/** What each kind of signature stands under. */
export type SignatureDomain =
  | 'ingot/manifest-signature/1'
  | 'ingot/head-signature/1'
  | 'ingot/server-data-signature/1'

export const SIGNATURE_BYTES = 64

/** Signs under a domain: Ed25519 over 64 bytes of domain and then the message. */
export type Signer = (domain: SignatureDomain, message: Uint8Array) => Buffer

/** A signer with a private Ed25519 key. */
export function createSigner(privateKey: KeyObject): Signer {
  return (domain, message) => ed25519Sign(null, Buffer.concat([domainPrefix(domain), message]), privateKey)
}

const keys = new Map<string, KeyObject>()

/**
 * The public key that a peer id carries. Throws when it is no Ed25519 peer id, or not in the one spelling that peer ids are
 * compared in (libp2p reads others too).
 */
export function publicKeyOf(peerId: string): Buffer {
  const id = peerIdFromString(peerId)
  if (id.toString() !== peerId) throw new RangeError('not the usual spelling of a peer id')
  if (id.type !== 'Ed25519') throw new RangeError('not the peer id of an Ed25519 key')
  return Buffer.from(id.publicKey.raw)
}

function keyOf(peerId: string): KeyObject {
  let key = keys.get(peerId)
  if (key === undefined) {
    const x = publicKeyOf(peerId).toString('base64url')
    key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' })
    // Registered peers are few; this bound is for a flood of server-data files.
    if (keys.size > 4096) keys.clear()
    keys.set(peerId, key)
  }
  return key
}

/** What is verified: who signed what, under which domain. */
export interface Signed {
  domain: SignatureDomain
  message: Uint8Array
  signature: Uint8Array
  peerId: string
}

/** True when `signature` is the signature of that peer over exactly these bytes. Never throws. */
export function verify(signed: Signed): boolean {
  if (signed.signature.length !== SIGNATURE_BYTES) return false
  try {
    const message = Buffer.concat([domainPrefix(signed.domain), signed.message])
    return ed25519Verify(null, message, keyOf(signed.peerId), signed.signature)
  } catch {
    return false // not a peer id, or not a key: nothing that could have signed
  }
}

/** Fingerprint of a server's key, to be compared out of band: the digest of its public key. */
export function fingerprint(peerId: string): Digest {
  return toDigest(hash('ingot/server-key/1', publicKeyOf(peerId)))
}
