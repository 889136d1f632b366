import { createPrivateKey, type KeyObject } from 'node:crypto'
import { link, readFile, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { generateKeyPair, privateKeyFromProtobuf, privateKeyToProtobuf } from '@libp2p/crypto/keys'
import type { PrivateKey } from '@libp2p/interface'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { IngotError, systemCode } from '../core/errors.ts'
import { writeWhole } from '../core/whole-file.ts'
import { createSigner, type Signer } from '../image/signature.ts'
import { syncDirectory } from '../store/durable.ts'

/** Bytes that no key file exceeds. */
const KEY_BYTES = 4096

/** Who this server is. */
export interface Identity {
  /** Text of the peer id. */
  peerId: string
  privateKey: PrivateKey
  sign: Signer
}

/**
 * Loads the key of this server; creates it, mode 0600 and durable, where there is none. Throws `conflict` when it is missing from a
 * home that `isUsed`: a new key would make another server of it, which signs what the old one published.
 */
export async function loadIdentity(path: string, isUsed: boolean): Promise<Identity> {
  const privateKey = await readKey(path).catch(async (error: unknown) => {
    if (systemCode(error) !== 'ENOENT') throw error
    if (isUsed) {
      throw new IngotError(
        'conflict',
        `the key ${path} is missing, and the database of this server is there`,
        {
          hint: 'restore the key from a backup; if it is lost, this server needs a new home: see docs/operations.md',
        },
      )
    }
    await createKey(path)
    return await readKey(path)
  })
  return {
    peerId: peerIdFromPrivateKey(privateKey).toString(),
    privateKey,
    sign: createSigner(toKeyObject(privateKey)),
  }
}

async function readKey(path: string): Promise<PrivateKey> {
  const { mode, size } = await stat(path)
  if ((mode & 0o077) !== 0) {
    throw new IngotError(
      'conflict',
      `the key ${path} can be read by others (mode ${(mode & 0o777).toString(8)})`,
      {
        hint: `chmod 600 ${path}; if others may have copied it, give this server a new home`,
      },
    )
  }
  // A key has 68 bytes; whatever else lies there need not be read whole.
  const bytes = size > KEY_BYTES ? new Uint8Array(0) : await readFile(path)
  try {
    const key = privateKeyFromProtobuf(bytes)
    if (key.type !== 'Ed25519') throw new RangeError('not an Ed25519 key')
    return key
  } catch (cause) {
    throw new IngotError('invalid', `the key ${path} is damaged`, {
      cause,
      hint: 'restore it from a backup; without it this server is another one to its peers',
    })
  }
}

/** The key appears whole or not at all, and never replaces one. */
async function createKey(path: string): Promise<void> {
  const next = `${path}.new`
  await writeWhole(next, privateKeyToProtobuf(await generateKeyPair('Ed25519')), 0o600)
  await link(next, path)
  await rm(next)
  await syncDirectory(dirname(path))
}

/** libp2p keeps 32 bytes of seed and 32 of public key. */
function toKeyObject(key: PrivateKey): KeyObject {
  const d = Buffer.from(key.raw.subarray(0, 32)).toString('base64url')
  const x = Buffer.from(key.publicKey.raw).toString('base64url')
  return createPrivateKey({ key: { kty: 'OKP', crv: 'Ed25519', d, x }, format: 'jwk' })
}
