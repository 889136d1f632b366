import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { defaultLimits } from '../../src/core/limits.ts'
import { importContent } from '../../src/publish/import-content.ts'
import type { ImportedContent } from '../../src/publish/import-file.ts'
import { Layout } from '../../src/store/layout.ts'
import { placeContent } from '../../src/store/placement.ts'
import { Secrets } from '../../src/store/secrets.ts'
import { SpaceLedger } from '../../src/store/space.ts'
import { WorkPool } from '../../src/store/work/pool.ts'
import { treePageDecoder } from '../../src/wire/tree.ts'
import { tempDir } from './temp-dir.ts'

/** Makes no thread until it is used. */
const threads = new WorkPool({ threads: 1, niceness: 0 })

/** What reads the index of a tree. */
export const treeCodec = { limits: defaultLimits, decodePage: treePageDecoder(defaultLimits) }

interface StoreOptions {
  owner?: boolean
  trust?: boolean
}

/** Imports a directory into an image store of its own, in its place. */
export async function storedTree(
  path: string,
  options: StoreOptions = {},
): Promise<{ layout: Layout; imported: ImportedContent; directory: string; image: string }> {
  const layout = new Layout(await tempDir())
  for (const directory of [layout.contents, layout.stagings]) await mkdir(directory)
  const imported = await importTree(layout, path, options)
  const directory = layout.content(imported.digest)
  return { layout, imported, directory, image: join(directory, 'image') }
}

/** Imports a directory into an image store, in its place. */
export async function importTree(
  layout: Layout,
  path: string,
  options: StoreOptions = {},
): Promise<ImportedContent> {
  const space = new SpaceLedger(layout.images, 0)
  const imported = await importContent(
    { layout, space, secrets: new Secrets([]), limits: defaultLimits, work: threads, followers: threads },
    {
      path,
      inPlace: false,
      owner: options.owner ?? false,
      isTrusted: () => options.trust ?? false,
      signal: new AbortController().signal,
      onProgress: () => {},
    },
  )
  await placeContent(layout, imported.staging, imported.digest)
  return imported
}
