import { stat } from 'node:fs/promises'
import { importFile, type ImportComponents, type ImportOptions, type ImportedContent } from './import-file.ts'
import { importTree, type TreeImportOptions } from './import-tree.ts'

export type ContentImportOptions = ImportOptions & TreeImportOptions

/** Reads a file or a directory once, and stages what an image is made of. Nothing is left in staging when it throws. */
export async function importContent(
  components: ImportComponents,
  options: ContentImportOptions,
): Promise<ImportedContent> {
  const isDirectory = await stat(options.path).then(
    (found) => found.isDirectory(),
    () => false, // whatever is wrong, importFile() says it
  )
  return isDirectory ? await importTree(components, options) : await importFile(components, options)
}
