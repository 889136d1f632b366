import { defaultLimits } from '../../src/core/limits.ts'
import { hash, toDigest, type Digest } from '../../src/image/digest.ts'
import { fileRoot } from '../../src/image/leaves.ts'
import type { Manifest, SealedManifest } from '../../src/image/manifest.ts'
import { sealManifest } from '../../src/wire/manifest.ts'
import type { TestKey } from './keys.ts'

/** A digest that only depends on the seed. */
export function testDigest(seed: string): Digest {
  return toDigest(hash('ingot/leaf/1', Buffer.from(seed)))
}

/** A valid manifest of `origin`; `changes` replace its fields. */
export function testManifest(origin: string, changes: Partial<Manifest> = {}): Manifest {
  return {
    origin,
    name: 'debian-13',
    type: 'DISK',
    baseType: 'DISK',
    version: '13.2',
    description: 'two\nlines',
    labels: { arch: 'amd64' },
    kind: 'file',
    size: 1000,
    content: testDigest('content'),
    sha256: testDigest('flat'),
    ancestors: [testDigest('parent'), testDigest('grandparent')],
    createdAt: 1_760_000_000_000,
    ...changes,
  }
}

/** A manifest as its origin signed it. */
export function testImage(key: TestKey, changes: Partial<Manifest> = {}): SealedManifest {
  return sealManifest(testManifest(key.peerId, changes), key.sign, defaultLimits)
}

/** Root of a file without bytes. */
export const emptyRoot = toDigest(fileRoot(0, new Uint8Array()))
