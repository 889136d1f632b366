import {
  clearDiskFaults,
  diskFaultHits,
  setDiskFaults,
  type DiskFault,
} from '../support/faults/disk-faults.ts'
import { lstatSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, onTestFinished, test } from 'vitest'
import type { ErrorCode } from '../../src/core/errors.ts'
import { startLedger, stopLedger, unsafePages } from '../support/faults/ledger.ts'
import { randomBytes, sha256OfFile, writeSparseFile } from '../support/files.ts'
import type { Network, TestServer } from '../support/network.ts'
import { createPair, fileOf } from '../support/pair.ts'
import { tempDir } from '../support/temp-dir.ts'
import { describeTree, makeTree, pathsOf } from '../support/trees.ts'
import { waitFor } from '../support/wait-for.ts'

const KiB = 1024
const BASE = randomBytes(1500 * KiB, 'base')

afterEach(clearDiskFaults)

const imagesOf = (server: TestServer) => join(server.home, 'images')

function fault(kind: DiskFault['kind'], under: string, rest: Partial<DiskFault> = {}): DiskFault {
  return { kind, under, after: 0, times: Infinity, ...rest }
}

/** Two servers; patches are made of whatever there is, nothing else of this disk is used. */
async function pair(): Promise<Network> {
  return await createPair({ patchLeastBytes: 1, seedCandidates: 0, progressBytes: 256 * KiB, progressMs: 50 })
}

/** Something that a publishes and b will fetch. */
interface Flow {
  what: string
  /** Publishes it under the name `gold`; resolves to a check of what came. */
  publish: (network: Network) => Promise<(path: string) => Promise<void>>
}

const file: Flow = {
  what: 'a file',
  publish: async ({ server }) => {
    const image = await server('a').importImage('gold', { path: await fileOf(BASE) })
    return async (path) => expect(await sha256OfFile(path)).toBe(image.sha256)
  },
}

const tree: Flow = {
  what: 'a tree',
  publish: async ({ server }) => {
    const source = join(await tempDir(), 'tree')
    await makeTree(source)
    await server('a').importImage('gold', { path: source })
    return async (path) => expect(describeTree(path)).toEqual(describeTree(source))
  },
}

const patch: Flow = {
  what: 'a patched descendant',
  publish: async ({ server }) => {
    await server('a').importImage('base', { path: await fileOf(BASE) })
    await server('b').subscribeImage('a', 'base')
    await server('b').waitImage('a/base')
    await server('b').client.unsubscribe({ server: 'a', selector: { kind: 'image', image: 'base' } })
    const next = Buffer.from(BASE)
    for (const at of [0, 300, 900]) next.write('something new', at * KiB)
    const image = await server('a').importImage('gold', { path: await fileOf(next), parent: './base' })
    const name = `${image.content.slice(7)}-`
    const made = async () =>
      (await server('a').list('images', 'patches')).some((each) => each.startsWith(name))
    await waitFor(made, { what: 'the patch', timeoutMs: 20_000 })
    return async (path) => expect(await sha256OfFile(path)).toBe(image.sha256)
  },
}

/** What a fault is called in the job that it stops. */
const receiverFaults: { kind: DiskFault['kind']; reason: ErrorCode; says: RegExp }[] = [
  { kind: 'full', reason: 'no-space', says: /space/ },
  { kind: 'read-error', reason: 'failed', says: /EIO/ },
  { kind: 'write-error', reason: 'failed', says: /EIO/ },
  { kind: 'torn-write', reason: 'failed', says: /EIO/ },
  { kind: 'sync-error', reason: 'failed', says: /EIO/ },
  { kind: 'rename-error', reason: 'failed', says: /EIO/ },
]

/** Nothing of the image can be seen at b. */
async function expectNothing({ server }: Network): Promise<void> {
  expect((await server('b').enabled()).filter((name) => name.endsWith('gold'))).toEqual([])
  expect(await server('b').list('images', 'a')).not.toContain('gold')
}

/** b has the image as it is, and nothing else is left of the job. */
async function expectArrived({ server }: Network, check: (path: string) => Promise<void>): Promise<void> {
  const image = await server('b').waitImage('a/gold')
  await check(image.path as string)
  await check(join(imagesOf(server('b')), 'a', 'gold') + (image.kind === 'tree' ? '/' : ''))
  await server('b').waitJob('a/gold', ({ state }) => state === 'DONE')
  expect(await server('b').list('images', 'staging')).toEqual([])
}

