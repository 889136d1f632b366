import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { JobDocument } from '../../src/control/documents.ts'
import type { Limits } from '../../src/core/limits.ts'
import { sha256OfFile } from './files.ts'
import { createNetwork, type Network } from './network.ts'
import { tempDir } from './temp-dir.ts'

/** Two servers, a and b, that know each other and have nothing yet. */
export async function createPair(limits: Partial<Limits> = {}): Promise<Network> {
  const network = await createNetwork(['a', 'b'], limits)
  await network.peer('a', 'b')
  return network
}

/** A file with these bytes. */
export async function fileOf(bytes: Uint8Array): Promise<string> {
  const path = join(await tempDir(), 'source')
  await writeFile(path, bytes)
  return path
}

/** Waits until b has an image of a as it is (null: a tree, which is not compared); resolves to its job. */
export async function arrived(
  { server }: Network,
  image: string,
  sha256: string | null,
): Promise<JobDocument> {
  const here = await server('b').waitImage(`a/${image}`)
  if (sha256 !== null) expect(await sha256OfFile(here.path as string)).toBe(sha256)
  return await server('b').waitJob(`a/${image}`, ({ state }) => state === 'DONE')
}
