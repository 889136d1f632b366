import { expect, test } from 'vitest'
import { builtInTypes } from '../../src/image/manifest.ts'
import { createNetwork } from '../support/network.ts'

const small = { length: 1000 }

test('the built-in types are known to every server, and a type of its own stands on one of them', async () => {
  const { server } = await createNetwork(['a'])
  const a = server('a')
  expect(await a.client.addImageType('golden', 'DISK')).toEqual({
    name: 'golden',
    baseType: 'DISK',
    builtIn: false,
    images: 0,
  })
  const { imageTypes } = await a.client.imageTypes()
  expect(imageTypes.map(({ name }) => name)).toEqual([...builtInTypes, 'golden'])
  expect(imageTypes.filter(({ builtIn }) => builtIn).every((each) => each.name === each.baseType)).toBe(true)
  const made = await a.importImage('gold', { ...small, imageType: 'golden' })
  expect(made).toMatchObject({ type: 'golden', baseType: 'DISK' })
  expect((await a.client.imageTypes()).imageTypes.at(-1)).toMatchObject({ name: 'golden', images: 1 })
  expect((await a.client.images({ imageType: 'golden' })).images).toHaveLength(1)
  expect((await a.client.images({ imageType: 'DISK' })).images).toEqual([])
})

test('a type that stands on no built-in one, or whose name is taken, is refused', async () => {
  const { server } = await createNetwork(['a'], { imageTypes: 1 })
  const a = server('a')
  await a.client.addImageType('golden', 'DISK')
  const refused = async (name: string, base: string, code: string, hint: string) =>
    await expect(a.client.addImageType(name, base)).rejects.toMatchObject({
      code,
      hint: expect.stringContaining(hint),
    })
  await refused('other', 'golden', 'not-found', 'DISK, OS, ISO')
  await refused('golden', 'OS', 'conflict', 'query imagetype')
  await refused('GOLDEN', 'OS', 'conflict', 'query imagetype')
  await refused('disk', 'OS', 'conflict', 'query imagetype')
  await refused('other', 'OS', 'conflict', 'delete imagetype')
  await expect(a.client.addImageType('../x', 'OS')).rejects.toMatchObject({ code: 'usage' })
  await expect(a.importImage('gold', { ...small, imageType: 'other' })).rejects.toMatchObject({
    code: 'not-found',
    hint: expect.stringMatching(/golden.*add imagetype/),
  })
})

test('a built-in type, and one that images have, cannot be deleted', async () => {
  const { server } = await createNetwork(['a'])
  const a = server('a')
  await a.client.addImageType('golden', 'DISK')
  await a.importImage('gold', { ...small, imageType: 'golden', private: true })
  await expect(a.client.deleteImageType('DISK')).rejects.toMatchObject({ code: 'conflict' })
  await expect(a.client.deleteImageType('golden')).rejects.toMatchObject({
    code: 'conflict',
    hint: expect.stringContaining('query image --imagetype golden'),
  })
  await expect(a.client.deleteImageType('other')).rejects.toMatchObject({ code: 'not-found' })
  await a.client.deleteImage('gold')
  await a.client.deleteImageType('golden')
  expect((await a.client.imageTypes()).imageTypes.map(({ name }) => name)).toEqual([...builtInTypes])
  await expect(a.importImage('gold', { ...small, imageType: 'golden' })).rejects.toMatchObject({
    code: 'not-found',
  })
})

test("a peer's types stay that peer's: its image shows both types, and what is made from it here has the base type", async () => {
  const { server, peer } = await createNetwork(['a', 'b', 'c'])
  await peer('a', 'b')
  await peer('b', 'c')
  const [a, b] = [server('a'), server('b')]
  await a.client.addImageType('xyzzy', 'ISO')
  await b.subscribeAll('a')
  await a.importImage('gold', { ...small, imageType: 'xyzzy' })
  expect(await b.waitImage('a/gold')).toMatchObject({ type: 'xyzzy', baseType: 'ISO' })
  expect((await b.client.imageTypes()).imageTypes.map(({ name }) => name)).toEqual([...builtInTypes])
  await expect(b.importImage('mine', { ...small, imageType: 'xyzzy' })).rejects.toMatchObject({
    code: 'not-found',
  })
  const child = await b.importImage('child', { ...small, parent: 'a/gold' })
  expect(child).toMatchObject({ type: 'ISO', baseType: 'ISO' })
  const adopted = await b.client.adoptImage({ image: 'a/gold', as: 'adopted' })
  expect(adopted).toMatchObject({ type: 'ISO', baseType: 'ISO' })
  await server('c').subscribeAll('b')
  await server('c').waitImage('b/adopted')
  expect(await server('c').knows('xyzzy')).toBe(false)
  // The same name may mean another thing here: then it is not that type.
  await b.client.addImageType('xyzzy', 'OS')
  expect(await b.importImage('other', { ...small, parent: 'a/gold' })).toMatchObject({ type: 'ISO' })
})

test('the selector of a type takes exactly that type, not those that stand on it, and may come before it', async () => {
  const { server, peer } = await createNetwork(['a', 'b', 'c'])
  await peer('a', 'b')
  await peer('a', 'c')
  const [a, b, c] = [server('a'), server('b'), server('c')]
  await b.subscribe('a', { kind: 'imagetype', imageType: 'golden' })
  await c.subscribe('a', { kind: 'imagetype', imageType: 'DISK' })
  await a.client.addImageType('golden', 'DISK')
  await a.client.addImageType('golden.2', 'DISK')
  await a.importImage('one', { ...small, imageType: 'golden' })
  await a.importImage('two', { ...small, imageType: 'golden.2' })
  await a.importImage('disk', small)
  await a.importImage('last', { ...small, imageType: 'golden' })
  for (const name of ['a/one', 'a/last']) await b.waitImage(name)
  await c.waitImage('a/disk')
  await a.importImage('end', small)
  await c.waitImage('a/end')
  expect(await b.enabled()).toEqual(['a/last', 'a/one'])
  expect(await c.enabled()).toEqual(['a/disk', 'a/end'])
})
