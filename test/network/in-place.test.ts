import { copyFileSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { ImageDocument } from '../../src/control/documents.ts'
import { sha256OfFile, writeRandomFile } from '../support/files.ts'
import { createNetwork, type TestServer } from '../support/network.ts'
import { rotLeaves } from '../support/rot.ts'
import { tempDir } from '../support/temp-dir.ts'
import { describeTree, makeTree } from '../support/trees.ts'
import { waitFor } from '../support/wait-for.ts'

/** A content is read again as soon as a peer met a change; jobs are tried again at once. */
const eager = { scrubReportMs: 1, jobRetryMinMs: 50, jobRetryMaxMs: 200 }
/** Nothing is read again by itself. */
const asked = { scrubReportMs: 86_400_000, jobRetryMinMs: 50, jobRetryMaxMs: 200 }

const call = { signal: new AbortController().signal, onProgress: () => {} }

async function imageOf(server: TestServer, image: string): Promise<ImageDocument> {
  return (await server.client.images({ image })).images[0] as ImageDocument
}

/** An origin with an image in place, a file or a tree, and a peer that is registered. */
async function origin(
  kind: 'file' | 'tree',
  limits: typeof eager,
): Promise<{ a: TestServer; b: TestServer; source: string; made: ImageDocument }> {
  const { server, peer } = await createNetwork(['a', 'b'], limits)
  await peer('a', 'b')
  const [a, b] = [server('a'), server('b')]
  const source = join(await tempDir(), 'source')
  if (kind === 'file') await writeRandomFile(source, 5_000_000, 'in place')
  else await makeTree(source)
  return { a, b, source, made: await a.importImage('gold', { path: source, inPlace: true }) }
}

const waits = async (b: TestServer) => await b.waitJob('a/gold', ({ reason }) => reason === 'changed-on-disk')

describe('a file in place', () => {
  test('that was only touched is read again when a peer asks for it, and served', async () => {
    const { a, b, source, made } = await origin('file', eager)
    utimesSync(source, 1, 1)
    await b.subscribeAll('a')
    const { path } = await b.waitImage('a/gold')
    expect(await sha256OfFile(path as string)).toBe(made.sha256)
    expect(a.log.map(({ message }) => message)).toContain('could not read content for a peer')
    expect(await imageOf(a, 'gold')).toMatchObject({ status: 'enabled', damage: null })
  })

  test('that has other bytes is marked when a peer asks for it, and served when it is back and verified', async () => {
    const { a, b, source, made } = await origin('file', eager)
    const copy = join(await tempDir(), 'copy')
    copyFileSync(source, copy)
    rotLeaves(source, 1)
    await b.subscribeAll('a')
    await waitFor(async () => (await imageOf(a, 'gold')).status === 'damaged', {
      what: 'the mark',
      timeoutMs: 20_000,
    })
    expect(await imageOf(a, 'gold')).toMatchObject({ damage: { ranges: [{ first: 1, count: 1 }] } })
    expect((await waits(b)).state).toBe('WAITING')
    expect((await b.peer('a')).wrongLeaves).toBe(0)
    rmSync(source)
    writeFileSync(source, readFileSync(copy))
    await a.client.verifyImage({ image: 'gold' }, call)
    const { path } = await b.waitImage('a/gold')
    expect(await sha256OfFile(path as string)).toBe(made.sha256)
  })

  test('stays refused until it was read, however it came to be touched', async () => {
    const { a, b, source } = await origin('file', asked)
    utimesSync(source, 1, 1)
    await b.subscribeAll('a')
    await waits(b)
    await a.client.verifyImage({ image: 'gold' }, call)
    await b.waitImage('a/gold')
  })
})

describe('a tree in place', () => {
  test('that several read at once is served as it stands', async () => {
    const { a, b, source } = await origin('tree', asked)
    utimesSync(join(source, 'big'), 1, 1)
    await Promise.all(
      Array.from({ length: 3 }, async () => await a.client.verifyImage({ image: 'gold' }, call)),
    )
    const [digest = ''] = await a.list('images', 'content')
    expect((await a.list('images', 'content', digest)).sort()).toEqual(['identities', 'index', 'leaves'])
    await b.subscribeAll('a')
    const { path } = await b.waitImage('a/gold')
    expect(describeTree(path as string, { times: false })).toEqual(describeTree(source, { times: false }))
  })

  test('with a file that differs is not served; with its bytes back it is, when it was verified', async () => {
    const { a, b, source } = await origin('tree', asked)
    const victim = join(source, 'big')
    const bytes = readFileSync(victim)
    writeFileSync(victim, Buffer.alloc(bytes.length, 1))
    await b.subscribeAll('a')
    await waits(b)
    await expect(a.client.verifyImage({ image: 'gold' }, call)).rejects.toMatchObject({
      code: 'wrong-content',
      hint: expect.stringContaining('bring'),
    })
    expect(await imageOf(a, 'gold')).toMatchObject({ status: 'damaged' })
    writeFileSync(victim, bytes)
    await a.client.verifyImage({ image: 'gold' }, call)
    const { path } = await b.waitImage('a/gold')
    expect(describeTree(path as string, { times: false })).toEqual(describeTree(source, { times: false }))
  })
})
