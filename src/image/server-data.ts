import { IngotError } from '../core/errors.ts'
import { isName } from '../core/names.ts'
import { publicKeyOf, verify } from './signature.ts'

/** What a server says of itself to those who shall register it. */
export interface ServerData {
  name: string
  peerId: string
  /** Multiaddrs without a peer id. */
  addresses: string[]
  /** Milliseconds since 1970. */
  createdAt: number
}

export interface SealedServerData {
  data: ServerData
  /** As they were signed. */
  bytes: Uint8Array
  signature: Uint8Array
}

/** Throws `invalid` when server data is not well formed or not signed by the key that it names. */
export function checkServerData(sealed: SealedServerData): ServerData {
  const { data, bytes, signature } = sealed
  const invalid = (why: string): never => {
    throw new IngotError('invalid', `the server data is not valid: ${why}`, {
      hint: 'run "ingot export server" on that server again and bring the file here unchanged',
    })
  }
  try {
    publicKeyOf(data.peerId)
  } catch {
    invalid('it names no Ed25519 peer id')
  }
  if (!isName(data.name)) invalid('the name is not valid')
  if (!verify({ domain: 'ingot/server-data-signature/1', message: bytes, signature, peerId: data.peerId })) {
    invalid('the signature does not verify; it was altered after it was signed')
  }
  return data
}
