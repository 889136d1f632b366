import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { JobDocument } from '../../src/control/documents.ts'
import { encodeEvent } from '../../src/wire/journal.ts'
import { randomBytes, sha256OfFile } from '../support/files.ts'
import { createNetwork, type TestServer } from '../support/network.ts'
import { rawContent } from '../support/raw-content.ts'
import { RawPeer, stallAt } from '../support/raw-peer.ts'
import { waitFor } from '../support/wait-for.ts'

const small = rawContent(randomBytes(200_000, 'small'))
const conflict = { code: 'conflict', hint: expect.stringContaining('"ingot ') as string }

/** A receiver `b` that takes everything of a raw origin. */
async function receiver(limits = {}): Promise<{ raw: RawPeer; here: TestServer }> {
  const raw = (await RawPeer.start('raw')).serve()
  const { server } = await createNetwork(['b'], limits)
  await raw.registerOn(server('b'), 'raw')
  await server('b').subscribeAll('raw')
  return { raw, here: server('b') }
}

async function run(here: TestServer, image: string): Promise<JobDocument> {
  return await here.waitJob(image, ({ state }) => state === 'FETCHING')
}

/** Names of the images of a peer in the order in which their transfer began. */
function order(raw: RawPeer, names: Record<string, string>): (string | undefined)[] {
  return [...new Set(raw.requests.map(({ image }) => names[image]))]
}

