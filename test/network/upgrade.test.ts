import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { readFile, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { systemClock } from '../../src/core/clock.ts'
import { migrations } from '../../src/state/migrations.ts'
import { cli } from '../support/cli.ts'
import { sha256OfFile } from '../support/files.ts'
import type { ExpectedHome } from '../support/make-home.ts'
import { TestServer, createNetwork } from '../support/network.ts'
import { RawPeer } from '../support/raw-peer.ts'
import { tempDir } from '../support/temp-dir.ts'
import { describeTree } from '../support/trees.ts'
import { waitFor } from '../support/wait-for.ts'

const fixture = (name: string) => fileURLToPath(new URL(`../fixtures/home-v1/${name}`, import.meta.url))
const expected = JSON.parse(readFileSync(fixture('expected.json'), 'utf8')) as ExpectedHome

/** A server on a copy of the home that version 1 left, not started. */
async function serverOfVersion1(): Promise<TestServer> {
  const home = join(await tempDir(), 'home')
  await mkdir(home, { mode: 0o755 })
  execFileSync('tar', ['-xpzf', fixture('home.tar.gz'), '--no-same-owner', '-C', home])
  const server = new TestServer('hq', home, { redialMaxMs: 60_000 }, systemClock)
  onTestFinished(async () => await server.stop())
  return server
}

/** Rows of each table, and the version. */
function databaseOf(server: TestServer): { schema: number; rows: Record<string, number> } {
  const db = new DatabaseSync(join(server.home, 'state', 'ingot.db'), { readOnly: true })
  try {
    const count = (table: string) => db.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.['n'] as number
    return {
      schema: db.prepare('PRAGMA user_version').get()?.['user_version'] as number,
      rows: Object.fromEntries(Object.keys(expected.rows).map((table) => [table, count(table)])),
    }
  } finally {
    db.close()
  }
}

test('the fixture has rows in all tables of its version', async () => {
  const server = await serverOfVersion1()
  expect(databaseOf(server)).toEqual({ schema: expected.schema, rows: expected.rows })
  expect(Object.values(expected.rows)).not.toContain(0)
})

test('a server of today opens a home of version 1: same server, same images, all of it whole', async () => {
  const server = await serverOfVersion1()
  await server.start()
  expect(server.peerId).toBe(expected.peerId)
  expect(await server.client.server()).toMatchObject({
    name: 'hq',
    journalSeq: expected.journalSeq,
    journalFault: null,
  })
  const { images } = await server.client.images({})
  expect(
    images.map(({ ref, kind, state, content, sha256 }) => ({ ref, kind, state, content, sha256 })),
  ).toEqual(expected.images)
  for (const { ref, status, path, kind, sha256 } of images) {
    expect({ ref, status }).toEqual({ ref, status: 'enabled' })
    if (kind === 'file') expect(await sha256OfFile(path ?? '')).toBe(sha256)
    const verified = await cli(['--home', server.home, 'verify', 'image', '--image', ref])
    expect({ ref, code: verified.code }, verified.stderr).toEqual({ ref, code: 0 })
  }
  const { checks } = await server.client.doctor()
  expect(checks.filter(({ result }) => result === 'failure')).toEqual([])
  await server.stop()
  const { schema, rows } = databaseOf(server)
  expect(schema).toBe(migrations.length)
  for (const [table, count] of Object.entries(expected.rows))
    expect(rows[table], table).toBeGreaterThanOrEqual(count)
})

test('its images go to a peer of today, and it goes on publishing where it was', async () => {
  const old = await serverOfVersion1()
  await old.start()
  const { server } = await createNetwork(['new'])
  const here = server('new')
  await here.register(old)
  await old.register(here)
  await here.waitLink('hq', 'up')
  await here.subscribeAll('hq')
  const published = expected.images.filter(({ ref, state }) => ref.startsWith('./') && state === 'PUBLISHED')
  const announced = await here.announcedBy('hq')
  expect(announced.length).toBeGreaterThan(3)
  for (const { ref, kind, sha256 } of published) {
    const name = ref.slice('./'.length)
    if (!announced.includes(name)) continue // a private one
    const image = await here.waitImage(`hq/${name}`)
    const source = (await old.client.images({ image: ref })).images[0]?.path ?? ''
    if (kind === 'file') expect(await sha256OfFile(image.path ?? '')).toBe(sha256)
    else expect(describeTree(image.path ?? '')).toEqual(describeTree(source))
  }
  await old.importImage('made-today', { parent: 'patched', series: ['ol9'] })
  await here.waitImage('hq/made-today')
  expect(await here.seriesOf('ol9', 'hq')).toEqual(['base', 'patched', 'made-today'])
})

test('a home of a newer version is left as it is', async () => {
  const server = await serverOfVersion1()
  const path = join(server.home, 'state', 'ingot.db')
  const db = new DatabaseSync(path)
  db.exec(
    `PRAGMA user_version = ${migrations.length + 1}; UPDATE setting SET value = '7.8.9' WHERE key = 'written-by'`,
  )
  db.exec('PRAGMA journal_mode = DELETE')
  db.close()
  const before = await readFile(path)
  await expect(server.start()).rejects.toMatchObject({
    code: 'conflict',
    message: expect.stringMatching(
      new RegExp(
        `has version ${migrations.length + 1}; this ingot .* up to ${migrations.length}. Nothing was changed`,
      ),
    ) as string,
    hint: expect.stringContaining('ingot 7.8.9 or newer') as string,
  })
  expect((await readFile(path)).equals(before)).toBe(true)
  expect((await server.list('state')).filter((name) => name.startsWith('ingot.db'))).toEqual(['ingot.db'])
})

test('a peer of a newer version is refused by both sides, and each says why', async () => {
  const { server } = await createNetwork(['a'])
  const raw = await RawPeer.start('newer')
  raw.onHello = (hello) => ({ ...hello, version: 2 })
  const says = 'it speaks version 2 of the protocol, this server version 1: upgrade the older of the two'
  // We dial: it answers in a version that is not ours.
  await server('a').client.register({ serverData: raw.serverData('newer') })
  await server('a').waitPeer('newer', ({ link, reason }) => link === 'down' && reason === says)
  // It dials: our answer says so, and so does our own operator's view, also where it cannot be dialled from here.
  await expect(raw.connect(server('a'))).rejects.toThrow(
    'the peer refused the hello (version): this server speaks version 1, not 2; upgrade the older of the two',
  )
  await waitFor(
    () => server('a').log.some(({ message }) => message === 'refused a peer of another version'),
    {
      what: 'the log to say so',
    },
  )
  await server('a').client.modifyPeer('newer', { addresses: ['/ip4/127.0.0.1/tcp/1'] })
  let { retryAt: last } = await server('a').peer('newer')
  // The first may be of a dial that was under way.
  for (const _ of ['perhaps to where it was', 'to where it cannot be dialled'])
    ({ retryAt: last } = await server('a').waitPeer(
      'newer',
      ({ retryAt }) => retryAt !== null && retryAt !== last,
    ))
  await server('a').waitPeer('newer', ({ link, reason }) => link === 'down' && reason === says)
  expect(
    (await server('a').client.doctor()).checks.find(({ check }) => check === 'peer newer')?.message,
  ).toContain(says)

  raw.onHello = (hello) => hello // it was downgraded
  await raw.connect(server('a'))
  await server('a').waitLink('newer', 'up')
})
