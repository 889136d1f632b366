import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { writeSparseFile } from '../support/files.ts'
import { createNetwork } from '../support/network.ts'
import { tempDir } from '../support/temp-dir.ts'

const MiB = 1024 * 1024
const LEAF = 65_536
const all = { server: 'a', selector: { kind: 'all' } } as const

test('an exact plan counts the leaves that would travel: it fetches indexes and no leaf, and leaves nothing behind', async () => {
  const { server, peer } = await createNetwork(['a', 'b'])
  await peer('a', 'b')
  const path = join(await tempDir(), 'sparse')
  await writeSparseFile(path, 300 * MiB + 5, [{ at: 77 * MiB, length: 3 * LEAF, seed: 'middle' }])
  await server('a').importImage('sparse', { path })
  await server('a').importImage('dense', { length: 200_000 })
  const bound = await server('b').client.subscribe({ ...all, dryRun: true })
  expect(bound).toMatchObject({ exact: false, bytesToMove: 300 * MiB + 5 + 200_000 })
  const exact = await server('b').client.subscribe({ ...all, dryRun: true, exact: true })
  expect(exact).toMatchObject({
    exact: true,
    bytesToMove: 3 * LEAF + 200_000,
    diskNeeded: 3 * LEAF + 200_000,
  })
  expect(await server('b').list('images', 'staging')).toEqual([])
  expect((await server('b').client.jobs({})).jobs).toEqual([])
  await server('b').client.subscribe({ ...all, exact: true })
  await server('b').waitImage('a/sparse')
})

test('an exact plan counts the files of a tree', async () => {
  const { server, peer } = await createNetwork(['a', 'b'])
  await peer('a', 'b')
  const path = join(await tempDir(), 'tree')
  await mkdir(join(path, 'empty'), { recursive: true })
  await writeFile(join(path, 'small'), 'x'.repeat(1000))
  await writeSparseFile(join(path, 'sparse'), 10 * LEAF, [{ at: LEAF, length: LEAF, seed: 'one' }])
  await writeSparseFile(join(path, 'empty', 'holes'), 3 * LEAF, []) // nothing is made, neither of it nor of its directory
  await server('a').importImage('home', { path })
  const plan = await server('b').client.subscribe({ ...all, dryRun: true, exact: true })
  expect(plan).toMatchObject({ exact: true, bytesToMove: 1000 + LEAF })
  expect(await server('b').list('images', 'staging')).toEqual([])
})
