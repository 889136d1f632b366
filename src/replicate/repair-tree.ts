import { chmod, copyFile, mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { IngotError, systemCode } from '../core/errors.ts'
import type { Limits } from '../core/limits.ts'
import type { StoredContent } from '../image/content.ts'
import type { SealedManifest } from '../image/manifest.ts'
import type { Links } from '../net/links.ts'
import type { TransferRates } from '../net/transfer-rates.ts'
import type { State } from '../state/state.ts'
import { assembleTree } from '../store/assemble.ts'
import { isUnreadable } from '../store/check-leaves.ts'
import type { Layout } from '../store/layout.ts'
import { placeContent } from '../store/placement.ts'
import { removeTree } from '../store/remove-tree.ts'
import type { SpaceLedger } from '../store/space.ts'
import type { WorkPool } from '../store/work/pool.ts'
import { treePageDecoder } from '../wire/tree.ts'
import { Fetch } from './fetch.ts'
import { TreeTarget } from './fetch-tree.ts'
import { ArrivingPatch } from './patch.ts'
import { repairStaging, type Holder } from './repair-source.ts'
import { TreeSeeds } from './tree-seeds.ts'
import type { Seed } from './seeds.ts'

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
  /** A directory of the operator. */
  path: string | undefined
  /** So many leaves came that do not verify. */
  onWrong: () => void
  signal: AbortSignal
}

/**
 * Makes a tree anew beside the damaged one, of all that verifies of it, of a directory and of a peer, and puts it in its place in one
 * step: for what writing leaves does not mend. Throws `wrong-content` when something is still missing.
 */
export async function rebuildTree(components: RebuildComponents, options: RebuildOptions): Promise<void> {
  const { layout, limits, space } = components
  const { content, image, path, from, signal } = options
  const { digest } = content
  const staging = layout.staging(repairStaging(digest))
  const codec = { limits, decodePage: treePageDecoder(limits) }
  await removeTree(staging)
  await mkdir(staging, { mode: 0o700 })
  for (const name of ['index', 'leaves'])
    await copyIf(join(layout.content(digest), name), join(staging, name))
  // The damaged tree itself, file by file: its index may be what is damaged.
  const seeds: Seed[] = [{ from: 'directory', path: layout.file(digest) }]
  if (path !== undefined) seeds.push({ from: 'directory', path })
  const promised: { release(): void }[] = []
  const reserve = async (needs: { bytes: number; inodes: number }) =>
    void promised.push(await space.reserve(needs.bytes, needs.inodes))
  const target = new TreeTarget({
    image: image.id,
    content: digest,
    size: content.size,
    entries: image.manifest.entries ?? 0,
    staging,
    place: layout.file(digest),
    limits: { ...limits, seedLeastBytes: 1 }, // whatever its size, it comes from here first
    patch: new ArrivingPatch(components, image, { isKnown: false, onBase: () => {} }),
    decodePage: codec.decodePage,
    signal,
    reserveIndex: async (bytes) => await reserve({ bytes, inodes: 4 }),
    work: components.work,
    seeds: async () => await TreeSeeds.open(seeds, { layout, ...codec }),
    onLocal: () => {},
  })
  try {
    if (from === undefined) await fillFromDisk(target, reserve)
    else {
      const { links, rates } = components
      const pace = rates.ofJob(from.peerId, undefined)
      const parts = { links, limits, pace, reserve, onWrongLeaf: options.onWrong, onProgress: () => {} }
      await new Fetch(parts, { peerId: from.peerId, size: content.size }, target, signal).run()
    }
    const { index, image: root } = target.staged
    await assembleTree({ index, root, signal }, { trust: content.privileged === 'applied' })
    await target.staged.seal()
    await placeContent(layout, staging, digest)
  } finally {
    for (const each of promised) each.release()
    await target.close()
    await removeTree(staging)
  }
}

/** Fills a tree with what this disk has. Throws `wrong-content` when that is not all. */
async function fillFromDisk(
  target: TreeTarget,
  reserve: (needs: { bytes: number; inodes: number }) => Promise<void>,
): Promise<void> {
  const nobody = async (): Promise<never> => {
    throw new IngotError('wrong-content', 'the index of the tree is damaged, and no peer is there to tell it')
  }
  let missing = 0
  const put = (run: { count: number }) => void (missing += run.count)
  await reserve(await target.prepare(nobody))
  await target.plan({ put: async (run) => put(run), again: put, found: () => {}, counts: false }, nobody)
  if (missing > 0)
    throw new IngotError(
      'wrong-content',
      `the directory does not have all: leaves that are still damaged: ${missing}`,
    )
}

async function copyIf(from: string, to: string): Promise<void> {
  try {
    await copyFile(from, to)
    await chmod(to, 0o644)
  } catch (error) {
    if (systemCode(error) !== 'ENOENT' && !isUnreadable(error)) throw error
    await rm(to, { force: true })
  }
}
