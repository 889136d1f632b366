import { LEAF_BYTES, leafDigest } from '../../src/image/leaves.ts'
import type { Manifest } from '../../src/image/manifest.ts'
import { LeafList, PageTable, pageDigest, type Attributes, type TreeEntry } from '../../src/image/tree.ts'
import type { ContentRequest } from '../../src/wire/content.ts'
import { encodeTreeEntry } from '../../src/wire/tree.ts'

/** A tree as its origin would serve it, made apart from the store: its entries need not be those of any tree. */
export interface RawTree {
  pages: Buffer[]
  table: PageTable
  /** Leaves of all files in order, with their digests. */
  leaves: { bytes: Buffer; digest: Buffer; listed: boolean }[]
  /** What a manifest says of it. */
  manifest: Partial<Manifest>
}

const attributes: Attributes = { mode: 0o755, mtimeNs: 0n, owner: undefined, xattrs: [] }
const path = (text: string) => Buffer.from(text, 'latin1')

/** Entries with usual attributes; paths have one character for each byte. */
export const raw = {
  directory: (name: string, changes: Partial<Attributes> = {}): TreeEntry => ({
    kind: 'directory',
    path: path(name),
    attributes: { ...attributes, ...changes },
  }),
  symlink: (name: string, target: string, changes: Partial<Attributes> = {}): TreeEntry => ({
    kind: 'symlink',
    path: path(name),
    attributes: { ...attributes, mode: 0, ...changes },
    target: path(target),
  }),
  hardlink: (name: string, file: number): TreeEntry => ({ kind: 'hardlink', path: path(name), file }),
  file: (name: string, bytes: Buffer, changes: Partial<Attributes> = {}): RawFile => {
    const leaves: Buffer[] = []
    for (let at = 0; at < bytes.length; at += LEAF_BYTES) leaves.push(bytes.subarray(at, at + LEAF_BYTES))
    const list = new LeafList()
    for (const leaf of leaves) list.add(leafDigest(leaf), leaf.length)
    return {
      kind: 'file',
      path: path(name),
      attributes: { ...attributes, mode: 0o644, ...changes },
      size: bytes.length,
      digest: list.digest(),
      leaves,
    }
  },
}

type RawFile = Extract<TreeEntry, { kind: 'file' }> & { leaves: Buffer[] }

/** A tree of these entries, in pages of one entry each or as given; `bend` changes the encoded pages. */
export function rawTree(
  entries: readonly (TreeEntry | RawFile)[],
  options: { perPage?: number; bend?: (pages: Buffer[]) => Buffer[] } = {},
): RawTree {
  const { perPage = 1, bend = (pages) => pages } = options
  const made: Buffer[] = []
  for (let at = 0; at < entries.length; at += perPage)
    made.push(Buffer.concat(entries.slice(at, at + perPage).map(encodeTreeEntry)))
  const pages = bend(made)
  const files = entries.filter((entry): entry is RawFile => entry.kind === 'file')
  const size = files.reduce((sum, file) => sum + file.size, 0)
  const table = PageTable.of(
    { entries: entries.length, files: files.length, bytes: size },
    pages.map((page) => ({ digest: pageDigest(page), length: page.length })),
  )
  const leaves = files.flatMap((file) =>
    file.leaves.map((bytes) => ({ bytes, digest: leafDigest(bytes), listed: file.leaves.length > 1 })),
  )
  const manifest = {
    kind: 'tree' as const,
    size,
    content: table.root(),
    sha256: undefined,
    entries: entries.length,
  }
  return { pages, table, leaves, manifest }
}

/** What an origin answers that serves exactly this. */
export function treeAnswer(tree: RawTree, request: ContentRequest): Uint8Array {
  if (request.what === 'pageTable') return tree.table.bytes
  if (request.what === 'blocks') throw new Error('a tree has no blocks')
  const { first, count } = request.run
  const leaves = tree.leaves.slice(first, first + count)
  switch (request.what) {
    case 'pages':
      return Buffer.concat(tree.pages.slice(first, first + count))
    case 'leafDigests':
      return Buffer.concat(leaves.filter(({ listed }) => listed).map(({ digest }) => digest))
    case 'leaves':
      return Buffer.concat(leaves.map(({ bytes }) => bytes))
    default:
      throw new Error(`a tree has no ${request.what}`)
  }
}
