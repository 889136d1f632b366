import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Digest } from '../../src/image/digest.ts'
import { randomBytes } from '../support/files.ts'
import { createNetwork, type TestServer } from '../support/network.ts'
import { rawContent, type RawContent } from '../support/raw-content.ts'
import { RawPeer } from '../support/raw-peer.ts'
import { tempDir } from '../support/temp-dir.ts'

// A peer puts the root of somebody else's content into a manifest of its own: to learn whether it is here, or to get it.

const content = rawContent(randomBytes(3 * 1024 * 1024, 'of somebody else'))

/** Knows the content by its root and size alone: it can answer nothing about it. */
function announceRoot(thief: RawPeer, name: string, of: RawContent = content): Digest {
  thief.onContent = () => ({ code: 'not-found' })
  return thief.publish(name, of).id
}

async function fileOf(bytes: Buffer): Promise<string> {
  const path = join(await tempDir(), 'source')
  await writeFile(path, bytes)
  return path
}

/** What the thief is served when it asks the victim for an id. */
async function served(thief: RawPeer, victim: TestServer, image: Digest): Promise<unknown> {
  const stream = await thief.contentStream(victim)
  await stream.ask({ image, what: 'leaves', run: { first: 0, count: 1 } })
  return await stream.answer(new Uint8Array(65_536)).then(
    () => 'served',
    (error: unknown) => (error as { code: string }).code,
  )
}

test('the root of a private image in a manifest of a peer shows nothing: it is fetched like any other, and is not there', async () => {
  const thief = await RawPeer.start('thief')
  const { server } = await createNetwork(['victim'])
  const victim = server('victim')
  const secret = await victim.importImage('secret', { path: await fileOf(content.bytes), private: true })
  expect(secret.content).toBe(content.root)
  const unknown = rawContent(randomBytes(3 * 1024 * 1024, 'of nobody'))
  const stolen = announceRoot(thief, 'stolen')
  const invented = announceRoot(thief, 'invented', unknown)
  await thief.registerOn(victim, 'thief')
  await victim.subscribeAll('thief')
  for (const image of ['thief/stolen', 'thief/invented'])
    await victim.waitJob(image, ({ state, attempts }) => state === 'WAITING' && attempts >= 2)
  // Both are asked for and told alike: nothing tells one from the other.
  const seen = (image: Digest) => ({
    asked: new Set(thief.requests.filter((request) => request.image === image).map(({ what }) => what)),
    told: new Set(thief.receipts.filter((receipt) => receipt.image === image).map(({ state }) => state)),
  })
  expect(seen(stolen)).toEqual(seen(invented))
  expect(seen(stolen).told).not.toContain('enabled')
  for (const image of [stolen, secret.id as Digest])
    expect(await served(thief, victim, image)).toBe('not-announced')
})

test("the root of another peer's image in a manifest of a peer gets nothing served back, and the other peer hears nothing of it", async () => {
  const [thief, owner] = [await RawPeer.start('thief'), (await RawPeer.start('owner')).serve()]
  const { server } = await createNetwork(['victim'])
  const victim = server('victim')
  const made = owner.publish('gold', content)
  await owner.registerOn(victim, 'owner')
  await victim.subscribeAll('owner')
  await victim.waitImage('owner/gold')
  const stolen = announceRoot(thief, 'stolen')
  await thief.registerOn(victim, 'thief')
  await victim.subscribeAll('thief')
  // Equal content is not moved twice: whoever knows the root learns that it is here. See docs/security.md.
  await victim.waitImage('thief/stolen')
  for (const image of [stolen, made.id, content.root])
    expect(await served(thief, victim, image)).toBe('not-announced')
  for (const image of [stolen, content.root]) expect(await served(owner, victim, image)).toBe('not-announced')
  expect(await served(owner, victim, made.id)).toBe('served') // its own, back to it, to repair
  expect(owner.receipts.every(({ image }) => image === made.id)).toBe(true)
  expect(await victim.announcedBy('owner')).toEqual(['gold'])
})

test('a peer that knows no more than the root of a content is not told its SHA-256', async () => {
  const thief = await RawPeer.start('thief')
  const owner = (await RawPeer.start('owner')).serve()
  const { server } = await createNetwork(['victim'])
  const victim = server('victim')
  owner.publish('gold', content)
  await owner.registerOn(victim, 'owner')
  await victim.subscribeAll('owner')
  await victim.waitImage('owner/gold')
  thief.onContent = () => ({ code: 'not-found' })
  const guess = thief.publish('guess', content, { sha256: content.root })
  await thief.registerOn(victim, 'thief')
  await victim.subscribeAll('thief')
  const job = await victim.waitJob('thief/guess', ({ state }) => state === 'FAILED')
  expect(job).toMatchObject({
    reason: 'wrong-manifest',
    error: expect.stringContaining(content.sha256) as string,
  })
  await victim.waitPeer('thief', () =>
    thief.receipts.some(({ image, state }) => image === guess.id && state === 'refused'),
  )
  expect(JSON.stringify(thief.receipts)).not.toContain(content.sha256.replace('sha256:', ''))
})

test('an image of a third server among the ancestors of a manifest is never named to the peer that lists it', async () => {
  const thief = await RawPeer.start('thief')
  thief.onHello = (hello) => ({ ...hello, features: ['patches'] })
  thief.serve()
  const owner = (await RawPeer.start('owner')).serve()
  const { server } = await createNetwork(['victim'], { patchLeastBytes: 1 })
  const victim = server('victim')
  const made = owner.publish('gold', content)
  await owner.registerOn(victim, 'owner')
  await victim.subscribeAll('owner')
  await victim.waitImage('owner/gold')
  const own = await victim.importImage('own', { length: 500_000 })
  const child = rawContent(
    Buffer.concat([content.bytes.subarray(0, 1_000_000), randomBytes(1_000_000, 'child')]),
  )
  const answers = thief.onContent
  thief.onContent = (request) =>
    request.what === 'patchTable' || request.what === 'patch' ? { code: 'not-found' } : answers(request)
  thief.publish('child', child, { ancestors: [made.id] })
  thief.publish('grandchild', child, { ancestors: [made.id, own.id as Digest], version: '2' })
  await thief.registerOn(victim, 'thief')
  await victim.subscribeAll('thief')
  await victim.waitImage('thief/grandchild')
  await victim.waitImage('thief/child')
  const bases = new Set(thief.requests.flatMap((request) => ('base' in request ? [request.base] : [])))
  expect(bases).not.toContain(content.root)
  expect(bases).toContain(own.content) // what is announced to it may be named
})
