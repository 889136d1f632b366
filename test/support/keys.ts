import { createHash, createPrivateKey, type KeyObject } from 'node:crypto'
import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import type { Ed25519PrivateKey } from '@libp2p/interface'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { createSigner, type Signer } from '../../src/image/signature.ts'

/** The key of a server in a test, in all forms in which it is used. */
export interface TestKey {
  peerId: string
  privateKey: Ed25519PrivateKey
  keyObject: KeyObject
  sign: Signer
}

/** A key that only depends on the seed. */
export async function testKey(seed: string): Promise<TestKey> {
  const bytes = createHash('sha256').update(seed).digest()
  const privateKey = await generateKeyPairFromSeed('Ed25519', bytes)
  const keyObject = createPrivateKey({
    format: 'jwk',
    key: {
      kty: 'OKP',
      crv: 'Ed25519',
      d: bytes.toString('base64url'),
      x: Buffer.from(privateKey.publicKey.raw).toString('base64url'),
    },
  })
  return {
    peerId: peerIdFromPrivateKey(privateKey).toString(),
    privateKey,
    keyObject,
    sign: createSigner(keyObject),
  }
}
