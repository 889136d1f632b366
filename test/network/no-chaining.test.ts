import { expect, test } from 'vitest'
import { toDigest, type Digest } from '../../src/image/digest.ts'
import type { SealedManifest } from '../../src/image/manifest.ts'
import { encodeEvent } from '../../src/wire/journal.ts'
import { randomBytes } from '../support/files.ts'
import { createNetwork, type TestServer } from '../support/network.ts'
import { honestAnswer, rawContent } from '../support/raw-content.ts'
import { RawPeer } from '../support/raw-peer.ts'
import { inStateOf } from '../support/state.ts'
import { waitFor } from '../support/wait-for.ts'

/** The manifest of an image, as a server that runs stores it. */
function storedManifest(server: TestServer, id: string): SealedManifest {
  const record = inStateOf(server, (state) => state.images.byId(id as Digest))
  if (record === undefined) throw new Error(`${id} is not on ${server.name}`)
  return record.sealed
}

test('A–B and B–C imply nothing for A–C: C neither lists, nor is told of, nor is served what A made', async () => {
  const { server, peer } = await createNetwork(['alpha', 'bravo', 'charlie'])
  await peer('alpha', 'bravo')
  await peer('bravo', 'charlie')
  await server('bravo').subscribeAll('alpha')
  await server('charlie').subscribeAll('bravo')
  const made = await server('alpha').importImage('gold-of-alpha')
  await server('bravo').waitImage('alpha/gold-of-alpha')
  // What bravo makes does reach charlie: the line works, and everything before it has passed.
  await server('bravo').importImage('own-of-bravo')
  await server('charlie').waitImage('bravo/own-of-bravo')
  const listed = await server('charlie').client.images({ server: 'bravo' })
  expect(listed.images.map(({ name }) => name)).toEqual(['own-of-bravo'])
  expect((await server('charlie').client.images({})).images.map(({ ref }) => ref)).toEqual([
    'bravo/own-of-bravo',
  ])
  // What is there is found: in its answers, and where only its database has it.
  await server('charlie').client.addMember('clients', 'client-of-charlie')
  for (const trace of ['own-of-bravo', server('bravo').peerId, 'client-of-charlie'])
    expect(await server('charlie').knows(trace), trace).toBe(true)
  for (const trace of [
    made.id,
    made.content,
    made.sha256 ?? '',
    made.name,
    server('alpha').peerId,
    'alpha',
  ]) {
    expect(await server('charlie').knows(trace), trace).toBe(false)
  }
  expect(await server('alpha').knows(server('charlie').peerId)).toBe(false)
})

test('a registered peer that knows the id of a replica is not served it', async () => {
  const { server, peer } = await createNetwork(['alpha', 'bravo'])
  await peer('alpha', 'bravo')
  await server('bravo').subscribeAll('alpha')
  const made = await server('alpha').importImage('gold')
  const replica = await server('bravo').waitImage('alpha/gold')
  const own = await server('bravo').importImage('own')
  const charlie = await RawPeer.start('charlie')
  await charlie.registerOn(server('bravo'), 'charlie')
  const stream = await charlie.contentStream(server('bravo'))
  const ask = async (image: string) => {
    await stream.ask({ image: image as `sha256:${string}`, what: 'leaves', run: { first: 0, count: 1 } })
    await stream.answer(new Uint8Array(65_536))
  }
  await ask(own.id) // the line works
  await expect(ask(replica.id)).rejects.toMatchObject({ code: 'not-announced' })
  await expect(ask(made.content)).rejects.toMatchObject({ code: 'not-announced' })
  await expect(ask(toDigest(randomBytes(32, 'nobody')))).rejects.toMatchObject({ code: 'not-announced' })
})

test('a private, a testable and an unregistered-for image are not served', async () => {
  const { server } = await createNetwork(['bravo'])
  const charlie = await RawPeer.start('charlie')
  await charlie.registerOn(server('bravo'), 'charlie')
  const secret = await server('bravo').importImage('secret', { private: true })
  const early = await server('bravo').importImage('early', { state: 'TESTABLE' })
  const stream = await charlie.contentStream(server('bravo'))
  for (const { id } of [secret, early]) {
    await stream.ask({ image: id as `sha256:${string}`, what: 'segments', run: { first: 0, count: 1 } })
    await expect(stream.answer(new Uint8Array(32))).rejects.toMatchObject({ code: 'not-announced' })
  }
})

test('a manifest whose origin is not the key of the session stops the intake, and nothing of it is kept', async () => {
  const { server, peer } = await createNetwork(['alpha', 'bravo', 'charlie'])
  await peer('alpha', 'bravo')
  await server('bravo').subscribeAll('alpha')
  const made = await server('alpha').importImage('gold')
  await server('bravo').waitImage('alpha/gold')
  const sealed = storedManifest(server('bravo'), made.id)
  // A peer of charlie passes on what alpha signed, and would serve it.
  const content = rawContent(randomBytes(300_000, 'alpha gold'))
  expect(content.root).toBe(made.content)
  const relay = await RawPeer.start('relay')
  relay.onContent = (request) => ({ code: 'ok', payload: honestAnswer(content, request) })
  relay.publish('before', content)
  relay.append(encodeEvent({ type: 'image-published', image: sealed }))
  await relay.registerOn(server('charlie'), 'relay')
  const fault = await waitFor(
    async () => (await server('charlie').client.peers({ server: 'relay' })).peers[0]?.fault,
    { what: 'the fault', timeoutMs: 10_000 },
  )
  expect(fault).toBe('it announced an image that it did not create')
  await expect(
    server('charlie').client.subscribe({ server: 'relay', selector: { kind: 'all' } }),
  ).rejects.toMatchObject({
    code: 'conflict',
  })
  expect(await server('charlie').knows(made.id)).toBe(false)
})
