import { readlink } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { expect, test } from 'vitest'
import type { ImageDocument, JobDocument } from '../../src/control/documents.ts'
import { sha256OfFile } from '../support/files.ts'
import { createNetwork, type TestServer } from '../support/network.ts'

interface Conflict {
  origin: TestServer
  here: TestServer
  /** The image that is here. */
  held: ImageDocument
  /** The one that came under its name. */
  published: ImageDocument
  job: JobDocument
}

/** A server that holds `a/gold`, whose origin deleted it and published other content under the same name. */
async function conflict(): Promise<Conflict> {
  const { server, peer } = await createNetwork(['a', 'b'])
  const [origin, here] = [server('a'), server('b')]
  await peer('a', 'b')
  await here.subscribeAll('a')
  await origin.importImage('gold', { seed: 'one' })
  const held = await here.waitImage('a/gold')
  await origin.client.deleteImage('gold')
  const published = await origin.importImage('gold', { seed: 'two' })
  const job = await here.waitJob('a/gold', ({ state }) => state === 'CONFLICT')
  return { origin, here, held, published, job }
}

async function contents(server: TestServer): Promise<string[]> {
  return (await server.list('images', 'content')).toSorted()
}

const folder = ({ path }: ImageDocument) => basename(join(path as string, '..'))

test('other content under a known name becomes a job in CONFLICT, never an overwrite', async () => {
  const { here, held, published, job, origin } = await conflict()
  expect(job).toMatchObject({
    imageId: published.id,
    reason: 'another image of this name is here',
    bytesWire: 0,
  })
  expect(await here.waitImage('a/gold')).toMatchObject({ id: held.id, atOrigin: 'deleted' })
  expect(await sha256OfFile(held.path as string)).toBe(held.sha256)
  expect(await contents(here)).toEqual([folder(held)])
  expect(await here.list('images', 'staging')).toEqual([])
  await origin.waitHolder('gold', 'b', ({ state, reason }) => {
    return state === 'refused' && reason === 'another image of this name is held'
  })
  expect((await here.client.doctor()).checks).toContainEqual(
    expect.objectContaining({
      check: 'jobs',
      result: 'warning',
      advice: expect.stringContaining('resolve') as string,
    }),
  )
  expect((await here.client.status()).jobs).toMatchObject({ conflict: 1 })
  await expect(
    here.client.waitImage({ image: published.id }, new AbortController().signal),
  ).rejects.toMatchObject({ code: 'conflict' })
})

test('a conflict resolved with keep leaves what is here, also over a restart and what is announced later', async () => {
  const { origin, here, held, published, job } = await conflict()
  expect(await here.client.resolveJob(job.id, { resolution: 'keep' })).toMatchObject({
    state: 'CANCELLED',
    reason: 'the image that is here was kept',
  })
  await here.stop()
  await here.start()
  await here.waitLink('a', 'up')
  await origin.importImage('later')
  await here.waitImage('a/later')
  expect((await here.client.images({ image: 'a/gold' })).images).toMatchObject([
    { id: held.id, status: 'enabled' },
  ])
  const { decision, rule, declined } = await here.client.explainImage({ server: 'a', image: published.id })
  expect({ decision, rule, declined }).toMatchObject({
    decision: 'refused',
    rule: 'another image of its name was kept here',
    declined: { why: 'kept' },
  })
  // Asked for by name it is wanted again, and is a conflict again.
  await here.subscribeImage('a', published.id)
  await here.waitJob('a/gold', ({ id, state }) => id > job.id && state === 'CONFLICT')
})

test('a conflict resolved with replace puts the new image in the place of the old one, whose content goes', async () => {
  const { here, held, published, job } = await conflict()
  await here.client.resolveJob(job.id, { resolution: 'replace' })
  await here.waitJob('a/gold', ({ state }) => state === 'DONE')
  const { images } = await here.client.images({})
  expect(images).toMatchObject([{ id: published.id, ref: 'a/gold', link: held.link, status: 'enabled' }])
  const [image] = images as [ImageDocument]
  expect(await sha256OfFile(image.link as string)).toBe(published.sha256)
  expect(await contents(here)).toEqual([folder(image)])
})

test('the content of a replaced image stays while another image stands on it', async () => {
  const { origin, here, held, job } = await conflict()
  await origin.importImage('silver', { seed: 'one' })
  await here.waitImage('a/silver')
  await here.client.resolveJob(job.id, { resolution: 'replace' })
  await here.waitJob('a/gold', ({ state }) => state === 'DONE')
  expect(await contents(here)).toHaveLength(2)
  expect((await here.waitImage('a/silver')).path).toBe(held.path)
  expect(await sha256OfFile(held.path as string)).toBe(held.sha256)
})

