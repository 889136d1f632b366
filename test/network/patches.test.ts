import { open, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import type { ImageDocument, JobDocument } from '../../src/control/documents.ts'
import type { ImportBody } from '../../src/control/schema.ts'
import type { Limits } from '../../src/core/limits.ts'
import { randomBytes, sha256OfFile } from '../support/files.ts'
import type { Network } from '../support/network.ts'
import { arrived, createPair, fileOf } from '../support/pair.ts'
import { tempDir } from '../support/temp-dir.ts'
import { describeTree, makeTree } from '../support/trees.ts'
import { waitFor } from '../support/wait-for.ts'

const MiB = 1024 * 1024
const BASE = randomBytes(5 * MiB + 5, 'base')

/** What is equal on this disk does not help: only patches do. */
async function pair(limits: Partial<Limits> = {}): Promise<Network> {
  return await createPair({ patchLeastBytes: 1, seedCandidates: 0, ...limits })
}

/** The base with a hole in it, its end in another place, and something new: little that a patch cannot copy. */
function nextVersion(): Buffer {
  const next = Buffer.concat([
    BASE.subarray(0, MiB),
    Buffer.from('new'),
    Buffer.alloc(8_189),
    BASE.subarray(MiB + 8_192),
  ])
  BASE.copy(next, 2 * MiB, 4 * MiB, 5 * MiB)
  return next
}

const hex = (image: ImageDocument) => image.content.replace('sha256:', '')

/** Waits until a has a patch of an image, from another or from nothing; resolves to its path. */
async function waitPatch({ server }: Network, image: ImageDocument, base?: ImageDocument): Promise<string> {
  const name = `${hex(image)}-${base === undefined ? 'nothing' : hex(base)}`
  const listed = async () => await server('a').list('images', 'patches')
  await waitFor(async () => (await listed()).includes(name), { what: `patch ${name}`, dump: listed })
  return join(server('a').home, 'images', 'patches', name)
}

/** Publishes `two`, descendant of `one`, on a while b, which has `one`, wants nothing; resolves to both. */
async function publishTwo(
  network: Network,
  two: Partial<ImportBody>,
  one: Partial<ImportBody>,
): Promise<{ one: ImageDocument; two: ImageDocument }> {
  const { server } = network
  const first = await server('a').importImage('one', one)
  await server('b').subscribeAll('a')
  await server('b').waitImage('a/one')
  await server('b').client.unsubscribe({ server: 'a', selector: { kind: 'all' } })
  return { one: first, two: await server('a').importImage('two', { ...two, parent: './one' }) }
}

/** Lets b have `two`, and waits until it has; resolves to its job. */
async function arrival(network: Network, two: ImageDocument): Promise<JobDocument> {
  await network.server('b').subscribeAll('a')
  return await arrived(network, 'two', two.sha256)
}

const files = async () => [{ path: await fileOf(nextVersion()) }, { path: await fileOf(BASE) }] as const

test('a descendant comes as a patch from its ancestor', async () => {
  const network = await pair()
  const { one, two } = await publishTwo(network, ...(await files()))
  await waitPatch(network, two, one)
  const job = await arrival(network, two)
  expect(job.bytesWire).toBeLessThan(20_000)
  expect(job.bytesDone).toBe(job.bytesTotal)
})

test('a patch that is damaged is removed, and the image comes as it is', async () => {
  const network = await pair()
  const { one, two } = await publishTwo(network, ...(await files()))
  const path = await waitPatch(network, two, one)
  const file = await open(path, 'r+')
  await file.write('!', (await file.stat()).size - 1)
  await file.close()
  const job = await arrival(network, two)
  expect(job.bytesWire).toBeGreaterThan(MiB)
  expect(network.server('a').log).toContainEqual(
    expect.objectContaining({ message: 'removed a patch that was damaged' }),
  )
})

test('a patch that is not there is made when it is asked for; meanwhile the image comes as it is', async () => {
  const network = await pair()
  const { one, two } = await publishTwo(network, ...(await files()))
  const path = await waitPatch(network, two, one)
  await rm(path)
  const job = await arrival(network, two)
  expect(job.bytesWire).toBeGreaterThan(MiB)
  await waitPatch(network, two, one)
})

test('without an ancestor it comes as a patch from nothing where that is smaller', async () => {
  // Equal only in the large: what is compressed leaf by leaf does not find it.
  const bytes = Buffer.concat([BASE.subarray(0, MiB), BASE.subarray(0, MiB), BASE.subarray(0, MiB)])
  const network = await pair({ patchWorth: 1.5 })
  const { server } = network
  const made = await server('a').importImage('two', { path: await fileOf(bytes) })
  await waitPatch(network, made)
  await server('b').subscribeAll('a')
  const here = await server('b').waitImage('a/two')
  expect(await sha256OfFile(here.path as string)).toBe(made.sha256)
  const job = await server('b').waitJob('a/two', ({ state }) => state === 'DONE')
  expect(job.bytesWire).toBeLessThan(1.2 * MiB)
})

test('a tree comes as a patch', async () => {
  const network = await pair()
  const root = join(await tempDir(), 'tree')
  await makeTree(root)
  const next = `${root}-next`
  execFileSync('cp', ['-a', root, next])
  await rename(join(next, 'big'), join(next, 'moved'))
  await writeFile(join(next, 'another'), 'new')
  const { one, two } = await publishTwo(network, { path: next }, { path: root })
  await waitPatch(network, two, one)
  const job = await arrival(network, two)
  const [here] = (await network.server('b').client.images({ image: 'a/two' })).images
  expect(describeTree(here?.path as string)).toEqual(describeTree(next))
  expect(job.bytesWire).toBeLessThan(30_000) // the index with its leaf digests, most of it
})

test('an adopted image is the ancestor of what descends from it, also where only the first is', async () => {
  const network = await pair()
  const { server } = network
  await server('b').importImage('one', { path: await fileOf(BASE) })
  await server('a').subscribeAll('b')
  await server('a').waitImage('b/one')
  const checked = async () =>
    (await server('a').client.images({ image: 'b/one' })).images[0]?.sha256Checked === true
  await waitFor(checked, { what: 'its SHA-256' })
  await server('a').client.adoptImage({ image: 'b/one', as: 'mine', state: 'TESTABLE' })
  const two = await server('a').importImage('two', { path: await fileOf(nextVersion()), parent: './mine' })
  const one = (await server('b').client.images({ image: './one' })).images[0] as ImageDocument
  await waitPatch(network, two, one)
  await server('b').subscribeAll('a')
  await server('b').waitImage('a/two')
  const job = await server('b').waitJob('a/two', ({ state }) => state === 'DONE')
  expect(job.bytesWire).toBeLessThan(20_000)
})

test('patches go with their content, and nothing is made of what is withdrawn or small', async () => {
  const network = await pair({ patchLeastBytes: MiB })
  const { server } = network
  const text = Buffer.alloc(2 * MiB, 'text that compresses')
  const made = await server('a').importImage('two', { path: await fileOf(text) })
  await server('a').importImage('small', { path: await fileOf(text.subarray(0, MiB - 1)) })
  await server('a').importImage('draft', { path: await fileOf(text.subarray(1)), state: 'TESTABLE' })
  await waitPatch(network, made)
  const listed = async () => await server('a').list('images', 'patches')
  expect(await listed()).toEqual([`${hex(made)}-nothing`])
  await server('a').client.deleteImage('./two')
  await waitFor(async () => (await listed()).length === 0, { what: 'no patches', dump: listed })
})

test('what a crash left half made is removed, patches that are whole stay', async () => {
  const network = await pair()
  const { server } = network
  const text = Buffer.alloc(MiB, 'text that compresses')
  const made = await server('a').importImage('two', { path: await fileOf(text) })
  const path = await waitPatch(network, made)
  await server('a').stop()
  await writeFile(join(path, '..', 'making-x'), 'half')
  await writeFile(
    join(path, '..', path.split('/').at(-1)?.replace(hex(made), '0'.repeat(64)) ?? ''),
    'of nothing',
  )
  await server('a').start()
  expect(await server('a').list('images', 'patches')).toEqual([`${hex(made)}-nothing`])
})
