import { expect, test } from 'vitest'
import { createNetwork } from '../support/network.ts'

const all = { kind: 'all' } as const

test('an image is peer/name as the peer is registered here, ./name for an own one, or its id', async () => {
  const { server } = await createNetwork(['a', 'b'])
  await server('a').register(server('b'))
  await server('b').register(server('a'), { server: 'headquarters' })
  await server('b').waitLink('headquarters', 'up')
  await server('a').waitLink('b', 'up')
  await server('b').subscribeAll('headquarters')
  const made = await server('a').importImage('gold')
  const own = await server('b').importImage('mine')
  expect(await server('b').waitImage('headquarters/gold')).toMatchObject({
    ref: 'headquarters/gold',
    origin: 'headquarters',
  })
  const named = async (image: string) => (await server('b').client.images({ image })).images[0]?.id
  for (const ref of ['headquarters/gold', 'gold', made.id]) expect(await named(ref)).toBe(made.id)
  for (const ref of ['./mine', 'mine', own.id]) expect(await named(ref)).toBe(own.id)
  await expect(named('a/gold')).rejects.toMatchObject({
    code: 'not-found',
    hint: expect.stringContaining('query peerserver') as string,
  })
  await expect(named('./gold')).rejects.toMatchObject({
    code: 'not-found',
    hint: expect.stringContaining('query image') as string,
  })
  await expect(named('../gold')).rejects.toMatchObject({ code: 'not-found' })
  await expect(named('headquarters/../gold')).rejects.toMatchObject({ code: 'usage' })
})

test('a bare name means our own image first, whatever peers have', async () => {
  const { server, peer } = await createNetwork(['a', 'b', 'c'])
  await peer('b', 'a')
  await peer('b', 'c')
  await server('a').importImage('gold')
  await server('c').importImage('gold')
  await server('b').subscribeAll('a')
  await server('b').subscribeAll('c')
  await server('b').waitImage('a/gold')
  await server('b').waitImage('c/gold')
  const own = await server('b').importImage('gold')
  expect((await server('b').client.images({ image: 'gold' })).images).toMatchObject([{ id: own.id }])
  await server('b').client.deleteImage('gold')
  expect((await server('b').client.images({})).images.map(({ ref }) => ref).toSorted()).toEqual([
    'a/gold',
    'c/gold',
  ])
})

test('a bare name that two peers have is a conflict that lists them, and nothing is done', async () => {
  const { server, peer } = await createNetwork(['a', 'b', 'c'])
  await peer('b', 'a')
  await peer('b', 'c')
  for (const name of ['a', 'c']) {
    await server(name).importImage('gold')
    await server('b').subscribeAll(name)
    await server('b').waitImage(`${name}/gold`)
  }
  const conflict = {
    code: 'conflict',
    message: expect.stringMatching(/a\/gold.*c\/gold|c\/gold.*a\/gold/) as string,
    hint: 'name one of them in full',
  }
  const { client } = server('b')
  await expect(client.images({ image: 'gold' })).rejects.toMatchObject(conflict)
  await expect(client.deleteImage('gold')).rejects.toMatchObject(conflict)
  await expect(client.promoteImage({ image: 'gold', state: 'TESTABLE' })).rejects.toMatchObject(conflict)
  await expect(client.adoptImage({ image: 'gold' })).rejects.toMatchObject(conflict)
  await expect(server('b').importImage('silver', { parent: 'gold' })).rejects.toMatchObject(conflict)
  const { images } = await client.images({})
  expect(images.map(({ ref, state }) => `${ref} ${state}`).toSorted()).toEqual([
    'a/gold PUBLISHED',
    'c/gold PUBLISHED',
  ])
  await client.deleteImage('c/gold')
  expect((await client.images({ image: 'gold', server: 'a' })).images).toMatchObject([{ ref: 'a/gold' }])
})

test('in a command about a peer a bare name means the image of that peer', async () => {
  const { server, peer } = await createNetwork(['a', 'b', 'c'])
  await peer('b', 'a')
  await peer('b', 'c')
  await server('a').importImage('gold')
  const theirs = await server('c').importImage('gold')
  await server('b').importImage('gold')
  const plan = await server('b').client.subscribe({
    server: 'c',
    selector: { kind: 'image', image: 'gold' },
    dryRun: true,
  })
  expect(plan.images).toMatchObject([{ id: theirs.id }])
})

test('a name is unique on its server, until its image is deleted', async () => {
  const { server } = await createNetwork(['a'])
  await server('a').importImage('gold')
  await expect(server('a').importImage('gold', { seed: 'other' })).rejects.toMatchObject({
    code: 'conflict',
    hint: expect.stringContaining('choose another name') as string,
  })
  await server('a').client.deleteImage('gold')
  await server('a').importImage('gold', { seed: 'other' })
})

test('equal content under another name, of any peer and before or after, moves no bytes', async () => {
  const { server, peer } = await createNetwork(['a', 'b', 'c'])
  await peer('b', 'a')
  await peer('b', 'c')
  await server('a').importImage('one', { seed: 'same' })
  await server('c').importImage('two', { seed: 'same' })
  await server('b').client.subscribe({ server: 'a', selector: all })
  const one = await server('b').waitImage('a/one')
  const plan = await server('b').client.subscribe({ server: 'c', selector: all })
  expect(plan).toMatchObject({ bytesToMove: 0, exact: true, bytesHere: 300_000, diskNeeded: 0 })
  const two = await server('b').waitImage('c/two')
  expect(two.path).toBe(one.path)
  expect(await server('b').job('c/two')).toMatchObject({ bytesWire: 0, bytesLocal: 300_000 })
  expect(await server('b').list('images', 'content')).toHaveLength(1)
})

test('equal content published anew under the same name takes the place of the old image and moves no bytes', async () => {
  const { server, peer } = await createNetwork(['a', 'b'])
  await peer('a', 'b')
  await server('b').subscribeAll('a')
  const old = await server('a').importImage('gold', { seed: 'same' })
  const before = await server('b').waitImage('a/gold')
  await server('a').client.deleteImage('gold')
  const anew = await server('a').importImage('gold', { seed: 'same', version: '2' })
  expect(anew.id).not.toBe(old.id)
  const job = await server('b').waitJob(
    'a/gold',
    ({ imageId, state }) => imageId === anew.id && state === 'DONE',
  )
  expect(job).toMatchObject({ bytesWire: 0, bytesLocal: 300_000 })
  const { images } = await server('b').client.images({})
  expect(images).toMatchObject([{ id: anew.id, ref: 'a/gold', path: before.path, link: before.link }])
})