describe.skipIf(process.platform !== 'linux')('a receiver whose disk goes wrong', () => {
  const cases = [file, tree, patch].flatMap((flow) => receiverFaults.map((each) => ({ flow, ...each })))
  test.each(cases)('$flow.what, $kind: the job waits, says why, and goes on by itself', async (given) => {
    const network = await pair()
    const { server } = network
    const check = await given.flow.publish(network)
    setDiskFaults([fault(given.kind, imagesOf(server('b')))])
    await server('b').subscribeAll('a')
    const job = await server('b').waitJob('a/gold', ({ state }) => state === 'WAITING')
    expect(job).toMatchObject({ reason: given.reason, error: expect.stringMatching(given.says) as string })
    await expectNothing(network)
    clearDiskFaults()
    await expectArrived(network, check)
  })

  test.each([
    { ...file, spread: 1 },
    { ...tree, spread: 5 },
  ])(
    '$what: faults that come and go at any operation end in the right bytes',
    async ({ spread, ...flow }) => {
      const network = await pair()
      const { server } = network
      const check = await flow.publish(network)
      const under = imagesOf(server('b'))
      // Each kind a few times, far enough from each other that some come at the start and some at the end.
      setDiskFaults(
        receiverFaults.flatMap(({ kind }, i) =>
          [0, 1, 2].map((round) => fault(kind, under, { after: spread * (i + 4 * round), times: 1 })),
        ),
      )
      await server('b').subscribeAll('a')
      await server('b').waitImage('a/gold')
      expect(diskFaultHits()).toBeGreaterThan(3)
      clearDiskFaults() // the test reads, too
      await expectArrived(network, check)
    },
  )
})

describe.skipIf(process.platform !== 'linux')('an origin whose disk goes wrong', () => {
  const importFaults: { kind: DiskFault['kind']; code: ErrorCode }[] = [
    { kind: 'full', code: 'no-space' },
    { kind: 'write-error', code: 'failed' },
    { kind: 'torn-write', code: 'failed' },
    { kind: 'sync-error', code: 'failed' },
    { kind: 'rename-error', code: 'failed' },
  ]
  const sources = [
    { what: 'a file', make: async () => await fileOf(BASE) },
    {
      what: 'a tree',
      make: async () => {
        const path = join(await tempDir(), 'tree')
        await makeTree(path)
        return path
      },
    },
  ]
  const cases = sources.flatMap((source) => importFaults.map((each) => ({ source, ...each })))
  test.each(cases)(
    'import of $source.what, $kind: an error with a hint, and nothing is left',
    async (given) => {
      const { server } = await createPair()
      const a = server('a')
      const path = await given.source.make()
      setDiskFaults([
        fault(given.kind, imagesOf(a), given.kind === 'rename-error' ? { path: 'content' } : {}),
      ])
      await expect(a.importImage('gold', { path })).rejects.toMatchObject({
        code: given.code,
        hint: expect.stringMatching(/./) as string,
      })
      expect(diskFaultHits()).toBeGreaterThan(0)
      clearDiskFaults()
      expect(await a.enabled()).toEqual([])
      for (const place of ['content', 'own', 'staging'])
        expect(await a.list('images', place), place).toEqual([])
      await a.importImage('gold', { path })
      expect(await a.enabled()).toEqual(['./gold'])
    },
  )

  test('a sync that fails while a long import is under way fails the import', async () => {
    const { server } = await createPair()
    const path = join(await tempDir(), 'source')
    // What was copied begins to go to the disk after 256 MiB.
    await writeSparseFile(path, 264 * KiB * KiB, [{ at: 0, length: 10_000, seed: 'x' }])
    setDiskFaults([fault('sync-error', imagesOf(server('a')), { path: '/image', times: 1 })])
    await expect(server('a').importImage('gold', { path })).rejects.toMatchObject({ code: 'failed' })
    expect(diskFaultHits()).toBe(1)
    expect(await server('a').list('images', 'staging')).toEqual([])
  })

  test.each([file, tree])(
    '$what that cannot be read is not sent: the receiver waits and goes on',
    async (flow) => {
      const network = await pair()
      const { server } = network
      const check = await flow.publish(network)
      setDiskFaults([fault('read-error', imagesOf(server('a')))])
      await server('b').subscribeAll('a')
      const job = await server('b').waitJob('a/gold', ({ state }) => state === 'WAITING')
      expect(job.error).not.toBeNull()
      expect(server('a').log).toContainEqual(
        expect.objectContaining({ level: 'error', message: 'could not read content for a peer' }),
      )
      await expectNothing(network)
      clearDiskFaults()
      await expectArrived(network, check)
    },
  )

  // At the first read it is opened, after two more its parts are read.
  test.each([0, 2])(
    'a patch that cannot be read after %i reads does not stand in the way of the image',
    async (after) => {
      const network = await pair()
      const { server } = network
      setDiskFaults([fault('read-error', join(imagesOf(server('a')), 'patches'), { after })])
      const check = await patch.publish(network)
      await server('b').subscribeAll('a')
      await expectArrived(network, check)
      expect((await server('b').job('a/gold'))?.attempts).toBe(1)
    },
  )
})

