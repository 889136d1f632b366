import { IngotError } from '../core/errors.ts'
import type { Limits } from '../core/limits.ts'
import { isName } from '../core/names.ts'
import { hash, toDigest, type Digest } from './digest.ts'
import { fileRoot } from './leaves.ts'
import { publicKeyOf, verify } from './signature.ts'

/** The kinds of image that every server knows. */
export const builtInTypes = ['DISK', 'OS', 'ISO', 'SOFTWARE', 'DATABASE', 'CONTAINER', 'PATCH'] as const
export type BuiltInType = (typeof builtInTypes)[number]

export function isBuiltInType(value: string): value is BuiltInType {
  return (builtInTypes as readonly string[]).includes(value)
}

/** Returns `value` when it is a built-in type; throws `not-found` with the list. */
export function checkBuiltInType(value: string): BuiltInType {
  if (isBuiltInType(value)) return value
  throw new IngotError('not-found', `no image type ${JSON.stringify(value)}`, {
    hint: `use one of ${builtInTypes.join(', ')}`,
  })
}

/** The description of one image, as its origin signed it. Never changes. */
export interface Manifest {
  /** Peer id of the server that created it. */
  origin: string
  name: string
  /** Built in, or one of the origin's own. */
  type: string
  baseType: BuiltInType
  version: string
  description: string
  labels: Record<string, string>
  kind: 'file' | 'tree'
  /** Bytes of content; of a tree the sum of its files. */
  size: number
  /** Root of the content index. */
  content: Digest
  /** Flat SHA-256 of a file's bytes; undefined for a tree. */
  sha256: Digest | undefined
  /** Entries of a tree, the root among them; undefined for a file. */
  entries?: number | undefined
  /** Image ids, nearest first. */
  ancestors: Digest[]
  /** Milliseconds since 1970. */
  createdAt: number
}

/** A manifest with the bytes that were signed: what is stored, sent and verified. */
export interface SealedManifest {
  /** Digest of `bytes`. */
  id: Digest
  manifest: Manifest
  bytes: Uint8Array
  signature: Uint8Array
}

/** Limits, decodes and validates manifest bytes; throws `invalid` or `too-large`. */
export type OpenManifest = (bytes: Uint8Array, signature: Uint8Array) => SealedManifest

/** Image id of encoded manifest bytes. */
export function imageId(bytes: Uint8Array): Digest {
  return toDigest(hash('ingot/manifest/1', bytes))
}

/** True when the origin named in the manifest signed its bytes. */
export function verifyManifest(sealed: SealedManifest): boolean {
  return verify({
    domain: 'ingot/manifest-signature/1',
    message: sealed.bytes,
    signature: sealed.signature,
    peerId: sealed.manifest.origin,
  })
}

/** Root of the content index of an empty file. */
export const emptyRoot = toDigest(fileRoot(0, new Uint8Array()))

/** Control characters have no place in text that ends on operators' terminals. */
// oxlint-disable-next-line no-control-regex
const controlCharacters = /[\u0000-\u001f\u007f-\u009f]/

/**
 * Throws `invalid` or `too-large` with what is wrong when a manifest is not one that a server could have made.
 * Sizes, counts and texts are bounded here, once, before anything is done with them.
 */
export function validateManifest(manifest: Manifest, limits: Limits): void {
  const invalid = (what: string): never => {
    throw new IngotError('invalid', `manifest: ${what}`)
  }
  const tooLarge = (what: string): never => {
    throw new IngotError('too-large', `manifest: ${what}`)
  }
  try {
    publicKeyOf(manifest.origin)
  } catch {
    invalid('the origin is not a peer id')
  }
  if (!isName(manifest.name)) invalid('the name is not valid')
  if (!isName(manifest.type)) invalid('the image type is not valid')
  if (!isBuiltInType(manifest.baseType)) invalid('the base type is not a built-in one')
  if (isBuiltInType(manifest.type) && manifest.type !== manifest.baseType)
    invalid('a built-in type is its own base type')
  if (manifest.version.length > 128 || controlCharacters.test(manifest.version))
    invalid('the version is not valid')
  if (Buffer.byteLength(manifest.description) > limits.descriptionBytes)
    tooLarge('the description is too long')
  if (controlCharacters.test(manifest.description.replaceAll('\n', '')))
    invalid('the description has control characters')
  const labels = Object.entries(manifest.labels)
  if (labels.length > limits.labels) tooLarge('too many labels')
  for (const [key, value] of labels) {
    if (!isName(key)) invalid('a label has an invalid key')
    if (Buffer.byteLength(value) > limits.labelBytes) tooLarge('a label is too long')
    if (controlCharacters.test(value)) invalid('a label has control characters')
  }
  if (!Number.isSafeInteger(manifest.size) || manifest.size < 0) invalid('the size is not a number of bytes')
  if (manifest.size > limits.imageBytes) tooLarge(`${manifest.size} bytes are more than an image may have`)
  if ((manifest.size === 0) !== (manifest.content === emptyRoot) && manifest.kind === 'file')
    invalid('size and content do not agree')
  if ((manifest.kind === 'file') !== (manifest.sha256 !== undefined))
    invalid('a file has a SHA-256, and nothing else has')
  if ((manifest.kind === 'tree') !== (manifest.entries !== undefined))
    invalid('a tree has a number of entries, and nothing else has')
  const { entries = 1 } = manifest
  if (!Number.isSafeInteger(entries) || entries < 1) invalid('the number of entries is not valid')
  if (entries > limits.treeEntries) tooLarge(`${entries} entries are more than a tree may have`)
  if (manifest.ancestors.length > limits.ancestors) tooLarge('too many ancestors')
  if (new Set(manifest.ancestors).size !== manifest.ancestors.length) invalid('an ancestor is named twice')
  if (!Number.isSafeInteger(manifest.createdAt) || manifest.createdAt < 0)
    invalid('the time of creation is not valid')
}
