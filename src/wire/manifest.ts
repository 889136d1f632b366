import { IngotError } from '../core/errors.ts'
import type { Limits } from '../core/limits.ts'
import { fromDigest } from '../image/digest.ts'
import {
  imageId,
  validateManifest,
  type BuiltInType,
  type Manifest,
  type SealedManifest,
} from '../image/manifest.ts'
import { SIGNATURE_BYTES, type Signer } from '../image/signature.ts'
import {
  bytesOf,
  decodeMessage,
  digestOf,
  encodeMessage,
  listOf,
  present,
  textOf,
  whole,
  timeOf,
} from './decode.ts'
import { ingot } from './generated/messages.js'

const kinds = { file: ingot.Kind.KIND_FILE, tree: ingot.Kind.KIND_TREE } as const

function encodeManifest(manifest: Manifest): Uint8Array {
  return encodeMessage(ingot.Manifest, {
    version: 1,
    origin: manifest.origin,
    name: manifest.name,
    imageType: manifest.type,
    baseType: manifest.baseType,
    imageVersion: manifest.version,
    description: manifest.description,
    labels: Object.entries(manifest.labels).map(([key, value]) => ({ key, value })),
    kind: kinds[manifest.kind],
    size: manifest.size,
    content: fromDigest(manifest.content),
    ...(manifest.sha256 === undefined ? {} : { sha256: fromDigest(manifest.sha256) }),
    ...(manifest.entries === undefined ? {} : { entries: manifest.entries }),
    ancestors: manifest.ancestors.map(fromDigest),
    createdAt: manifest.createdAt,
  })
}

/** Encodes and signs a manifest. Throws when it is not one that others would take. */
export function sealManifest(manifest: Manifest, sign: Signer, limits: Limits): SealedManifest {
  validateManifest(manifest, limits)
  const bytes = encodeManifest(manifest)
  if (bytes.length > limits.manifestBytes) {
    throw new IngotError(
      'too-large',
      `a manifest of ${bytes.length} bytes; at most ${limits.manifestBytes} are taken`,
      {
        hint: 'use fewer or shorter labels',
      },
    )
  }
  return { id: imageId(bytes), manifest, bytes, signature: sign('ingot/manifest-signature/1', bytes) }
}

function isEmpty(bytes: Uint8Array | null | undefined): boolean {
  return bytes == null || bytes.length === 0
}

/** Limit, decode, validate. The signature is still to be verified: see verifyManifest. */
export function openManifest(bytes: Uint8Array, signature: Uint8Array, limits: Limits): SealedManifest {
  const message = decodeMessage(ingot.Manifest, bytes, limits.manifestBytes)
  if (message.version !== 1)
    throw new IngotError('invalid', `a manifest of version ${message.version}; this server knows version 1`)
  const kind = (['file', 'tree'] as const).find((name) => kinds[name] === message.kind)
  const labels = listOf(message.labels, limits.labels, 'labels')
  if (new Set(labels.map((label) => label.key)).size !== labels.length) {
    throw new IngotError('invalid', 'a manifest that has a label twice')
  }
  const manifest: Manifest = {
    origin: textOf(message.origin, 128, 'origin'),
    name: textOf(message.name, 128, 'name'),
    type: textOf(message.imageType, 128, 'image_type'),
    baseType: textOf(message.baseType, 128, 'base_type') as BuiltInType, // validateManifest holds it to the list
    version: textOf(message.imageVersion, 128, 'image_version'),
    description: textOf(message.description, limits.descriptionBytes, 'description'),
    labels: Object.fromEntries(labels.map((label) => [label.key ?? '', label.value ?? ''])),
    kind: present(kind, 'kind'),
    size: whole(message.size, 'size'),
    content: digestOf(message.content, 'content'),
    sha256: isEmpty(message.sha256) ? undefined : digestOf(message.sha256, 'sha256'),
    entries: whole(message.entries, 'entries') === 0 ? undefined : whole(message.entries, 'entries'),
    ancestors: listOf(message.ancestors, limits.ancestors, 'ancestors').map((id) =>
      digestOf(id, 'ancestors'),
    ),
    createdAt: timeOf(message.createdAt, 'created_at'),
  }
  validateManifest(manifest, limits)
  return {
    id: imageId(bytes),
    manifest,
    bytes: Uint8Array.from(bytes),
    signature: bytesOf(signature, SIGNATURE_BYTES, 'signature'),
  }
}