describe('the states of a job', () => {
  test('a list shows every job with its numbers, one job is asked for by its id', async () => {
    const { raw, here } = await receiver()
    const release = raw.hold(raw.publish('held', rawContent(randomBytes(200_000, 'held'))).id)
    raw.publish('gold', small)
    await here.waitImage('raw/gold')
    await run(here, 'raw/held')
    const { jobs } = await here.client.jobs({})
    expect(jobs).toMatchObject([
      {
        id: 1,
        image: 'raw/held',
        origin: 'raw',
        state: 'FETCHING',
        attempts: 1,
        finishedAt: null,
        bytesDone: 0,
      },
      {
        id: 2,
        image: 'raw/gold',
        origin: 'raw',
        state: 'DONE',
        attempts: 1,
        error: null,
        bytesDone: 200_000,
      },
    ])
    expect((await here.client.jobs({ job: 2 })).jobs).toMatchObject([{ id: 2 }])
    await expect(here.client.jobs({ job: 3 })).rejects.toMatchObject({ code: 'not-found' })
    release()
    await here.waitImage('raw/held')
  })

  test('a running job is paused with what is here of it, over restarts, and goes on there', async () => {
    const raw = (await RawPeer.start('raw')).serve()
    const large = rawContent(randomBytes(12_000_000, 'large'))
    const line = stallAt(raw, 128) // the first segments pass
    const { server } = await createNetwork(['b'], { requestLeaves: 16 })
    const here = server('b')
    await raw.registerOn(here, 'raw')
    await here.subscribeAll('raw')
    raw.publish('large', large)
    await waitFor(() => line.served >= 128, { what: 'the first segments', timeoutMs: 20_000 })
    const { id } = await run(here, 'raw/large')
    await waitFor(async () => (await here.stagedBytes(id)) > 6_000_000, { what: 'them on the disk' })
    const paused = await here.client.controlJob(id, 'pause')
    expect(paused).toMatchObject({ state: 'PAUSED', reason: 'paused' })
    expect(paused.bytesDone).toBeGreaterThan(65_536)
    expect(await here.list('images', 'staging')).toEqual([`job-${id}`])
    await expect(here.client.controlJob(id, 'pause')).rejects.toMatchObject(conflict)
    line.stalls = false
    await here.stop()
    await here.start()
    await here.waitLink('raw', 'up')
    raw.publish('small', small) // what comes later is not held up, and wakes nothing
    await here.waitImage('raw/small')
    expect(await here.job('raw/large')).toMatchObject({ id, state: 'PAUSED', bytesDone: paused.bytesDone })
    expect((await here.client.images({ image: 'raw/large' })).images).toMatchObject([{ status: 'paused' }])
    line.served = 0
    await here.client.controlJob(id, 'resume')
    const image = await here.waitImage('raw/large')
    expect(await sha256OfFile(image.path as string)).toBe(large.sha256)
    expect(line.served).toBe(Math.ceil((12_000_000 - paused.bytesDone) / 65_536))
    await expect(here.client.controlJob(id, 'resume')).rejects.toMatchObject(conflict)
  })

  test('a queued job is paused before it runs, and the others go past it', async () => {
    const { raw, here } = await receiver({ jobsRunning: 1, jobsRunningPeer: 1, jobsRunningMost: 1 })
    const release = raw.hold(raw.publish('first', rawContent(randomBytes(200_000, 'first'))).id)
    raw.publish('second', small)
    raw.publish('third', small)
    await run(here, 'raw/first')
    const { id } = await here.waitJob('raw/second', ({ state }) => state === 'QUEUED')
    expect(await here.client.controlJob(id, 'pause')).toMatchObject({ state: 'PAUSED', attempts: 0 })
    release()
    await here.waitImage('raw/third')
    expect(await here.job('raw/second')).toMatchObject({ state: 'PAUSED' })
    await here.client.controlJob(id, 'resume')
    await here.waitImage('raw/second')
  })

  test('a cancelled job takes its partial data with it, and its image is not taken again by itself', async () => {
    const { raw, here } = await receiver()
    const { id: image } = raw.publish('gold', small)
    const release = raw.hold(image)
    const { id } = await run(here, 'raw/gold')
    await waitFor(() => raw.requests.length > 0, { what: 'its first request' })
    expect(await here.list('images', 'staging')).toEqual([`job-${id}`])
    expect(await here.client.controlJob(id, 'cancel')).toMatchObject({
      state: 'CANCELLED',
      reason: 'by the operator',
    })
    expect(await here.list('images', 'staging')).toEqual([])
    release()
    await expect(here.client.controlJob(id, 'cancel')).rejects.toMatchObject(conflict)
    await expect(here.client.controlJob(id, 'pause')).rejects.toMatchObject(conflict)
    // Neither a restart, nor what comes later, nor a wider subscription takes it.
    await here.stop()
    await here.start()
    await here.waitLink('raw', 'up')
    await here.client.subscribe({ server: 'raw', selector: { kind: 'imagetype', imageType: 'DISK' } })
    raw.publish('later', rawContent(randomBytes(1_000, 'later')))
    await here.waitImage('raw/later')
    expect(await here.job('raw/gold')).toMatchObject({ id, state: 'CANCELLED' })
    const { declined, advice } = await here.client.explainImage({ server: 'raw', image: 'gold' })
    expect(declined).toMatchObject({ why: 'cancelled' })
    expect(advice.join()).toContain('ingot instantiate image')
    // Asked for by name it comes.
    await here.subscribeImage('raw', 'gold')
    await here.waitImage('raw/gold')
  })

  test('a queued and a paused job are cancelled too', async () => {
    const { raw, here } = await receiver({ jobsRunning: 1, jobsRunningPeer: 1, jobsRunningMost: 1 })
    raw.hold(raw.publish('first', rawContent(randomBytes(200_000, 'first'))).id)
    raw.publish('queued', small)
    raw.publish('paused', small)
    await run(here, 'raw/first')
    const queued = await here.waitJob('raw/queued', ({ state }) => state === 'QUEUED')
    const paused = await here.waitJob('raw/paused', ({ state }) => state === 'QUEUED')
    await here.client.controlJob(paused.id, 'pause')
    for (const { id } of [queued, paused])
      expect(await here.client.controlJob(id, 'cancel')).toMatchObject({ state: 'CANCELLED' })
    const running = (await here.job('raw/first')) as JobDocument
    expect(running.state).toBe('FETCHING')
    for (const action of ['retry', 'resume'] as const)
      await expect(here.client.controlJob(running.id, action)).rejects.toMatchObject(conflict)
  })

  test('a job that waits or failed runs again at once with retry', async () => {
    const { raw, here } = await receiver({ jobRetryMinMs: 3_600_000, jobRetryMaxMs: 3_600_000 })
    const honest = raw.onContent
    raw.onContent = () => ({ code: 'internal' })
    raw.publish('gold', small)
    const waiting = await here.waitJob('raw/gold', ({ state }) => state === 'WAITING')
    expect(waiting.retryAt).not.toBeNull()
    raw.onContent = honest
    expect(await here.client.controlJob(waiting.id, 'retry')).toMatchObject({ id: waiting.id, retryAt: null })
    await here.waitImage('raw/gold')
    await expect(here.client.controlJob(waiting.id, 'retry')).rejects.toMatchObject(conflict)

    const lie = raw.publish('lie', rawContent(randomBytes(1_000, 'lie')), { sha256: small.sha256 })
    const failed = await here.waitJob('raw/lie', ({ state }) => state === 'FAILED')
    expect(failed).toMatchObject({ imageId: lie.id, reason: 'wrong-manifest', attempts: 1 })
    expect(failed.error).toContain(small.sha256)
    await here.client.controlJob(failed.id, 'retry')
    await here.waitJob(
      'raw/lie',
      ({ state, finishedAt }) => state === 'FAILED' && finishedAt !== failed.finishedAt,
    )
  })

  test('a cancelled job is tried again: the answer is the job that runs now', async () => {
    const { raw, here } = await receiver()
    const release = raw.hold(raw.publish('gold', small).id)
    const { id } = await run(here, 'raw/gold')
    await here.client.controlJob(id, 'cancel')
    const again = await here.client.controlJob(id, 'retry')
    expect(again).toMatchObject({ image: 'raw/gold' })
    expect(['QUEUED', 'PLANNING', 'FETCHING']).toContain(again.state)
    await expect(here.client.controlJob(id, 'retry')).rejects.toMatchObject(conflict)
    release()
    await here.waitImage('raw/gold')
    expect((await here.client.explainImage({ server: 'raw', image: 'gold' })).declined).toBeNull()
  })

  test('what is not announced or not wanted any more is not tried again', async () => {
    const { raw, here } = await receiver()
    const { id: image } = raw.publish('gold', small)
    raw.hold(image)
    const { id } = await run(here, 'raw/gold')
    raw.append(encodeEvent({ type: 'image-withdrawn', image }))
    expect(await here.waitJob('raw/gold', ({ state }) => state === 'CANCELLED')).toMatchObject({
      reason: 'withdrawn',
    })
    expect(await here.list('images', 'staging')).toEqual([])
    await expect(here.client.controlJob(id, 'retry')).rejects.toMatchObject({
      code: 'conflict',
      hint: expect.stringContaining('publishes it again') as string,
    })
    raw.hold(raw.publish('silver', small).id)
    const silver = await run(here, 'raw/silver')
    await here.client.unsubscribe({ server: 'raw', selector: { kind: 'all' } })
    expect(await here.job('raw/silver')).toMatchObject({ state: 'CANCELLED', reason: 'not wanted any more' })
    await expect(here.client.controlJob(silver.id, 'retry')).rejects.toMatchObject({
      code: 'conflict',
      hint: expect.stringContaining('instantiate image') as string,
    })
  })

  test('a peer that goes away leaves its job WAITING without a time, and it goes on when the link is back', async () => {
    const { raw, here } = await receiver()
    raw.now = () => 1
    const { id } = raw.publish('gold', small, { createdAt: 1 })
    raw.hold(id)
    await run(here, 'raw/gold')
    await raw.host.stop()
    expect(await here.waitJob('raw/gold', ({ state }) => state === 'WAITING')).toMatchObject({
      reason: 'peer-unreachable',
      retryAt: null,
    })
    const back = (await RawPeer.start('raw')).serve()
    back.journalId = raw.journalId
    back.now = raw.now // the same entry, not another in its place
    expect(back.publish('gold', small, { createdAt: 1 }).id).toBe(id)
    await here.client.modifyPeer('raw', { addresses: back.host.addresses() })
    expect(await sha256OfFile((await here.waitImage('raw/gold')).path as string)).toBe(small.sha256)
    expect(await here.peer('raw')).toMatchObject({ fault: null })
  })
})

