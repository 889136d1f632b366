import { constants } from 'node:fs'
import { chmod, open, stat, type FileHandle } from 'node:fs/promises'
import { systemCode } from '../core/errors.ts'
import type { Limits } from '../core/limits.ts'
import type { DamageList, LeafRange } from '../image/damage.ts'
import { digestAt } from '../image/digest.ts'
import { LEAF_BYTES, SEGMENT_LEAVES, runLength } from '../image/leaves.ts'
import { dataFileOf, isLeaf, type CheckLeaves } from './check-leaves.ts'
import { LEAST_BYTES, openDirect } from './direct.ts'
import { writeAll } from './durable.ts'
import { requireAt } from './inside.ts'
import { hasLibc, setTime } from './libc.ts'
import { isZeroLeaf, type NumberedContent, type NumberedFile } from './numbered-content.ts'

/** Leaves in a row of one file. */
export interface FilePart {
  file: NumberedFile
  /** Counted from the beginning of the file. */
  first: number
  count: number
  /** Of all its leaves. */
  bytes: number
}

/** Leaves in a row of a content, and the files that they are of. */
export interface WantedLeaves extends LeafRange {
  parts: FilePart[]
  bytes: number
}

export interface MendOptions {
  limits: Limits
  check: CheckLeaves
  /** Where a file of the content lies. */
  pathOf: (file: NumberedFile) => Buffer
  /** Brings the bytes of leaves, one after the other. What comes is verified before it is written. */
  fetch: (wanted: WantedLeaves) => Promise<Uint8Array>
  /** Gets those that are still wrong. */
  left: DamageList
  /** So many leaves came that do not verify. */
  onWrong: (leaves: number) => void
  signal: AbortSignal
}

/**
 * Writes wrong leaves of a content anew, each at its place, and reads them back from the disk. A leaf that does not verify is never
 * written; what is written takes the place of bytes that were wrong already, so that an end at any time does no harm.
 */
export async function mendLeaves(
  content: NumberedContent,
  ranges: readonly LeafRange[],
  options: MendOptions,
): Promise<void> {
  const most = Math.min(options.limits.repairLeaves, SEGMENT_LEAVES)
  for (const range of ranges) {
    const end = range.first + range.count
    for (let first = range.first; first < end; first += most) {
      options.signal.throwIfAborted()
      const wanted = await partsOf(content, { first, count: Math.min(most, end - first) })
      await mend(content, wanted, options)
    }
  }
}

async function partsOf(content: NumberedContent, range: LeafRange): Promise<WantedLeaves> {
  const end = range.first + range.count
  const parts: FilePart[] = []
  for await (const file of content.filesFrom(range.first)) {
    if (file.firstLeaf >= end) break
    const first = Math.max(0, range.first - file.firstLeaf)
    const count = Math.min(file.leaves, end - file.firstLeaf) - first
    if (count > 0) parts.push({ file, first, count, bytes: runLength(file.size, first, count) })
    if (file.firstLeaf + file.leaves >= end) break
  }
  return { ...range, parts, bytes: parts.reduce((sum, { bytes }) => sum + bytes, 0) }
}

async function mend(content: NumberedContent, wanted: WantedLeaves, options: MendOptions): Promise<void> {
  const digests: Buffer[] = []
  let isZero = true
  for (const { file, first, count } of wanted.parts) {
    const list = await content.leafDigests(file, first, count)
    digests.push(list)
    for (let i = 0; i < count; i++) isZero &&= isZeroLeaf(file, first + i, digestAt(list, i))
  }
  // Zeros are known by their digest.
  const bytes = isZero ? new Uint8Array(wanted.bytes) : await options.fetch(wanted)
  let at = 0
  for (const [i, part] of wanted.parts.entries()) {
    const own = bytes.subarray(at, at + part.bytes)
    await mendPart(part, { bytes: own, digests: digests[i] as Buffer }, options)
    at += part.bytes
  }
}

/** Writes those leaves of a file that verify, and notes those that are wrong on the disk then. */
async function mendPart(
  part: FilePart,
  { bytes, digests }: { bytes: Uint8Array; digests: Buffer },
  { pathOf, check, left, onWrong }: MendOptions,
): Promise<void> {
  const { file, first, count } = part
  const sole = file.digest !== undefined && file.leaves < 2
  const good: { at: number; leaf: Uint8Array }[] = []
  for (let i = 0; i < count; i++) {
    const leaf = bytes.subarray(i * LEAF_BYTES, Math.min(part.bytes, (i + 1) * LEAF_BYTES))
    if (isLeaf(leaf, digestAt(digests, i), sole)) good.push({ at: (first + i) * LEAF_BYTES, leaf })
  }
  if (count > good.length) onWrong(count - good.length)
  const place = pathOf(file)
  if (good.length > 0) {
    await writing(place, async (handle) => {
      if (file.path.length > 0) requireAt(handle.fd, place)
      for (const { at, leaf } of good) await writeAll(handle, leaf, at)
      await handle.datasync()
    })
  }
  const cached = await open(place, constants.O_RDONLY | constants.O_NOFOLLOW)
  const direct = file.size < LEAST_BYTES ? undefined : await openDirect(place, constants.O_RDONLY)
  try {
    const position = first * LEAF_BYTES
    const found = await check({
      file: dataFileOf(cached, direct),
      position,
      length: part.bytes,
      digests,
      sole,
    })
    for (const [i, wrong] of found.entries()) if (wrong === 1) left.addLeaves(file.firstLeaf + first + i)
  } finally {
    await cached.close()
    await direct?.close()
  }
}

/** Gives a file that has another length its length; a hole, where nothing was. */
export async function restoreLength(path: string, size: number): Promise<void> {
  await writing(Buffer.from(path), async (handle) => {
    if ((await handle.stat()).size !== size) await handle.truncate(size)
    await handle.sync()
  })
}

/** Opens a file of ours to write, whatever its mode; mode and time are then as before. */
async function writing(place: Buffer, work: (handle: FileHandle) => Promise<void>): Promise<void> {
  const before = await stat(place, { bigint: true })
  const flags = constants.O_WRONLY | constants.O_NOFOLLOW
  let handle: FileHandle
  let isOpened = false
  try {
    handle = await open(place, flags)
  } catch (error) {
    if (systemCode(error) !== 'EACCES') throw error
    await chmod(place, Number(before.mode & 0o7777n) | 0o200)
    isOpened = true
    handle = await open(place, flags)
  }
  try {
    await work(handle)
    if (isOpened) await handle.chmod(Number(before.mode & 0o7777n))
  } finally {
    await handle.close()
  }
  if (hasLibc) setTime(place, before.mtimeNs)
}