describe.skipIf(process.platform !== 'linux')('a database whose disk goes wrong', () => {
  const state = (server: TestServer) => join(server.home, 'state')
  const faults = [
    { kind: 'full', code: 'no-space', says: /no space is left on its disk/ },
    { kind: 'sync-error', code: 'failed', says: /cannot be read or written/ },
  ] as const

  test.each(faults)(
    '$kind: what cannot be recorded is not done, and the operator is told what to do',
    async (each) => {
      const { server } = await createPair()
      const a = server('a')
      await a.importImage('before')
      const path = await fileOf(BASE)
      setDiskFaults([fault(each.kind, state(a), { on: 'commit' })])
      const refused = expect.objectContaining({
        code: each.code,
        message: expect.stringMatching(each.says) as string,
        hint: expect.stringMatching(/./) as string,
      }) as Error
      await expect(a.importImage('gold', { path })).rejects.toEqual(refused)
      await expect(a.client.promoteImage({ image: './before', state: 'TESTABLE' })).rejects.toEqual(refused)
      await expect(a.subscribeAll('b')).rejects.toEqual(refused)
      expect((await a.client.status()).pid).toBe(process.pid) // it answers
      clearDiskFaults()
      expect(await a.enabled()).toEqual(['./before'])
      expect((await a.client.images({})).images).toMatchObject([{ state: 'PUBLISHED' }])
      expect((await a.client.subscriptions({})).subscriptions).toEqual([])
      for (const place of ['own', 'content']) expect(await a.list('images', place)).toHaveLength(1)
      await a.importImage('gold', { path })
      expect(await a.enabled()).toEqual(['./before', './gold'])
    },
  )

  test.each(faults)(
    '$kind: a receiver goes on by itself with what was announced meanwhile',
    async ({ kind }) => {
      const network = await pair()
      const { server } = network
      const b = server('b')
      await b.subscribeAll('a')
      setDiskFaults([fault(kind, state(b), { on: 'commit' })])
      const check = await file.publish(network)
      await waitFor(() => diskFaultHits() > 2, { what: 'commits that fail', timeoutMs: 20_000 })
      await expectNothing(network)
      clearDiskFaults()
      await expectArrived(network, check)
      expect((await b.peer('a')).fault).toBeNull()
    },
  )

  test.each(faults)(
    '$kind when an image is to be enabled: not visible before it is recorded',
    async (each) => {
      const network = await pair()
      const { server } = network
      const b = server('b')
      await b.subscribeAll('a')
      // The first is that of the journal entry, the next that of the image.
      setDiskFaults([fault(each.kind, state(b), { on: 'commit', after: 1 })])
      const check = await file.publish(network)
      const job = await b.waitJob('a/gold', ({ state: now }) => now === 'WAITING')
      expect(job).toMatchObject({ reason: each.code, error: expect.stringMatching(each.says) as string })
      await expectNothing(network)
      clearDiskFaults()
      await expectArrived(network, check)
    },
  )
})

describe.skipIf(process.platform !== 'linux')('what is claimed is on the disk', () => {
  /** All files under a directory, their names as latin1; no symlink is followed. */
  function filesUnder(path: string): string[] {
    return pathsOf(path)
      .map((name) => `${path}/${name}`)
      .filter((name) => lstatSync(Buffer.from(name, 'latin1')).isFile())
  }

  async function ledger(): Promise<string> {
    const path = join(await tempDir(), 'ledger')
    startLedger(path)
    onTestFinished(stopLedger)
    return path
  }

  const contents = (server: TestServer) => filesUnder(join(imagesOf(server), 'content'))

  test.each([file, tree, patch])(
    '$what: every page was synced, at the origin and at the receiver',
    async (flow) => {
      const written = await ledger()
      const network = await pair()
      const { server } = network
      const check = await flow.publish(network)
      await server('b').subscribeAll('a')
      await expectArrived(network, check)
      for (const name of ['a', 'b']) expect(unsafePages(written, contents(server(name))), name).toEqual([])
    },
  )

  test.each([file, tree])(
    '$what: also after syncs that failed: what they covered is written again',
    async (flow) => {
      const written = await ledger()
      const network = await pair()
      const { server } = network
      const check = await flow.publish(network)
      const under = imagesOf(server('b'))
      setDiskFaults([0, 1, 2, 4, 6, 9, 13].map((after) => fault('sync-error', under, { after, times: 1 })))
      await server('b').subscribeAll('a')
      await expectArrived(network, check)
      expect(diskFaultHits()).toBeGreaterThan(2)
      expect(unsafePages(written, contents(server('b')))).toEqual([])
    },
  )

  test('a copy of what was registered in place is synced whole, its index too', async () => {
    const written = await ledger()
    const { server } = await createPair()
    const path = await fileOf(BASE)
    await server('a').importImage('gold', { path })
    await server('b').importImage('mine', { path, inPlace: true })
    await server('b').subscribeAll('a')
    await server('b').waitImage('a/gold')
    expect(await sha256OfFile(join(imagesOf(server('b')), 'a', 'gold'))).toBe(await sha256OfFile(path))
    expect(unsafePages(written, contents(server('b')))).toEqual([])
  })
})