describe('the order of jobs', () => {
  const one = { jobsRunning: 1, jobsRunningPeer: 1, jobsRunningMost: 1 }

  /** A raw origin with a first image that holds everything else up, and others behind it in the journal. */
  async function line(names: readonly string[], bend: Record<string, { ancestors: string[] }> = {}) {
    const { raw, here } = await receiver(one)
    const ids: Record<string, string> = {}
    const publish = (name: string, ancestors: string[] = []) => {
      const content = rawContent(randomBytes(1_000, name))
      const parents = ancestors.map((parent) => ids[parent] as `sha256:${string}`)
      ids[name] = raw.publish(name, content, { ancestors: parents }).id
      return ids[name]
    }
    const release = raw.hold(publish('blocker'))
    await run(here, 'raw/blocker')
    for (const name of names) publish(name, bend[name]?.ancestors)
    await here.waitJob(`raw/${names.at(-1)}`, ({ state }) => state === 'QUEUED')
    const byId = Object.fromEntries(Object.entries(ids).map(([name, id]) => [id, name]))
    return { raw, here, release, byId }
  }

  test('jobs of one origin run in journal order', async () => {
    const { raw, here, release, byId } = await line(['zulu', 'alpha', 'mike'])
    release()
    for (const name of ['zulu', 'alpha', 'mike']) await here.waitImage(`raw/${name}`)
    expect(order(raw, byId)).toEqual(['blocker', 'zulu', 'alpha', 'mike'])
  })

  test('a higher priority goes first, also when it is given while the job waits', async () => {
    const { raw, here, release, byId } = await line(['zulu', 'alpha', 'mike'])
    await here.subscribeImage('raw', 'mike', { priority: 5 })
    await here.subscribeImage('raw', 'alpha', { priority: 9 })
    expect(await here.job('raw/alpha')).toMatchObject({ priority: 9 })
    release()
    for (const name of ['zulu', 'alpha', 'mike']) await here.waitImage(`raw/${name}`)
    expect(order(raw, byId)).toEqual(['blocker', 'alpha', 'mike', 'zulu'])
  })

  test('a descendant waits for its ancestor, whatever its priority, and over a restart', async () => {
    const { raw, here, release, byId } = await line(['root', 'child', 'other'], {
      child: { ancestors: ['root'] },
    })
    await here.subscribeImage('raw', 'child', { priority: 9 })
    await here.stop()
    release()
    await here.start()
    for (const name of ['root', 'child', 'other']) await here.waitImage(`raw/${name}`)
    expect(order(raw, byId)).toEqual(['blocker', 'root', 'child', 'other'])
  })

  test('a descendant does not wait for an ancestor that is paused, waits, or is not wanted', async () => {
    const { raw, here, release } = await line(['root', 'child'], { child: { ancestors: ['root'] } })
    const root = (await here.job('raw/root')) as JobDocument
    await here.client.controlJob(root.id, 'pause')
    release()
    await here.waitImage('raw/child')
    expect(await here.job('raw/root')).toMatchObject({ state: 'PAUSED' })
    const { id: image } = raw.publish('lost', rawContent(randomBytes(1_000, 'lost')))
    raw.hold(image)
    const lost = await run(here, 'raw/lost')
    await here.client.controlJob(lost.id, 'cancel')
    raw.publish('heir', small, { ancestors: [image] })
    await here.waitImage('raw/heir')
  })

  test('a descendant waits for an ancestor of another peer, but not behind a peer that is away', async () => {
    const parent = (await RawPeer.start('parent')).serve()
    const child = (await RawPeer.start('child')).serve()
    const { server } = await createNetwork(['b'])
    const here = server('b')
    for (const [name, raw] of Object.entries({ parent, child })) {
      await raw.registerOn(here, name)
      await here.subscribeAll(name)
    }
    const root = parent.publish('root', rawContent(randomBytes(1_000, 'root')))
    const release = parent.hold(root.id)
    await run(here, 'parent/root')
    child.publish('leaf', rawContent(randomBytes(1_000, 'leaf')), { ancestors: [root.id] })
    child.publish('free', rawContent(randomBytes(1_000, 'free')))
    await here.waitImage('child/free') // what came after it in the journal went past it
    expect(await here.job('child/leaf')).toMatchObject({ state: 'QUEUED', attempts: 0 })
    release()
    await here.waitImage('child/leaf')
    expect((await here.client.images({ image: 'parent/root' })).images).toMatchObject([{ status: 'enabled' }])

    const second = parent.publish('second', rawContent(randomBytes(1_000, 'second')))
    parent.hold(second.id)
    await run(here, 'parent/second')
    await here.stop()
    await parent.host.stop()
    await here.start()
    await here.waitLink('parent', 'down')
    child.publish('orphan', rawContent(randomBytes(1_000, 'orphan')), { ancestors: [second.id] })
    await here.waitImage('child/orphan')
    expect(await here.job('parent/second')).toMatchObject({ state: 'QUEUED' })
  })
})