test('a conflict resolved with rename keeps both, each under its name and link', async () => {
  const { here, held, published, job } = await conflict()
  await here.client.resolveJob(job.id, { resolution: 'rename', name: 'gold-new' })
  const renamed = await here.waitImage('a/gold-new')
  expect(renamed).toMatchObject({ id: published.id, ref: 'a/gold-new', name: 'gold-new' })
  expect(basename(renamed.link as string)).toBe('gold-new')
  expect(await sha256OfFile(renamed.link as string)).toBe(published.sha256)
  expect(await here.waitImage('a/gold')).toMatchObject({ id: held.id })
  expect(await sha256OfFile(held.link as string)).toBe(held.sha256)
  expect((await here.list('images', 'a')).toSorted()).toEqual(['gold', 'gold-new'])
  // The names last: the next start makes the same links.
  await here.stop()
  await here.start()
  expect((await here.list('images', 'a')).toSorted()).toEqual(['gold', 'gold-new'])
  expect(await readlink(renamed.link as string)).toContain(folder(renamed))
  // The name of the origin still finds it, in a question about the origin.
  await here.waitLink('a', 'up')
  expect((await here.client.images({ server: 'a' })).images).toMatchObject([{ id: published.id }])
})

test('a conflict outlives a restart of both sides and is resolved afterwards', async () => {
  const { origin, here, published, job } = await conflict()
  await here.stop()
  await origin.stop()
  await here.start()
  expect(await here.job('a/gold')).toMatchObject({ id: job.id, state: 'CONFLICT' })
  await here.client.resolveJob(job.id, { resolution: 'replace' })
  expect(await here.job('a/gold')).toMatchObject({ id: job.id, state: 'QUEUED' })
  await here.stop() // what was decided outlives a restart too
  await here.start()
  await origin.start()
  await here.waitJob('a/gold', ({ state }) => state === 'DONE')
  expect((await here.client.images({})).images).toMatchObject([{ id: published.id, ref: 'a/gold' }])
})

test('deleting the image that is in the way ends the conflict', async () => {
  const { here, published } = await conflict()
  await here.client.deleteImage('a/gold')
  await here.waitJob('a/gold', ({ state }) => state === 'DONE')
  expect((await here.client.images({})).images).toMatchObject([{ id: published.id }])
  expect(await contents(here)).toHaveLength(1)
})

test('a name that is taken, a job that is no conflict, and one that is not there are refused', async () => {
  const { origin, here, job } = await conflict()
  await origin.importImage('silver')
  await here.waitImage('a/silver')
  const silver = (await here.job('a/silver')) as JobDocument
  await expect(
    here.client.resolveJob(job.id, { resolution: 'rename', name: 'silver' }),
  ).rejects.toMatchObject({ code: 'conflict', hint: expect.stringContaining('choose a name') as string })
  await expect(here.client.resolveJob(job.id, { resolution: 'rename', name: 'gold' })).rejects.toMatchObject({
    code: 'conflict',
  })
  await expect(
    here.client.resolveJob(job.id, { resolution: 'rename', name: '../gold' }),
  ).rejects.toMatchObject({ code: 'usage' })
  await expect(here.client.resolveJob(silver.id, { resolution: 'replace' })).rejects.toMatchObject({
    code: 'conflict',
    hint: expect.stringContaining('query job') as string,
  })
  await expect(here.client.resolveJob(9_999, { resolution: 'replace' })).rejects.toMatchObject({
    code: 'not-found',
  })
  expect(await here.job('a/gold')).toMatchObject({ state: 'CONFLICT' })
})

test('two images of one name that come one after the other end in one image and one conflict', async () => {
  const { server, peer } = await createNetwork(['a', 'b'])
  await peer('a', 'b')
  await server('b').subscribeAll('a')
  const names = ['one', 'two', 'three']
  for (const seed of names) {
    await server('a').importImage('gold', { seed })
    await server('b').waitJob('a/gold', ({ state }) => ['DONE', 'CONFLICT'].includes(state))
    if (seed !== 'three') await server('a').client.deleteImage('gold')
  }
  const { jobs } = await server('b').client.jobs({})
  const state = async () => (await server('b').client.jobs({})).jobs.map((job) => job.state)
  await server('b').waitJob('a/gold', (job) => job.id === 3 && job.state === 'CONFLICT')
  expect(jobs).toHaveLength(3)
  expect(await state()).toEqual(['DONE', 'CANCELLED', 'CONFLICT'])
  expect((await server('b').client.images({ image: 'a/gold' })).images).toHaveLength(1)
})
