import { createHash, type Hash } from 'node:crypto'

/** A digest as text: `sha256:` and 64 hexadecimal digits. Ids of images and contents are such. */
export type Digest = `sha256:${string}`

/** What each kind of hash stands under, so that no bytes can be taken for another kind. The number is the version. */
export type Domain =
  | 'ingot/leaf/1'
  | 'ingot/segment/1'
  | 'ingot/file-index/1'
  | 'ingot/leaf-list/1'
  | 'ingot/tree-page/1'
  | 'ingot/tree-path/1'
  | 'ingot/tree-index/1'
  | 'ingot/manifest/1'
  | 'ingot/journal/1'
  | 'ingot/journal-entry/1'
  | 'ingot/journal-body/1'
  | 'ingot/server-key/1'

export const DIGEST_BYTES = 32

/** A domain string fills one 64-byte SHA-256 block, zero padded, so that its state is computed once. */
const DOMAIN_BYTES = 64
const prefixes = new Map<Domain, Hash>()

/** The 64 bytes that stand before what is hashed or signed under `domain`. */
export function domainPrefix(domain: string): Buffer {
  const prefix = Buffer.alloc(DOMAIN_BYTES)
  prefix.write(domain, 'latin1')
  return prefix
}

/** A hash that has taken the prefix of `domain`: for what comes in parts. */
export function hashUnder(domain: Domain): Hash {
  let prefix = prefixes.get(domain)
  if (prefix === undefined) {
    prefix = createHash('sha256').update(domainPrefix(domain))
    prefixes.set(domain, prefix)
  }
  return prefix.copy()
}

/** SHA-256 under a domain: 32 bytes. */
export function hash(domain: Domain, ...parts: Uint8Array[]): Buffer {
  const state = hashUnder(domain)
  for (const part of parts) state.update(part)
  return state.digest()
}

/** 32 bytes to text. */
export function toDigest(bytes: Uint8Array): Digest {
  if (bytes.length !== DIGEST_BYTES) throw new RangeError(`a digest has 32 bytes, not ${bytes.length}`)
  return `sha256:${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex')}`
}

/** Text to 32 bytes. Throws when it is no digest. */
export function fromDigest(digest: string): Buffer {
  if (!isDigest(digest)) throw new RangeError(`not a digest: ${JSON.stringify(digest)}`)
  return Buffer.from(digest.slice(7), 'hex')
}

export function isDigest(value: string): value is Digest {
  return /^sha256:[0-9a-f]{64}$/.test(value)
}

/** One digest of a list of them. */
export function digestAt(digests: Uint8Array, i: number): Uint8Array {
  return digests.subarray(i * DIGEST_BYTES, (i + 1) * DIGEST_BYTES)
}