describe('many peers', () => {
  test('no more jobs run than the limits say, in all and for one peer, also after a restart', async () => {
    const raws = {
      one: await RawPeer.start('one'),
      two: await RawPeer.start('two'),
      three: await RawPeer.start('three'),
    }
    const { server } = await createNetwork(['b'], { jobsRunning: 5, jobsRunningPeer: 2 })
    const here = server('b')
    const releases: (() => void)[] = []
    for (const [name, raw] of Object.entries(raws)) {
      raw.serve()
      await raw.registerOn(here, name)
      await here.subscribeAll(name)
      for (let i = 0; i < 4; i++)
        releases.push(raw.hold(raw.publish(`image-${i}`, rawContent(randomBytes(1_000, `${name} ${i}`))).id))
    }
    const running = async () => (await here.client.jobs({})).jobs.filter(({ state }) => state === 'FETCHING')
    const count = (jobs: JobDocument[]) =>
      Object.keys(raws).map((name) => jobs.filter(({ origin }) => origin === name).length)
    for (const restarted of [false, true]) {
      if (restarted) {
        await here.stop()
        await here.start()
      }
      await waitFor(
        async () => (await here.client.jobs({})).jobs.length === 12 && (await running()).length === 5,
        {
          what: 'five running jobs',
          timeoutMs: 20_000,
          dump: async () => (await here.client.jobs({})).jobs.map(({ origin, state }) => [origin, state]),
        },
      )
      expect(count(await running()).toSorted((one, other) => one - other)).toEqual([1, 2, 2])
    }
    for (const release of releases) release()
    for (const name of Object.keys(raws))
      for (let i = 0; i < 4; i++) await here.waitImage(`${name}/image-${i}`)
  })

  test('peers with long queues take turns: none waits until another is through', async () => {
    const { server } = await createNetwork(['b'], { jobsRunning: 1, jobsRunningPeer: 1, jobsRunningMost: 1 })
    const here = server('b')
    const names = ['one', 'two', 'three']
    const ends: string[] = []
    const first = (await RawPeer.start('first')).serve()
    await first.registerOn(here, 'first')
    await here.subscribeAll('first')
    const release = first.hold(first.publish('blocker', small).id)
    await run(here, 'first/blocker')
    for (const name of names) {
      const raw = (await RawPeer.start(name)).serve()
      const honest = raw.onContent
      raw.onContent = async (request) => {
        if (request.what === 'segments') ends.push(name)
        return await honest(request)
      }
      await raw.registerOn(here, name)
      await here.subscribeAll(name)
      for (let i = 0; i < 3; i++) raw.publish(`image-${i}`, rawContent(randomBytes(1_000, `${name} ${i}`)))
      await here.waitJob(`${name}/image-2`, ({ state }) => state === 'QUEUED')
    }
    release()
    for (const name of names) await here.waitImage(`${name}/image-2`)
    for (let turn = 0; turn < 3; turn++)
      expect(ends.slice(turn * 3, turn * 3 + 3).toSorted()).toEqual(names.toSorted())
  })

  test('a peer that never answers and one that is away delay nobody', async () => {
    const slow = await RawPeer.start('slow')
    slow.onContent = async () => await new Promise<never>(() => {})
    const away = (await RawPeer.start('away')).serve()
    const honest = (await RawPeer.start('honest')).serve()
    const { server } = await createNetwork(['b'])
    const here = server('b')
    for (const [name, raw] of Object.entries({ slow, away, honest })) {
      await raw.registerOn(here, name)
      await here.subscribeAll(name)
    }
    for (let i = 0; i < 4; i++) slow.publish(`image-${i}`, rawContent(randomBytes(1_000, `slow ${i}`)))
    const gone = away.publish('gone', rawContent(randomBytes(1_000, 'gone')))
    away.hold(gone.id)
    await run(here, 'away/gone')
    await away.host.stop()
    await here.waitJob('away/gone', ({ state }) => state === 'WAITING')
    for (let i = 0; i < 4; i++) honest.publish(`image-${i}`, rawContent(randomBytes(1_000, `honest ${i}`)))
    for (let i = 0; i < 4; i++) await here.waitImage(`honest/image-${i}`)
    const states = (await here.client.jobs({})).jobs
      .filter(({ origin }) => origin === 'slow')
      .map(({ state }) => state)
    expect(states).toEqual(['FETCHING', 'FETCHING', 'QUEUED', 'QUEUED'])
  })
})

test('an image that is being fetched is listed with its job, and its bytes grow', async () => {
  const { raw, here } = await receiver()
  raw.hold(raw.publish('gold', small).id)
  await run(here, 'raw/gold')
  expect((await here.client.images({ image: 'raw/gold' })).images).toMatchObject([
    { ref: 'raw/gold', status: 'fetching', path: null, link: null, enabledAt: null },
  ])
  expect(await here.list('images', 'raw')).toEqual([])
  await expect(readFile(join(here.home, 'images', 'raw', 'gold'))).rejects.toThrow()
})
