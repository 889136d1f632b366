import { chmod, readFile, readdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { JobDocument } from '../../src/control/documents.ts'
import type { ImportBody } from '../../src/control/schema.ts'
import { randomBytes } from '../support/files.ts'
import type { Network } from '../support/network.ts'
import { arrived, createPair, fileOf } from '../support/pair.ts'

const LEAF = 65_536
const KiB = 1024
const MiB = 1024 * 1024
/** Two segments and a little. */
const BASE = randomBytes(9 * MiB + 5, 'base')

/** The base with some bytes of three leaves changed, and a piece more at its end. */
function nextVersion(): Buffer {
  const next = Buffer.concat([BASE, randomBytes(100 * KiB, 'more')])
  for (const at of [3, 3 * MiB, 7 * MiB]) next[at] = (next[at] as number) ^ 1
  return next
}

/** Publishes bytes on a, and waits until b has them as they are; resolves to its job. */
async function publish(
  network: Network,
  image: string,
  bytes: Uint8Array,
  options: Partial<ImportBody> = {},
): Promise<JobDocument> {
  const made = await network.server('a').importImage(image, { path: await fileOf(bytes), ...options })
  return await arrived(network, image, made.sha256)
}

test('of an image only the leaves that its ancestor does not have are fetched', async () => {
  const network = await createPair()
  await network.server('b').subscribeAll('a')
  await publish(network, 'one', BASE)
  const job = await publish(network, 'two', nextVersion(), { parent: './one' })
  // Three changed leaves, the last one, and two that are new; an index of 3 segments.
  expect(job.bytesWire).toBeLessThan(6 * LEAF + 20_000)
  expect(job.bytesLocal).toBeGreaterThan(BASE.length - 5 * LEAF)
  expect(job.bytesDone).toBe(job.bytesTotal)
})

test('an unrelated image of the same type is as good, also one of this server', async () => {
  const network = await createPair()
  await network.server('b').importImage('mine', { path: await fileOf(BASE) })
  await network.server('b').subscribeAll('a')
  const job = await publish(network, 'theirs', nextVersion())
  expect(job.bytesWire).toBeLessThan(6 * LEAF + 20_000)
})

test('an image of another type, or a private one, is not', async () => {
  const network = await createPair()
  await network.server('b').importImage('mine', { path: await fileOf(BASE), private: true })
  const other = await fileOf(Buffer.concat([BASE, BASE.subarray(0, 1)]))
  await network.server('b').importImage('other', { path: other, imageType: 'ISO' })
  await network.server('b').subscribeAll('a')
  const job = await publish(network, 'theirs', nextVersion())
  expect(job.bytesLocal).toBe(0)
})

test('blocks that moved by less than a leaf are found too, and only the others travel', async () => {
  const network = await createPair({ seedBlockMissing: 0 })
  await network.server('b').importImage('mine', { path: await fileOf(BASE) })
  await network.server('b').subscribeAll('a')
  const gap = randomBytes(12 * KiB, 'gap')
  const moved = Buffer.concat([
    gap,
    BASE.subarray(0, 4 * MiB),
    Buffer.alloc(20 * KiB),
    randomBytes(40 * KiB, 'new'),
    BASE.subarray(4 * MiB),
  ])
  const job = await publish(network, 'theirs', moved)
  // Keys of all blocks, 8 bytes each, and the 13 new ones with what shares a block with the end.
  expect(job.bytesWire).toBeLessThan((moved.length / 4096) * 8 + 64 * KiB + 40_000)
  expect(job.bytesLocal).toBeGreaterThan(BASE.length - 16 * KiB)
})

test('a seed whose bytes changed on this disk costs nothing but a fetch', async () => {
  const network = await createPair({ seedWrongLeaves: 2, seedBlockMissing: 0 })
  const { server } = network
  await server('b').subscribeAll('a')
  await publish(network, 'one', BASE)
  const path = (await server('b').waitImage('a/one')).path as string
  await chmod(path, 0o644)
  await writeFile(path, Buffer.concat([BASE.subarray(0, MiB), randomBytes(8 * MiB, 'damaged')]))
  const job = await publish(network, 'two', nextVersion(), { parent: './one' })
  expect(job).toMatchObject({ attempts: 1, error: null })
  expect(job.bytesLocal).toBeGreaterThan(MiB / 2)
  expect(job.bytesLocal).toBeLessThan(2 * MiB)
  expect((await server('b').peer('a')).wrongLeaves).toBe(0)
})

test('a file that was brought by hand is the image: nothing of it travels, and it stays what it is', async () => {
  const network = await createPair()
  const { server } = network
  const brought = join(server('b').home, 'preseed', 'brought.raw')
  await writeFile(brought, BASE)
  await symlink('/dev/zero', join(server('b').home, 'preseed', 'gold.raw'))
  const made = await server('a').importImage('gold', { path: await fileOf(BASE) })
  await server('b').subscribeAll('a')
  const job = await arrived(network, 'gold', made.sha256)
  expect(job).toMatchObject({ bytesWire: 0, bytesLocal: BASE.length })
  expect((await readFile(brought)).equals(BASE)).toBe(true)
  expect((await readdir(join(server('b').home, 'state', 'preseed'))).length).toBe(1)
})

test('a subscription names a file that has most of the image', async () => {
  const network = await createPair()
  const { server } = network
  const made = await server('a').importImage('gold', { path: await fileOf(nextVersion()) })
  const preseed = await fileOf(BASE)
  const wish = { server: 'a', selector: { kind: 'all' as const }, preseed }
  const plan = await server('b').client.subscribe({ ...wish, dryRun: true, exact: true })
  expect(plan).toMatchObject({
    exact: true,
    bytesToMove: 3 * LEAF + 5 + 100 * KiB,
  })
  await server('b').client.subscribe(wish)
  const job = await arrived(network, 'gold', made.sha256)
  expect(job.bytesWire).toBeLessThan(6 * LEAF + 20_000)
  expect((await server('b').client.subscriptions({})).subscriptions[0]).toMatchObject({ preseed })
  const modified = await server('b').client.modifySubscription({ ...wish, preseed: null })
  expect(modified.preseed).toBeNull()
})
