import { chmod, cp, mkdir, rename, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { JobDocument } from '../../src/control/documents.ts'
import { randomBytes } from '../support/files.ts'
import type { Network } from '../support/network.ts'
import { createPair } from '../support/pair.ts'
import { tempDir } from '../support/temp-dir.ts'
import { describeTree } from '../support/trees.ts'

const LEAF = 65_536
const MiB = 1024 * 1024

/** Forty small files, and two of more than a segment. */
async function softwareHome(): Promise<string> {
  const root = join(await tempDir(), 'home')
  await mkdir(join(root, 'lib'), { recursive: true })
  for (let i = 0; i < 40; i++)
    await writeFile(join(root, 'lib', `small-${i}`), randomBytes(3000 + i, `small ${i}`))
  await writeFile(join(root, 'big'), randomBytes(5 * MiB, 'big'))
  await writeFile(join(root, 'moved'), randomBytes(5 * MiB, 'moved'))
  return root
}

/** The next version: one small file is new, one large file has other bytes in one leaf, another lies elsewhere. */
async function nextHome(root: string): Promise<void> {
  await writeFile(join(root, 'lib', 'small-7'), randomBytes(2000, 'new'))
  const big = randomBytes(5 * MiB, 'big')
  big[3 * MiB] = (big[3 * MiB] as number) ^ 1
  await writeFile(join(root, 'big'), big)
  await mkdir(join(root, 'elsewhere'))
  await rename(join(root, 'moved'), join(root, 'elsewhere', 'else'))
}

async function arrived({ server }: Network, image: string, source: string): Promise<JobDocument> {
  const here = await server('b').waitImage(`a/${image}`)
  expect(describeTree(here.path as string)).toEqual(describeTree(source))
  return await server('b').waitJob(`a/${image}`, ({ state }) => state === 'DONE')
}

test('of a tree only the files and leaves are fetched that its ancestor does not have', async () => {
  const network = await createPair()
  const root = await softwareHome()
  await network.server('b').subscribeAll('a')
  await network.server('a').importImage('one', { path: root, imageType: 'SOFTWARE' })
  await network.server('b').waitImage('a/one')
  await nextHome(root)
  await network.server('a').importImage('two', { path: root, parent: './one' })
  const job = await arrived(network, 'two', root)
  expect(job.bytesLocal).toBe(job.bytesTotal - LEAF - 2000)
  expect(job.bytesWire).toBeLessThan(LEAF + 2000 + 20_000)
})

test('a copy of a tree that was brought by hand counts by its paths, and nothing is read through its symlinks', async () => {
  const network = await createPair()
  const { server } = network
  const root = await softwareHome()
  const brought = join(server('b').home, 'preseed', 'brought')
  await cp(root, brought, { recursive: true })
  await rename(join(brought, 'lib'), join(await tempDir(), 'lib'))
  await symlink(join(root, 'lib'), join(brought, 'lib'))
  await server('a').importImage('home', { path: root, imageType: 'SOFTWARE' })
  await server('b').subscribeAll('a')
  const job = await arrived(network, 'home', root)
  expect(job.bytesLocal).toBe(10 * MiB)
})

test('a file of a tree that changed on this disk is fetched', async () => {
  const network = await createPair()
  const { server } = network
  const root = await softwareHome()
  await server('b').subscribeAll('a')
  await server('a').importImage('one', { path: root })
  const here = (await server('b').waitImage('a/one')).path as string
  await chmod(join(here, 'lib', 'small-3'), 0o644)
  await writeFile(join(here, 'lib', 'small-3'), 'damaged')
  await nextHome(root)
  await server('a').importImage('two', { path: root, parent: './one' })
  const job = await arrived(network, 'two', root)
  expect(job.bytesLocal).toBe(job.bytesTotal - LEAF - 2000 - 3003)
  expect(job.attempts).toBe(1)
})
