import { statSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { defaultLimits, type Limits } from '../../src/core/limits.ts'
import type { StoredContent } from '../../src/image/content.ts'
import type { Layout } from '../../src/store/layout.ts'
import {
  groupLeaves,
  groupsFrom,
  openNumbered,
  type NumberedContent,
} from '../../src/store/numbered-content.ts'
import { buildPatch } from '../../src/store/patch-build.ts'
import { groupSource } from '../../src/store/patch-copies.ts'
import { PatchFile } from '../../src/store/patch-file.ts'
import type { GroupLeaves } from '../../src/store/patch-part.ts'
import { makeGroup } from '../../src/store/patch-place.ts'
import { placeContent } from '../../src/store/placement.ts'
import { stageBytes, storedContent } from './contents.ts'
import { importTree, treeCodec } from './tree-contents.ts'

let stagings = 0

/** Puts bytes into the store. */
export async function storeBytes(layout: Layout, bytes: Uint8Array): Promise<NumberedContent> {
  const { staging, digest } = await stageBytes(layout, `patch-${stagings++}`, bytes)
  await placeContent(layout, staging, digest)
  return await openNumbered(layout, storedContent(digest, bytes.length), treeCodec)
}

/** Puts a directory into the store. */
export async function storeTree(layout: Layout, path: string): Promise<NumberedContent> {
  const { digest, size } = await importTree(layout, path)
  const content: StoredContent = { ...storedContent(digest, size), kind: 'tree', sha256: undefined }
  return await openNumbered(layout, content, treeCodec)
}

/** Builds a patch; resolves to it, opened. */
export async function patchOf(
  layout: Layout,
  child: NumberedContent,
  base: NumberedContent | undefined,
  limits: Partial<Limits> = {},
): Promise<PatchFile> {
  const directory = join(layout.images, 'patches')
  await mkdir(directory, { recursive: true })
  const path = join(directory, `${stagings++}`)
  await buildPatch({ child, base, path, most: Infinity, limits: { ...defaultLimits, ...limits } })
  const name = { content: child.content.digest, base: base?.content.digest }
  const patch = PatchFile.open(path, name)
  if (patch?.bytes !== statSync(path).size) throw new Error('no patch was made')
  return patch
}

/** What a part makes with a base, as a receiver makes it; undefined when it does not hold. */
export async function applyPart(
  part: Uint8Array,
  group: GroupLeaves,
  base: NumberedContent | undefined,
): Promise<Buffer | undefined> {
  const source = await groupSource(part, group, { base, openFiles: defaultLimits.openFiles })
  return source && makeGroup(source)
}

/** All bytes that a patch makes. */
export async function applyPatch(
  patch: PatchFile,
  child: NumberedContent,
  base: NumberedContent | undefined,
): Promise<Buffer> {
  const made: Buffer[] = []
  for await (const { group, parts } of groupsFrom(child, 0)) {
    const bytes = await applyPart(await patch.read(group, 1), groupLeaves(group, parts), base)
    if (bytes === undefined) throw new Error(`group ${group} cannot be made`)
    made.push(bytes)
  }
  return Buffer.concat(made)
}
