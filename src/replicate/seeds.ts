import { join } from 'node:path'
import type { Limits } from '../core/limits.ts'
import type { FileIdentity, StoredContent } from '../image/content.ts'
import type { Digest } from '../image/digest.ts'
import type { SealedManifest } from '../image/manifest.ts'
import type { ImageRecord } from '../state/images.ts'
import type { State } from '../state/state.ts'
import type { Layout } from '../store/layout.ts'
import { isLikely, type Preseed, type PreseedFile } from '../store/preseed.ts'

export interface SeedComponents {
  state: State
  layout: Layout
  limits: Limits
  preseed: Preseed
}

/** The image that is on its way here. */
export interface Arriving {
  peerId: string
  image: SealedManifest
  /** Staging directory of its own job: no seed. */
  staging: string
  /** File or directory that its subscription names. */
  preseed: string | undefined
}

/** A file or tree on this disk of which parts may be parts of the image that comes. */
export type Seed =
  | { from: 'content'; content: StoredContent }
  /** What an interrupted job brought so far. */
  | { from: 'staging'; directory: string; size: number }
  | { from: 'file'; file: PreseedFile }
  /** Perhaps a copy of the tree. */
  | { from: 'directory'; path: string }

/** Images that are looked at when others of the same type are looked for. */
const SAME_TYPE = 64

/**
 * Chooses what on this disk may hold parts of an image, likeliest first: pre-seeded files that look like it, its ancestors (nearest
 * first), its siblings in a series (newest first), what interrupted jobs left, images of the same type, other pre-seeded files.
 * What only private images stand on is left out: the origin could tell from what is not asked of it that it is here.
 */
export async function chooseSeeds(components: SeedComponents, arriving: Arriving): Promise<Seed[]> {
  const { limits, preseed } = components
  const { kind, name, size } = arriving.image.manifest
  const local: Seed[] = []
  const taken = new Set<Digest>()
  const add = (record: ImageRecord | undefined) => {
    const content = record && contentOf(components, record, kind)
    if (content === undefined || taken.has(content.digest)) return
    taken.add(content.digest)
    local.push({ from: 'content', content })
  }
  for (const record of relatives(components.state, arriving)) add(record)
  local.push(...interrupted(components, arriving))
  for (const record of sameType(components.state, arriving.image)) add(record)
  const hint = { name, size }
  const first: Seed[] = []
  const last: Seed[] = []
  if (kind === 'file') {
    for (const file of await preseed.files(hint, arriving.preseed))
      (isLikely(file, hint) ? first : last).push({ from: 'file', file })
  } else {
    for (const path of await preseed.directories(name, arriving.preseed))
      first.push({ from: 'directory', path })
  }
  return [...first, ...local, ...last].slice(0, limits.seedCandidates)
}

function contentOf(
  { state }: SeedComponents,
  { sealed }: ImageRecord,
  kind: 'file' | 'tree',
): StoredContent | undefined {
  const { content: digest } = sealed.manifest
  const content = state.images.content(digest)
  return content?.kind === kind && !state.images.isPrivate(digest) ? content : undefined
}

/** Ancestors, then siblings in the series that its origin announces. */
function* relatives(state: State, { peerId, image }: Arriving): Generator<ImageRecord | undefined> {
  for (const ancestor of image.manifest.ancestors) yield state.images.byId(ancestor)
  for (const { series } of state.announcedSeries.of(peerId, image.id)) {
    for (const { image: sibling } of state.announcedSeries.members(peerId, series).toReversed())
      yield state.images.byId(sibling)
  }
}

/** Images of the type, or else of its base type: those of about the same size first, of these the newest. */
function* sameType(state: State, { id, manifest }: SealedManifest): Generator<ImageRecord> {
  const { type, baseType, size } = manifest
  const distance = ({ sealed }: ImageRecord) =>
    Math.round(Math.abs(Math.log2((sealed.manifest.size + 1) / (size + 1))))
  const nearest = (records: ImageRecord[]) =>
    records.filter(({ sealed }) => sealed.id !== id).toSorted((one, other) => distance(one) - distance(other))
  yield* nearest(state.images.newestOfType(type, SAME_TYPE))
  yield* nearest(state.images.newest(SAME_TYPE)).filter(({ sealed }) => sealed.manifest.baseType === baseType)
}

/** What other jobs for files left in staging, the newest first; also one for the same content. */
function interrupted({ state, layout }: SeedComponents, { image, staging }: Arriving): Seed[] {
  if (image.manifest.kind !== 'file') return []
  return state.jobs
    .list({ live: true })
    .toReversed()
    .filter(({ bytesDone }) => bytesDone > 0)
    .flatMap((job): Seed[] => {
      const directory = layout.staging(`job-${job.id}`)
      const manifest = state.announced.get(job.peer, job.image)?.sealed.manifest
      if (directory === staging || manifest?.kind !== 'file' || manifest.baseType !== image.manifest.baseType)
        return []
      return [{ from: 'staging', directory, size: manifest.size }]
    })
}

/** Where the bytes of a file that may be a seed lie. */
export interface SeedPlace {
  image: string
  index: string
  size: number
  /** What it has to be still, where it is not ours. */
  identity: FileIdentity | undefined
  /** Bitmap of the segments that are whole, where not all are. */
  progress: string | undefined
}

/** Places of the seeds of a file; indexes of pre-seeded files are made where there are none. */
export async function placeOf(
  { layout, preseed }: Pick<SeedComponents, 'layout' | 'preseed'>,
  seed: Seed,
  signal: AbortSignal,
): Promise<SeedPlace | undefined> {
  switch (seed.from) {
    case 'content': {
      const { digest, size, inPlace } = seed.content
      const image = inPlace?.path ?? layout.file(digest)
      return { image, index: layout.index(digest), size, identity: inPlace?.stat, progress: undefined }
    }
    case 'staging': {
      const [image, index, progress] = ['image', 'index', 'progress'].map((name) =>
        join(seed.directory, name),
      )
      return { image, index, progress, size: seed.size, identity: undefined } as SeedPlace
    }
    case 'file': {
      const { path, size, identity } = seed.file
      return {
        image: path,
        index: await preseed.index(seed.file, signal),
        size,
        identity,
        progress: undefined,
      }
    }
    case 'directory':
      return undefined
  }
}
