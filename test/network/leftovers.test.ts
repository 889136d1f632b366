import { clearDiskFaults, setDiskFaults } from '../support/faults/disk-faults.ts'
import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { defaultLimits } from '../../src/core/limits.ts'
import type { Digest } from '../../src/image/digest.ts'
import { decodeReceiptAck, encodeReceipt } from '../../src/wire/receipt.ts'
import { randomBytes } from '../support/files.ts'
import { testDigest } from '../support/manifests.ts'
import { createNetwork } from '../support/network.ts'
import { rawContent } from '../support/raw-content.ts'
import { RawPeer } from '../support/raw-peer.ts'
import { inStateOf } from '../support/state.ts'

test('a receipt about an image that was never announced is answered like one about an unknown image', async () => {
  const { server } = await createNetwork(['a'])
  const raw = await RawPeer.start('raw')
  await raw.registerOn(server('a'), 'raw')
  const secret = await server('a').importImage('secret', { private: true })
  const open = await server('a').importImage('open')
  const connection = await raw.connect(server('a'))
  const signal = AbortSignal.timeout(20_000)
  const step = { timeoutMs: 20_000, signal }
  const tell = async (image: string) => {
    const channel = await raw.host.openChannel(connection, '/ingot/receipt/1', signal)
    await channel.writeFrame(
      encodeReceipt({ image: image as Digest, state: 'enabled', reason: '', time: 1 }),
      step,
    )
    const accepted = decodeReceiptAck(
      await channel.requireFrame(raw.limits.messageBytes, step),
      defaultLimits,
    )
    await channel.end(step)
    return accepted
  }
  expect(await tell(open.id)).toBe(true)
  expect(await tell(secret.id)).toBe(await tell(testDigest('unknown')))
  expect(await tell(secret.id)).toBe(false)
  expect((await server('a').client.images({ image: 'secret', holders: true })).images[0]?.holders).toEqual([])
})

test('an image that is moved past members that are not announced is not announced again', async () => {
  const { server } = await createNetwork(['a'])
  const { client } = server('a')
  await client.addSeries('s')
  for (const [name, state] of [
    ['first', 'PUBLISHED'],
    ['hidden', 'TESTABLE'],
    ['last', 'PUBLISHED'],
  ] as const)
    await server('a').importImage(name, { state, series: ['s'] })
  const before = (await client.server()).journalSeq
  await client.insertImage({ series: 's', image: 'hidden', before: 'first' })
  await client.insertImage({ series: 's', image: 'first', before: 'hidden' })
  expect((await client.server()).journalSeq).toBe(before)
  await client.insertImage({ series: 's', image: 'last', before: 'first' })
  expect((await client.server()).journalSeq).toBe(before + 1)
})

test('a job that was paused can be cancelled at once, and its image is not fetched later', async () => {
  const raw = (await RawPeer.start('raw')).serve()
  const { server } = await createNetwork(['b'])
  await raw.registerOn(server('b'), 'raw')
  await server('b').subscribeAll('raw')
  const release = raw.hold(raw.publish('gold', rawContent(randomBytes(200_000, 'gold'))).id)
  const { id } = await server('b').waitJob('raw/gold', ({ state }) => state === 'FETCHING')
  const [paused, cancelled] = await Promise.allSettled([
    server('b').client.controlJob(id, 'pause'),
    server('b').client.controlJob(id, 'cancel'),
  ])
  expect(paused.status).toBe('fulfilled')
  expect(cancelled).toMatchObject({ value: { state: 'CANCELLED' } })
  expect(await server('b').list('images', 'staging')).toEqual([])
  release()
  raw.publish('later', rawContent(randomBytes(200_000, 'later')))
  await server('b').waitImage('raw/later')
  expect(await server('b').job('raw/gold')).toMatchObject({ id, state: 'CANCELLED' })
  expect(await server('b').enabled()).toEqual(['raw/later'])
})

test('a job that nobody wants any more is ended by the next start', async () => {
  const raw = (await RawPeer.start('raw')).serve()
  const { server } = await createNetwork(['b'])
  const b = server('b')
  await raw.registerOn(b, 'raw')
  await b.subscribeAll('raw')
  const release = raw.hold(raw.publish('gold', rawContent(randomBytes(200_000, 'gold'))).id)
  await b.waitJob('raw/gold', ({ state }) => state === 'FETCHING')
  await b.stop()
  release()
  inStateOf(b, (state) => {
    const peer = state.peers.require('raw').id
    state.subscriptions.clear(peer)
    for (const image of state.announced.list(peer))
      state.announced.setDecision({ ...image, decision: 'not-wanted', rule: 'no subscription' })
  })
  await b.start()
  await b.waitJob(
    'raw/gold',
    ({ state, reason }) => state === 'CANCELLED' && reason === 'not wanted any more',
  )
  expect((await b.client.images({})).images).toEqual([])
})

test('the next start removes a content that no image stands on, and touches nothing in directories that are not its own', async () => {
  const { server } = await createNetwork(['a'])
  const a = server('a')
  const { id } = await a.importImage('gone')
  await a.importImage('kept')
  await mkdir(join(a.home, 'images', 'lost+found'))
  await symlink('/nowhere', join(a.home, 'images', 'lost+found', 'theirs'))
  await writeFile(join(a.home, 'images', 'note'), '')
  await a.stop()
  inStateOf(a, (state) => state.images.delete(id as Digest))
  expect(await a.list('images', 'content')).toHaveLength(2)
  await a.start()
  expect(await a.list('images', 'content')).toHaveLength(1)
  expect(await a.list('images', 'own')).toEqual(['kept'])
  expect(await a.list('images', 'lost+found')).toEqual(['theirs'])
})

test.skipIf(process.platform !== 'linux')(
  'a start that cannot remove what no image stands on runs all the same, and no link leads to it',
  async () => {
    const { server } = await createNetwork(['a'])
    const a = server('a')
    const { id } = await a.importImage('gone')
    await a.importImage('kept')
    await a.stop()
    inStateOf(a, (state) => state.images.delete(id as Digest))
    const under = join(a.home, 'images', 'content')
    setDiskFaults([{ kind: 'write-error', on: 'unlink', under, after: 0, times: Infinity }])
    await a.start()
    expect(await a.list('images', 'own')).toEqual(['kept'])
    expect(a.log).toContainEqual(
      expect.objectContaining({ message: 'could not remove what nothing needs; a later start tries again' }),
    )
    clearDiskFaults()
    for (const _ of ['it is found', 'it goes']) {
      await a.stop()
      await a.start()
    }
    expect(await a.list('images', 'content')).toHaveLength(1)
    expect(await a.enabled()).toEqual(['./kept'])
  },
)

test('a peer that names another size for a content that is here is not taken at its word', async () => {
  const raw = (await RawPeer.start('raw')).serve()
  const { server } = await createNetwork(['b'])
  await raw.registerOn(server('b'), 'raw')
  await server('b').subscribeAll('raw')
  const content = rawContent(randomBytes(200_000, 'gold'))
  raw.publish('gold', content)
  await server('b').waitImage('raw/gold')
  raw.publish('lie', content, { size: 1 })
  await server('b').waitJob('raw/lie', ({ state, error }) => state === 'WAITING' && error !== null)
  expect((await server('b').client.images({})).images.map(({ ref, status }) => [ref, status])).toContainEqual(
    ['raw/lie', 'waiting'],
  )
})
