import { BLOCK_BYTES, LEAF_BLOCKS } from '../image/blocks.ts'
import { LEAF_BYTES, leafLength } from '../image/leaves.ts'
import type { FilePlace } from './file-place.ts'
import { blockNumber, type NumberedContent, type NumberedFile } from './numbered-content.ts'
import { eachStretch, parsePart, type GroupLeaves, type PatchOp, type Stretch } from './patch-part.ts'
import type { PatchGroupSource, PatchPiece } from './patch-place.ts'

/** What the copies of a part are in the files of a base: each file once, however often the copies change between them. */
interface ResolvedCopies {
  files: NumberedFile[]
  pieces: PatchPiece[]
}

/**
 * All that a group is made of. Undefined when its part copies what the base does not have, or a block that is shorter or longer
 * there; without a base, when it copies anything. Throws `invalid` for a part that does not hold.
 */
export async function groupSource(
  part: Uint8Array,
  group: GroupLeaves,
  { base, openFiles }: { base: NumberedContent | undefined; openFiles: number },
): Promise<PatchGroupSource | undefined> {
  const { ops } = parsePart(part, group)
  if (base === undefined)
    return ops.some(({ kind }) => kind === 'copy')
      ? undefined
      : { part, group, files: [], openFiles, pieces: [] }
  const copies = await resolveCopies(ops, group, base)
  if (copies === undefined) return undefined
  const files: FilePlace[] = []
  for (const file of copies.files) files.push(await base.place(file))
  return { part, group, files, openFiles, pieces: copies.pieces }
}

/** Finds the bytes that a part copies; see {@link groupSource}. */
async function resolveCopies(
  ops: readonly PatchOp[],
  group: GroupLeaves,
  base: NumberedContent,
): Promise<ResolvedCopies | undefined> {
  const copies: Stretch[] = []
  eachStretch(ops, group, (stretch) => {
    if (stretch.kind === 'copy') copies.push(stretch)
  })
  const resolved: ResolvedCopies = { files: [], pieces: [] }
  let file: NumberedFile | undefined
  for (const copy of copies) {
    let { source, at, length } = copy
    while (length > 0) {
      if (source < 0 || source >= base.leaves * LEAF_BLOCKS) return undefined
      const leaf = Math.floor(source / LEAF_BLOCKS)
      if (file === undefined || !holds(file, leaf)) {
        file = resolved.files.find((each) => holds(each, leaf)) ?? (await fileOf(base, leaf))
        if (file === undefined) return undefined
        if (!resolved.files.includes(file)) resolved.files.push(file)
      }
      const block = source % LEAF_BLOCKS
      const there = leafLength(file.size, leaf - file.firstLeaf) - block * BLOCK_BYTES
      // The leaf of the base goes on to its end, or the copy ends within it: at the end of a block that is as long there.
      const bytes = Math.min(length, LEAF_BYTES - block * BLOCK_BYTES, Math.max(0, there))
      const ends = bytes % BLOCK_BYTES === 0 ? bytes > 0 : bytes === there && bytes === length
      if (!ends) return undefined
      const position = (source - blockNumber(file, 0)) * BLOCK_BYTES
      addPiece(resolved, file, { position, at, length: bytes })
      source += Math.ceil(bytes / BLOCK_BYTES)
      at += bytes
      length -= bytes
    }
  }
  return resolved
}

function holds(file: NumberedFile, leaf: number): boolean {
  return leaf >= file.firstLeaf && leaf < file.firstLeaf + file.leaves
}

async function fileOf(base: NumberedContent, leaf: number): Promise<NumberedFile | undefined> {
  for await (const file of base.filesFrom(leaf)) if (holds(file, leaf)) return file
  return undefined
}

/** Adds what is copied of a file; what follows the piece before in both is one with it. */
function addPiece(
  { files, pieces }: ResolvedCopies,
  file: NumberedFile,
  piece: Omit<PatchPiece, 'file'>,
): void {
  const number = files.indexOf(file)
  const last = pieces.at(-1)
  const continues =
    last?.file === number &&
    last.position + last.length === piece.position &&
    last.at + last.length === piece.at
  if (continues) last.length += piece.length
  else pieces.push({ ...piece, file: number })
}
