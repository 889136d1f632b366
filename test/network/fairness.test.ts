import { describe, expect, test } from 'vitest'
import { randomBytes, sha256OfFile } from '../support/files.ts'
import { createNetwork } from '../support/network.ts'
import { rawContent } from '../support/raw-content.ts'
import { RawPeer } from '../support/raw-peer.ts'
import { pass, waitFor } from '../support/wait-for.ts'

const MiB = 2 ** 20
const small = (name: string) => rawContent(randomBytes(1_000, name))

describe('many origins', () => {
  test('those that send nothing keep no other waiting, as long as there are places beside', async () => {
    const { server } = await createNetwork(['b'], { jobsRunningMost: 6 })
    const here = server('b')
    const raws: Record<string, RawPeer> = {}
    for (const name of ['one', 'two', 'three', 'four', 'five', 'six', 'seven']) {
      const raw = (await RawPeer.start(name)).serve()
      await raw.registerOn(here, name)
      await here.subscribeAll(name)
      raws[name] = raw
    }
    const stand = async (name: string, image: string) =>
      raws[name]?.hold(raws[name].publish(image, small(image)).id)
    // Two fill the places that are shared, two more have their own.
    for (const name of ['one', 'two']) for (const image of ['a', 'b', 'c']) await stand(name, image)
    const running = async () => (await here.client.jobs({})).jobs.filter(({ state }) => state === 'FETCHING')
    await waitFor(async () => (await running()).length === 4, { what: 'four that stand still' })
    await stand('three', 'a')
    await here.waitJob('three/a', ({ state }) => state === 'FETCHING')
    raws['four']?.publish('a', small('four'))
    await here.waitImage('four/a')
    // A second job of a peer has no place of its own.
    await stand('three', 'b')
    await here.waitJob('three/b', ({ state }) => state === 'QUEUED')
    const release = await stand('five', 'a')
    await here.waitJob('five/a', ({ state }) => state === 'FETCHING')
    raws['seven']?.publish('a', small('seven')) // now the places are full: what comes waits
    await here.waitJob('seven/a', ({ state }) => state === 'QUEUED')
    expect((await running()).map(({ image }) => image).toSorted()).toEqual([
      'five/a',
      'one/a',
      'one/b',
      'three/a',
      'two/a',
      'two/b',
    ])
    release?.()
    await here.waitImage('seven/a')
  })
})

describe('many receivers', () => {
  test('one that asks for much and reads nothing keeps no other waiting', async () => {
    const { server, peer } = await createNetwork(['a', 'b'], { answersBytes: 6 * MiB })
    const [origin, here] = [server('a'), server('b')]
    const { id } = await origin.importImage('gold', { length: 16 * MiB })
    const slow = (await RawPeer.start('slow')).serve()
    await slow.registerOn(origin, 'slow')
    const run = { first: 0, count: 16 }
    const streams = await slow.contentStreams(origin, 12)
    for (const stream of streams)
      for (let each = 0; each < 8; each++)
        await stream.ask({ image: id as `sha256:${string}`, what: 'leaves', run })
    const came = () => streams.reduce((sum, { received }) => sum + received, 0)
    let before = 0
    await waitFor(
      async () => {
        before = came()
        await pass(200) // whatever may move has moved by then
        return before > 0 && came() === before
      },
      { what: 'the answers to stand still', dump: came },
    )
    await peer('a', 'b')
    await here.subscribeAll('a')
    const image = await here.waitImage('a/gold')
    expect(await sha256OfFile(image.path as string)).toBe(image.sha256)
  })
})
