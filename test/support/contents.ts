import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { StoredContent } from '../../src/image/content.ts'
import type { Digest } from '../../src/image/digest.ts'
import { LEAF_BYTES, SEGMENT_BYTES, leafDigest, segmentDigest } from '../../src/image/leaves.ts'
import { IndexFile } from '../../src/store/index-file.ts'
import { Layout } from '../../src/store/layout.ts'
import { tempDir } from './temp-dir.ts'

/** What the content index of some bytes holds. */
export interface Digests {
  segments: Buffer
  /** Leaf digests of each segment. */
  lists: Buffer[]
}

export function digestsOf(bytes: Uint8Array): Digests {
  const lists: Buffer[] = []
  for (let from = 0; from < bytes.length; from += SEGMENT_BYTES) {
    const leaves: Buffer[] = []
    for (let at = from; at < Math.min(bytes.length, from + SEGMENT_BYTES); at += LEAF_BYTES) {
      leaves.push(leafDigest(bytes.subarray(at, at + LEAF_BYTES)))
    }
    lists.push(Buffer.concat(leaves))
  }
  const segments = Buffer.concat(lists.map((list, segment) => segmentDigest(bytes.length, segment, list)))
  return { segments, lists }
}

/** Fills an index with the digests of some bytes; resolves to their root. */
export async function fillIndex(index: IndexFile, bytes: Uint8Array): Promise<Digest> {
  const { segments, lists } = digestsOf(bytes)
  await index.writeSegments(segments)
  await index.writeLeafLists(0, Buffer.concat(lists))
  return await index.root()
}

/** An empty image store. */
export async function emptyLayout(): Promise<Layout> {
  const layout = new Layout(await tempDir())
  await mkdir(layout.contents)
  await mkdir(layout.stagings)
  return layout
}

/** Puts bytes in a staging directory as an import does: whole, with their index. */
export async function stageBytes(
  layout: Layout,
  name: string,
  bytes: Uint8Array,
): Promise<{ staging: string; digest: Digest }> {
  const staging = layout.staging(name)
  await mkdir(staging, { mode: 0o700 })
  const index = await IndexFile.create(join(staging, 'index'), bytes.length)
  const digest = await fillIndex(index, bytes)
  await index.close()
  await writeFile(join(staging, 'image'), bytes)
  return { staging, digest }
}

/** The record of a content that lies in the store. */
export function storedContent(digest: Digest, size: number): StoredContent {
  return { digest, kind: 'file', size, sha256: digest, inPlace: undefined, privileged: 'none', createdAt: 0 }
}
