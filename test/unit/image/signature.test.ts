import { generateKeyPair } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import * as fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { fingerprint, publicKeyOf, verify, type SignatureDomain } from '../../../src/image/signature.ts'
import { testKey, type TestKey } from '../../support/keys.ts'

const domain: SignatureDomain = 'ingot/manifest-signature/1'
const message = Buffer.from('a manifest')

let key: TestKey
let other: TestKey
let signature: Buffer
beforeAll(async () => {
  key = await testKey('signer')
  other = await testKey('other')
  signature = key.sign(domain, message)
})

test('what a server signed verifies under its peer id', () => {
  expect(verify({ domain, message, signature, peerId: key.peerId })).toBe(true)
})

test('a signature is for one domain only', () => {
  for (const wrong of ['ingot/head-signature/1', 'ingot/server-data-signature/1'] as const) {
    expect(verify({ domain: wrong, message, signature, peerId: key.peerId })).toBe(false)
  }
})

test('a domain that is moved into the message does not verify', () => {
  const prefixed = Buffer.concat([Buffer.from(domain), message])
  expect(verify({ domain, message: prefixed, signature, peerId: key.peerId })).toBe(false)
})

test('an altered byte of message or signature does not verify', () => {
  for (let at = 0; at < message.length; at++) {
    const altered = Buffer.from(message)
    altered[at] = (altered[at] as number) ^ 1
    expect(verify({ domain, message: altered, signature, peerId: key.peerId })).toBe(false)
  }
  for (let at = 0; at < signature.length; at++) {
    const altered = Buffer.from(signature)
    altered[at] = (altered[at] as number) ^ 1
    expect(verify({ domain, message, signature: altered, peerId: key.peerId })).toBe(false)
  }
})

test('a signature of another key does not verify', () => {
  expect(verify({ domain, message, signature: other.sign(domain, message), peerId: key.peerId })).toBe(false)
  expect(verify({ domain, message, signature, peerId: other.peerId })).toBe(false)
})

test('garbage does not verify, and does not throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), fc.string(), (bytes, peerId) => {
      expect(verify({ domain, message, signature: bytes, peerId: key.peerId })).toBe(false)
      expect(verify({ domain, message, signature, peerId })).toBe(false)
    }),
  )
})

describe('the key of a peer id', () => {
  test('is the public key that it carries', () => {
    expect(publicKeyOf(key.peerId)).toEqual(Buffer.from(key.privateKey.publicKey.raw))
  })

  test('is not taken from another kind of key', async () => {
    const rsa = peerIdFromPrivateKey(await generateKeyPair('RSA', 1024)).toString()
    const secp = peerIdFromPrivateKey(await generateKeyPair('secp256k1')).toString()
    for (const peerId of [rsa, secp, '', 'x', `${key.peerId}x`]) expect(() => publicKeyOf(peerId)).toThrow()
  })

  test('is not taken from another spelling of the peer id, which would be another peer', () => {
    const cid = key.privateKey.publicKey.toCID().toString()
    expect(cid).not.toBe(key.peerId)
    expect(() => publicKeyOf(cid)).toThrow()
    expect(verify({ domain, message, signature, peerId: cid })).toBe(false)
  })

  test('has a fingerprint of its own', () => {
    expect(fingerprint(key.peerId)).toMatch(/^sha256:[0-9a-f]{64}$/)
    expect(fingerprint(key.peerId)).not.toBe(fingerprint(other.peerId))
  })
})
