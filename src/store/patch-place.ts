import { isIngotError } from '../core/errors.ts'
import { DIGEST_BYTES } from '../image/digest.ts'
import { LEAF_BYTES, leafDigest } from '../image/leaves.ts'
import { readFully } from './block-match.ts'
import { OpenPlaces, type FilePlace } from './file-place.ts'
import { eachStretch, groupBytes, parsePart, unpackLiterals, type GroupLeaves } from './patch-part.ts'
import { writeData, type DataFile } from './direct.ts'

/** Bytes of a base that a part copies. */
export interface PatchPiece {
  /** The file of the base, by its place among those that are given. */
  file: number
  position: number
  /** Place among the bytes of the group, and bytes. */
  at: number
  length: number
}

/** A part of a patch with all that is needed to make its group. */
export interface PatchGroupSource {
  part: Uint8Array
  group: GroupLeaves
  /** Files of the base, and how many of them may be open at once. */
  files: readonly FilePlace[]
  openFiles: number
  /** What the copies of the part are, in order. */
  pieces: readonly PatchPiece[]
}

/**
 * Makes the bytes of a group from its part. Undefined when the part does not hold, or the base does not have the bytes that it
 * copies. `copies` of the part were resolved to `pieces`. Synchronous, for a worker thread.
 */
export function makeGroup({ part, group, files, openFiles, pieces }: PatchGroupSource): Buffer | undefined {
  const target = Buffer.alloc(groupBytes(group))
  const base = new OpenPlaces(files, openFiles)
  try {
    const parsed = parsePart(part, group)
    const literals = unpackLiterals(parsed)
    let taken = 0
    eachStretch(parsed.ops, group, ({ kind, at, length }) => {
      if (kind !== 'literal') return
      target.set(literals.subarray(taken, taken + length), at)
      taken += length
    })
    for (const { file, position, at, length } of pieces)
      readFully(base.descriptor(file), target.subarray(at, at + length), position)
    return target
  } catch (error) {
    if (isIngotError(error, 'invalid', 'changed-on-disk') || error instanceof RangeError) return undefined
    throw error
  } finally {
    base.close()
  }
}

/** A group of a file that is on its way here. */
export interface ArrivedGroup extends PatchGroupSource {
  /** What is written. */
  target: DataFile
  /** Leaves that are wanted, counted from the first of the group, ascending, and the digests that they have to have. */
  wanted: readonly number[]
  digests: Uint8Array
}

/** Writes the wanted leaves of a group when all of them verify; returns how many do not. */
export function placeGroup(arrived: ArrivedGroup): number {
  const { target, group, wanted, digests } = arrived
  const bytes = makeGroup(arrived)
  if (bytes === undefined) return wanted.length
  const leafOf = (leaf: number) => bytes.subarray(leaf * LEAF_BYTES, (leaf + 1) * LEAF_BYTES)
  let wrong = 0
  for (const [i, leaf] of wanted.entries()) {
    if (!leafDigest(leafOf(leaf)).equals(digests.subarray(i * DIGEST_BYTES, (i + 1) * DIGEST_BYTES))) wrong++
  }
  if (wrong > 0) return wrong
  for (let i = 0; i < wanted.length;) {
    const first = wanted[i] as number
    let count = 1
    while (wanted[i + count] === first + count) count++
    const run = bytes.subarray(first * LEAF_BYTES, (first + count) * LEAF_BYTES)
    writeData(target, run, (group.first + first) * LEAF_BYTES)
    i += count
  }
  return 0
}
