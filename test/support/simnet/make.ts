import { pick } from '../random.ts'
import { refOf, types } from './choices.ts'
import type { SimImage, SimNetwork } from './sim-network.ts'
import type { SimServer } from './sim-server.ts'
import type { Source } from './sources.ts'

const KIB = 1024
const states = ['PUBLISHED', 'PUBLISHED', 'PUBLISHED', 'PUBLISHED', 'PUBLISHED', 'TESTABLE'] as const
const never = new AbortController().signal

/** Makes an image of a new source; one that descends from `parent` if there is one, and has most of its bytes. */
export async function importImage(
  network: SimNetwork,
  server: SimServer,
  { b, c, parent }: { b: number; c: number; parent?: SimImage },
): Promise<void> {
  const name = `image${network.images.size}`
  const source = makeSource(network, name, { b, parent })
  const type = pick(types, c) ?? 'DISK'
  const state = pick(states, c >> 2) ?? 'PUBLISHED'
  const image: SimImage = { name, origin: server, source, type, announcedAt: undefined }
  network.images.set(name, image)
  const below = parent === undefined ? '' : `, below ${refOf(server, parent)}`
  const what = `${server.name} makes ${name}, ${source.kind} of ${source.size} bytes, ${type}, ${state}${below}`
  const outcome = await network.attempt(server, what, async () => {
    const parents = parent === undefined ? {} : { parent: refOf(server, parent) }
    const body = { image: name, path: source.path, imageType: type, state, ...parents }
    await server.client.importImage(body, { signal: never, onProgress: () => {} })
  })
  if (outcome === 'done') acknowledge(server, image, state)
}

/** A server said that an own image of it is in that state now. */
export function acknowledge(server: SimServer, image: SimImage, state: string): void {
  server.facts.images.set(image.name, state)
  if (state !== 'PUBLISHED') image.announcedAt = undefined
  else image.announcedAt ??= Date.now()
}

function makeSource(
  network: SimNetwork,
  name: string,
  { b, parent }: { b: number; parent: SimImage | undefined },
): Source {
  const { sources, sizes } = network
  if (parent !== undefined) return sources.related(name, parent.source)
  // Now and then the bytes of another image: what is here already need not come again.
  const other = b % 16 === 0 ? pick([...network.images.values()], b >> 4) : undefined
  if (other !== undefined) return other.source
  const bytes = sizes === 'small' ? sizeOf(b, 64) : sizeOf(b, b % 5 === 0 ? 3 * KIB : 192)
  return b % 6 === 1 ? sources.tree(name, bytes) : sources.file(name, bytes)
}

/** Bytes from 1 KiB to so many KiB. */
function sizeOf(number: number, mostKiB: number): number {
  return KIB + ((number * 7919) % (mostKiB * KIB))
}
