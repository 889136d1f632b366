import { chmod, readFile, stat, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { sha256OfFile, writeRandomFile } from '../support/files.ts'
import { createNetwork } from '../support/network.ts'
import { tempDir } from '../support/temp-dir.ts'
import { waitFor } from '../support/wait-for.ts'

const MiB = 1024 * 1024
const never = new AbortController().signal

async function sourceFile(length = 3 * MiB): Promise<string> {
  const path = join(await tempDir(), 'source')
  await writeRandomFile(path, length, 'the same content')
  return path
}

test('of a content that was damaged here since only what is damaged is fetched again, and mended', async () => {
  const { server, peer } = await createNetwork(['a', 'b'])
  await peer('a', 'b')
  await server('b').subscribeAll('a')
  const path = await sourceFile()
  const one = await server('a').importImage('one', { path })
  const { path: here } = await server('b').waitImage('a/one')
  await chmod(here as string, 0o644)
  const bytes = await readFile(here as string)
  bytes[100] = (bytes[100] as number) ^ 1
  await writeFile(here as string, bytes)
  await server('a').importImage('two', { path })
  await server('b').waitImage('a/two')
  const job = await server('b').waitJob('a/two', ({ state }) => state === 'DONE')
  expect(job).toMatchObject({ bytesLocal: 3 * MiB - 65_536 })
  expect(job.bytesWire).toBeLessThan(100_000)
  expect(await sha256OfFile(here as string)).toBe(one.sha256)
})

test('a file that was registered in place is copied for a replica, not linked', async () => {
  const { server, peer } = await createNetwork(['a', 'b'])
  await peer('a', 'b')
  const path = await sourceFile()
  await server('b').client.importImage(
    { image: 'mine', path, inPlace: true },
    { signal: never, onProgress: () => {} },
  )
  await server('b').subscribeAll('a')
  const made = await server('a').importImage('theirs', { path })
  const here = await server('b').waitImage('a/theirs')
  const job = await server('b').waitJob('a/theirs', ({ state }) => state === 'DONE')
  expect(job).toMatchObject({ bytesLocal: 3 * MiB, bytesWire: 0 })
  expect(here.path).not.toBe(path)
  await truncate(path, 0)
  expect(await sha256OfFile(here.path as string)).toBe(made.sha256)
})

test('a private image is no source for the image of a peer', async () => {
  const { server, peer } = await createNetwork(['a', 'b'])
  await peer('a', 'b')
  const path = await sourceFile()
  await server('b').importImage('mine', { path, private: true })
  await server('b').subscribeAll('a')
  await server('a').importImage('theirs', { path })
  await server('b').waitImage('a/theirs')
  const job = await server('b').waitJob('a/theirs', ({ state }) => state === 'DONE')
  expect(job).toMatchObject({ bytesLocal: 0 })
  expect(job.bytesWire).toBeGreaterThan(3 * MiB)
})

test('an image in place that changed on disk is not sent, and the job says so', async () => {
  const { server, peer } = await createNetwork(['a', 'b'])
  await peer('a', 'b')
  const path = await sourceFile()
  await server('a').client.importImage(
    { image: 'gold', path, inPlace: true },
    { signal: never, onProgress: () => {} },
  )
  const { size } = await stat(path)
  await truncate(path, size - 1)
  await server('b').subscribeAll('a')
  const job = await server('b').waitJob('a/gold', ({ state }) => state === 'WAITING')
  expect(job.reason).toBe('changed-on-disk')
  expect(await server('b').list('images', 'a')).toEqual([])
})

test('an image that is wanted again while its job is being cancelled comes all the same', async () => {
  const { server, peer } = await createNetwork(['a', 'b'])
  await peer('a', 'b')
  await server('a').importImage('gold', { length: 60 * MiB })
  await server('b').subscribeAll('a')
  await server('b').waitJob('a/gold', ({ state }) => state === 'FETCHING')
  const ended = server('b').client.unsubscribe({ server: 'a', selector: { kind: 'all' } })
  await server('b').subscribeAll('a')
  await ended
  await server('b').waitImage('a/gold')
})

test('unregistering during a transfer ends the job, its staging and the relation on both sides', async () => {
  const { server, peer } = await createNetwork(['a', 'b'])
  await peer('a', 'b')
  await server('a').importImage('gold', { length: 60 * MiB })
  await server('b').subscribeAll('a')
  await server('b').waitJob('a/gold', ({ state }) => state === 'FETCHING')
  await server('b').client.unregister('a', false)
  expect((await server('b').client.jobs({})).jobs.map(({ state }) => state)).toEqual(['CANCELLED'])
  expect(await server('b').list('images', 'staging')).toEqual([])
  await waitFor(
    async () => (await server('a').client.peers({ server: 'b' })).peers[0]?.status === 'suspended',
    {
      what: 'the suspension on the other side',
    },
  )
})
