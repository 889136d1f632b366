import { expect, test } from 'vitest'
import { createNetwork, type TestServer } from '../support/network.ts'
import { RawPeer } from '../support/raw-peer.ts'

async function register(
  on: TestServer,
  other: TestServer,
  options: { server?: string; fingerprint?: string } = {},
) {
  const { serverData } = await other.client.serverData()
  return await on.client.register({ serverData, ...options })
}

test('one side alone is not enough: the other refuses the key, and the operator sees it', async () => {
  const { server } = await createNetwork(['a', 'b'])
  await server('a').importImage('gold')
  await register(server('b'), server('a'))
  await server('b').waitLink('a', 'down')
  const { peers } = await server('b').client.peers({ server: 'a' })
  expect(peers[0]).toMatchObject({ reason: 'not registered there (or cut)', status: 'registered' })
  await expect(server('b').client.images({ server: 'a' })).rejects.toMatchObject({ code: 'peer-unreachable' })
  expect(
    server('a').log.some(({ message }) => message === 'refused a server that is not registered here'),
  ).toBe(true)
  await register(server('a'), server('b'))
  await server('b').waitLink('a', 'up')
  expect((await server('b').client.images({ server: 'a' })).images).toHaveLength(1)
})

test('an unregistered key is refused before any stream', async () => {
  const { server } = await createNetwork(['a'])
  const raw = await RawPeer.start('stranger')
  await expect(raw.connect(server('a'))).rejects.toThrow()
  expect((await server('a').client.peers({})).peers).toEqual([])
})

test('a server-data file of this server itself is refused', async () => {
  const { server } = await createNetwork(['a'])
  await expect(register(server('a'), server('a'))).rejects.toMatchObject({ code: 'conflict' })
})

test('a fingerprint that differs is refused, the right one is taken', async () => {
  const { server } = await createNetwork(['a', 'b'])
  const { fingerprint } = await server('b').client.serverData()
  const wrong = `sha256:${'0'.repeat(64)}`
  await expect(register(server('a'), server('b'), { fingerprint: wrong })).rejects.toMatchObject({
    code: 'conflict',
  })
  expect((await server('a').client.peers({})).peers).toEqual([])
  await register(server('a'), server('b'), { fingerprint: fingerprint.toUpperCase() })
})

test('server data that was altered after signing is refused', async () => {
  const { server } = await createNetwork(['a', 'b'])
  const { serverData } = await server('b').client.serverData()
  const lines = serverData.split('\n')
  const line = lines[1] as string
  lines[1] = line.slice(0, 20) + (line[20] === 'A' ? 'B' : 'A') + line.slice(21)
  await expect(server('a').client.register({ serverData: lines.join('\n') })).rejects.toMatchObject({
    code: 'invalid',
  })
  await expect(server('a').client.register({ serverData: 'hello' })).rejects.toMatchObject({
    code: 'invalid',
  })
  expect((await server('a').client.peers({})).peers).toEqual([])
})

test('a known key under another name, and another key under a known name, are refused', async () => {
  const { server } = await createNetwork(['a', 'b', 'c'])
  await register(server('a'), server('b'))
  await expect(register(server('a'), server('b'), { server: 'bee' })).rejects.toMatchObject({
    code: 'conflict',
  })
  await expect(register(server('a'), server('c'), { server: 'b' })).rejects.toMatchObject({
    code: 'conflict',
  })
  await register(server('a'), server('b'))
  expect((await server('a').client.peers({})).peers.map(({ name }) => name)).toEqual(['b'])
})

test('names that the image store uses itself are refused for peers', async () => {
  const { server } = await createNetwork(['a', 'b'])
  for (const name of ['content', 'staging', 'own', 'Content']) {
    await expect(register(server('a'), server('b'), { server: name })).rejects.toMatchObject({
      code: 'conflict',
    })
  }
})

test('both sides dial, one connection survives', async () => {
  const { server, peer } = await createNetwork(['a', 'b'])
  for (let round = 0; round < 5; round++) {
    if (round === 0) await peer('a', 'b')
    else await Promise.all([server('a').start(), server('b').start()])
    await server('a').waitLink('b', 'up')
    await server('b').waitLink('a', 'up')
    await server('a').importImage(`image-${round}`, { length: 10 })
    expect((await server('b').client.images({ server: 'a' })).images).toHaveLength(round + 1)
    await Promise.all([server('a').stop(), server('b').stop()])
  }
})

test('a link that is lost is dialled again', async () => {
  const { server, peer } = await createNetwork(['a', 'b'])
  await peer('a', 'b')
  await server('a').stop()
  await server('b').waitLink('a', 'down')
  await server('a').start()
  await server('b').waitLink('a', 'up')
})

test('unregistering tells the other side, which suspends the relation and keeps its configuration', async () => {
  const { server, peer } = await createNetwork(['a', 'b'])
  await peer('a', 'b')
  await server('b').subscribeAll('a')
  await server('a').importImage('gold')
  const here = await server('b').waitImage('a/gold')
  await server('a').client.unregister('b', false)
  await server('b').waitLink('a', 'suspended')
  expect((await server('a').client.peers({})).peers).toEqual([])
  expect((await server('b').client.subscriptions({})).subscriptions).toHaveLength(1)
  expect((await server('b').client.images({})).images).toMatchObject([{ id: here.id, status: 'enabled' }])
  await server('a').importImage('later')
  await register(server('a'), server('b'))
  await server('b').waitImage('a/later')
  expect((await server('b').client.peers({ server: 'a' })).peers[0]).toMatchObject({
    status: 'registered',
    link: 'up',
  })
})

test('the side that unregisters loses its subscriptions and keeps its images and the name of their origin', async () => {
  const { server, peer } = await createNetwork(['a', 'b', 'c'])
  await peer('a', 'b')
  await server('b').subscribeAll('a')
  await server('a').importImage('gold')
  await server('b').waitImage('a/gold')
  await server('b').client.unregister('a', false)
  expect((await server('b').client.subscriptions({})).subscriptions).toEqual([])
  expect((await server('b').client.images({})).images).toMatchObject([{ ref: 'a/gold', status: 'enabled' }])
  await expect(register(server('b'), server('c'), { server: 'a' })).rejects.toMatchObject({
    code: 'conflict',
  })
  await server('a').importImage('later')
  await register(server('b'), server('a'))
  await server('b').waitLink('a', 'up')
  expect((await server('b').client.images({ server: 'a' })).images.map(({ name }) => name)).toEqual([
    'gold',
    'later',
  ])
})

test('a peer that is away is unregistered only with force', async () => {
  const { server, peer } = await createNetwork(['a', 'b'])
  await peer('a', 'b')
  await server('a').stop()
  await server('b').waitLink('a', 'down')
  await expect(server('b').client.unregister('a', false)).rejects.toMatchObject({ code: 'peer-unreachable' })
  await server('b').client.unregister('a', true)
  expect((await server('b').client.peers({})).peers).toEqual([])
})
