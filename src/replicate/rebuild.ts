import { chmod, copyFile, realpath, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { lstatIf } from '../core/absent.ts'
import { IngotError, systemCode } from '../core/errors.ts'
import type { Limits } from '../core/limits.ts'
import type { StoredContent } from '../image/content.ts'
import type { SealedManifest } from '../image/manifest.ts'
import type { Links } from '../net/links.ts'
import type { TransferRates } from '../net/transfer-rates.ts'
import type { State } from '../state/state.ts'
import { assembleTree } from '../store/assemble.ts'
import { isUnreadable } from '../store/check-leaves.ts'
import { makeDirectory } from '../store/durable.ts'
import type { Layout } from '../store/layout.ts'
import { placeContent } from '../store/placement.ts'
import { removeTree } from '../store/remove-tree.ts'
import type { Needs, SpaceLedger } from '../store/space.ts'
import { StagedFile } from '../store/staging.ts'
import type { WorkPool } from '../store/work/pool.ts'
import { treePageDecoder } from '../wire/tree.ts'
import { AttemptSpace } from './attempt-space.ts'
import { FileTarget } from './fetch-file.ts'
import { Fetch } from './fetch.ts'
import { TreeTarget } from './fetch-tree.ts'
import { FileSeeds } from './file-seeds.ts'
import { ArrivingPatch } from './patch.ts'
import type { Holder } from './repair-source.ts'
import type { LeafRun } from './runs.ts'
import type { Seed } from './seeds.ts'
import type { Target } from './target.ts'
import { TreeSeeds } from './tree-seeds.ts'

export interface RebuildComponents {
  state: State
  layout: Layout
  links: Links
  rates: TransferRates
  space: SpaceLedger
  limits: Limits
  work: WorkPool
}

export interface RebuildOptions {
  content: StoredContent
  image: SealedManifest
  /** Whom what is missing is fetched from; undefined: nobody. */
  from: Holder | undefined
  /** A file or directory of the operator. */
  path: string | undefined
  /** False when the content is whole by now, or deleted: then it ends. */
  isNeeded: () => boolean
  /** A leaf came that does not verify. */
  onWrong: () => void
  signal: AbortSignal
}

/**
 * Makes a content anew in staging, of all that verifies of the damaged one, of a path of the operator and of a peer, and puts it in its
 * place in one step: a file that is gone, and a tree where writing leaves does not mend. What an attempt before left in staging counts.
 * Throws `wrong-content` when something is still missing.
 */
export async function rebuild(components: RebuildComponents, options: RebuildOptions): Promise<void> {
  const { layout, space: ledger } = components
  const { content, from } = options
  const { digest, kind } = content
  const staging = layout.repair(digest)
  // What an attempt before made of one that is there counts for less than that one does.
  if ((await lstatIf(layout.file(digest))) !== undefined) await removeTree(staging)
  const isNew = await makeDirectory(staging, 0o700)
  // A peer tells what of the index an attempt before did not bring; that of a file was mended before, where there is none.
  if (isNew || (kind === 'file' && from === undefined))
    for (const name of ['index', 'leaves'])
      await copyIf(join(layout.content(digest), name), join(staging, name))
  const space = new AttemptSpace(ledger, () => {})
  try {
    await (kind === 'tree' ? rebuildTree : rebuildFile)(components, options, { staging, space })
    await placeContent(layout, staging, digest)
  } finally {
    space.release()
  }
}

interface Place {
  staging: string
  space: AttemptSpace
}

async function rebuildFile(
  components: RebuildComponents,
  options: RebuildOptions,
  place: Place,
): Promise<void> {
  const { work } = components
  const { content, image, path, signal } = options
  const { digest, size } = content
  // Leaf by leaf, whatever its size and however much of it is wrong.
  const bySeeds = {
    seedLeastBytes: 1,
    seedBlockMissing: Infinity,
    seedLeaves: Infinity,
    seedWrongLeaves: Infinity,
  }
  const limits = { ...components.limits, ...bySeeds }
  const index = join(place.staging, 'index')
  const staged = await StagedFile.open(place.staging, size)
  const real = path && (await realpath(path))
  const seed = real && { image: real, index, size, identity: undefined, progress: undefined }
  const target = new FileTarget(staged, {
    image: image.id,
    content: digest,
    limits,
    work,
    seeds: async () => await FileSeeds.open(seed ? [seed] : [], { limits, work, signal }),
    patch: noPatch(components, image),
    onLocal: () => {},
  })
  try {
    await fill(components, options, target, place.space)
    await staged.complete()
  } finally {
    await target.close()
    await staged.close()
  }
}

async function rebuildTree(
  components: RebuildComponents,
  options: RebuildOptions,
  { staging, space }: Place,
): Promise<void> {
  const { layout, limits } = components
  const { content, image, path, signal } = options
  const { digest } = content
  const codec = { limits, decodePage: treePageDecoder(limits) }
  // The damaged tree itself, file by file: its index may be what is damaged.
  const seeds: Seed[] = [{ from: 'directory', path: layout.file(digest) }]
  if (path !== undefined) seeds.push({ from: 'directory', path })
  const target = new TreeTarget({
    image: image.id,
    content: digest,
    size: content.size,
    entries: image.manifest.entries ?? 0,
    staging,
    place: layout.file(digest),
    limits: { ...limits, seedLeastBytes: 1 }, // whatever its size, it comes from here first
    patch: noPatch(components, image),
    decodePage: codec.decodePage,
    signal,
    reserveIndex: async (bytes) => await space.reserve({ bytes, inodes: 4 }),
    work: components.work,
    seeds: async () => await TreeSeeds.open(seeds, { layout, ...codec }),
    onLocal: () => {},
  })
  try {
    await fill(components, options, target, space)
    const { index, image: root } = target.staged
    await assembleTree({ index, root, signal }, { trust: content.privileged === 'applied' })
    await target.staged.seal()
  } finally {
    await target.close()
  }
}

/** A peer that holds a replica has no patches. */
function noPatch(components: RebuildComponents, image: SealedManifest): ArrivingPatch {
  return new ArrivingPatch(components, image, { isKnown: false, onBase: () => {} })
}

/** Brings to a content what is missing of it: from the peer, or from this disk alone. */
async function fill<R extends LeafRun>(
  { links, rates, limits }: RebuildComponents,
  { from, path, content, isNeeded, onWrong, signal }: RebuildOptions,
  target: Target<R>,
  space: AttemptSpace,
): Promise<void> {
  const { size } = content
  const reserve = async (needs: Needs) => await space.reserve(needs)
  const onProgress = (done: number) => {
    signal.throwIfAborted()
    if (!isNeeded()) throw new IngotError('aborted', 'it is not damaged any more, or deleted')
    space.shrinkTo(size - done)
  }
  if (from === undefined) {
    await fillFromDisk(target, { path, reserve, onProgress })
    return
  }
  const pace = rates.ofJob(from.peerId, undefined)
  const parts = { links, limits, pace, reserve, onWrongLeaf: onWrong, onProgress }
  await new Fetch(parts, { peerId: from.peerId, size }, target, signal).run()
}

/** Fills a content with what this disk has. Throws `wrong-content` when that is not all. */
async function fillFromDisk<R extends LeafRun>(
  target: Target<R>,
  {
    path,
    reserve,
    onProgress,
  }: {
    path: string | undefined
    reserve: (needs: Needs) => Promise<void>
    onProgress: (done: number) => void
  },
): Promise<void> {
  const nobody = async (): Promise<never> => {
    throw new IngotError('wrong-content', 'the index is damaged, and no peer is there to tell it', {
      hint: 'an import of the same file or directory makes the image whole',
    })
  }
  let missing = 0
  let done = 0
  const put = (run: R) => {
    onProgress(done)
    missing += run.count
  }
  const found = (bytes: number) => onProgress((done += bytes))
  await reserve(await target.prepare(nobody))
  await target.plan({ put: async (run) => put(run), again: put, found, counts: false }, nobody)
  if (missing > 0)
    throw new IngotError(
      'wrong-content',
      `${path ?? 'this disk'} does not have all: leaves that are still missing: ${missing}`,
    )
}

async function copyIf(from: string, to: string): Promise<void> {
  try {
    await rm(to, { force: true }) // one that only readers may open
    await copyFile(from, to)
    await chmod(to, 0o644)
  } catch (error) {
    if (systemCode(error) !== 'ENOENT' && !isUnreadable(error)) throw error
    await rm(to, { force: true })
  }
}
