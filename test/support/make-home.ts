import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { ControlClient } from '../../src/control/client.ts'
import type { ImportBody } from '../../src/control/schema.ts'
import { systemClock } from '../../src/core/clock.ts'
import { homePaths } from '../../src/core/home-paths.ts'
import { silentLogger } from '../../src/core/logger.ts'
import { version } from '../../src/core/version.ts'
import { loadConfig } from '../../src/daemon/config.ts'
import { Server } from '../../src/daemon/server.ts'
import { waitFor } from './wait-for.ts'

// What test/fixtures/make runs; see there.

/** What a test finds in a fixture home. */
export interface ExpectedHome {
  /** Version of ingot, and of its database. */
  version: string
  schema: number
  peerId: string
  journalSeq: number
  /** Rows of each table. */
  rows: Record<string, number>
  images: { ref: string; kind: string; state: string; content: string; sha256: string | null }[]
}

const never = new AbortController().signal
const all = { kind: 'all' } as const

/** Text that compresses well: the fixture is kept in the repository. */
const text = (name: string, lines: number) =>
  Array.from({ length: lines }, (_, line) => `line ${line} of ${name}\n`).join('')

class Maker {
  readonly #root: string
  readonly name: string
  readonly home: string
  readonly client: ControlClient
  #server: Server | undefined

  constructor(root: string, name: string) {
    this.#root = root
    this.name = name
    this.home = join(root, name)
    this.client = new ControlClient(homePaths(this.home).socket)
  }

  async start(): Promise<void> {
    const config = await loadConfig({ home: this.home, name: this.name, listen: ['/ip4/127.0.0.1/tcp/0'] })
    const limits = { ...config.limits, redialMinMs: 50, redialMaxMs: 200, jobRetryMinMs: 50 }
    const components = { logger: silentLogger, clock: systemClock, random: Math.random }
    this.#server = new Server(components, { ...config, limits })
    await this.#server.start()
  }

  async stop(): Promise<void> {
    await this.#server?.stop()
  }

  async importImage(image: string, body: Partial<ImportBody> = {}, lines = 5_000): Promise<void> {
    let { path } = body
    if (path === undefined) {
      path = join(this.#root, `source of ${image}`)
      await writeFile(path, text(`${this.name} ${image}`, lines))
    }
    await this.client.importImage({ ...body, image, path }, { signal: never, onProgress: () => {} })
  }

  async has(image: string): Promise<void> {
    await this.client.waitImage({ image, timeoutMs: 30_000 }, never)
  }
}

/** A small tree with what trees have: an empty directory, links, a hole, modes. */
async function makeTree(path: string): Promise<void> {
  await mkdir(join(path, 'bin'), { recursive: true })
  await mkdir(join(path, 'empty'))
  await writeFile(join(path, 'bin', 'run'), '#!/bin/sh\nexit 0\n', { mode: 0o755 })
  await writeFile(join(path, 'readme'), text('readme', 3_000))
  await writeFile(join(path, 'nothing'), '')
  await symlink('bin/run', join(path, 'link'))
}

/** One server with everything in its home, and another one that it exchanged with. */
async function fill(root: string): Promise<Maker> {
  const [hq, site] = [new Maker(root, 'hq'), new Maker(root, 'site')]
  await Promise.all([hq.start(), site.start()])
  try {
    await makeTree(join(root, 'tree'))
    await hq.client.addImageType('ORAHOME', 'SOFTWARE')
    await hq.client.addSeries('ol9')
    await hq.client.addMember('clients', 'edge1')
    await hq.client.addMember('targets', 'node1')
    await hq.importImage('base', {
      version: '9.4',
      labels: { os: 'ol9' },
      description: 'made for tests',
      series: ['ol9'],
    })
    await hq.importImage('patched', { parent: 'base', series: ['ol9'] })
    await hq.importImage('tree', { path: join(root, 'tree'), imageType: 'ORAHOME' })
    await hq.importImage('draft', { state: 'TESTABLE' }, 100)
    await hq.importImage('secret', { private: true }, 100)
    await hq.importImage('gone', {}, 100)
    await site.client.addSeries('iso')
    await site.importImage('rescue', { imageType: 'ISO', series: ['iso'] })
    await site.importImage('unwanted', {}, 100)

    await hq.client.register({ serverData: (await site.client.serverData()).serverData })
    await site.client.register({ serverData: (await hq.client.serverData()).serverData })
    const isUp = async () => (await hq.client.peers({})).peers[0]?.link === 'up'
    await waitFor(isUp, { what: 'the link', timeoutMs: 30_000 })
    await hq.client.subscribe({ server: 'site', selector: all, keep: null, priority: 5 })
    await hq.client.modifyPeer('site', { rateIn: 10_000_000 })
    await site.client.subscribe({ server: 'hq', selector: all })
    for (const image of ['site/rescue', 'site/unwanted']) await hq.has(image)
    for (const image of ['hq/patched', 'hq/tree', 'hq/gone']) await site.has(image)
    await hq.client.adoptImage({ image: 'site/rescue', as: 'rescue-site' })
    await hq.client.deleteImage('site/unwanted')
    await hq.importImage('child-of-gone', { parent: 'gone' }, 100)
    await hq.client.deleteImage('gone')
    const holds = async () =>
      (await hq.client.images({ image: './patched', holders: true })).images[0]?.holders?.[0]?.state ===
      'enabled'
    await waitFor(holds, { what: 'the receipt', timeoutMs: 30_000 })
    const told = async () => (await hq.client.peers({})).peers[0]?.theirSubscriptions.length === 1
    await waitFor(told, { what: 'the subscription of site', timeoutMs: 30_000 })
  } finally {
    await site.stop()
    await hq.stop()
  }
  return hq
}

/** Rows of each table; what no server of this version writes is put there. */
function countRows(path: string): { schema: number; rows: Record<string, number> } {
  const db = new DatabaseSync(path)
  try {
    const peer = db.prepare('SELECT id FROM peer').get()?.['id'] as string
    db.prepare('INSERT INTO unknown_event (peer, seq, body) VALUES (?, 99, ?)').run(
      peer,
      Buffer.of(0xfa, 0x01, 0),
    )
    const tables = db
      .prepare(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name",
      )
      .all()
    const count = (table: string) => db.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.['n'] as number
    const rows = Object.fromEntries(tables.map(({ name }) => [name as string, count(name as string)]))
    const empty = Object.keys(rows).filter((table) => rows[table] === 0)
    if (empty.length > 0) throw new Error(`no rows in ${empty.join(', ')}`)
    db.exec('PRAGMA journal_mode = DELETE; VACUUM; PRAGMA journal_mode = WAL')
    return { schema: db.prepare('PRAGMA user_version').get()?.['user_version'] as number, rows }
  } finally {
    db.close()
  }
}

const directory = resolve(process.argv[2] ?? '.')
const root = await mkdtemp(join(tmpdir(), 'ingot-fixture-'))
try {
  const hq = await fill(root)
  const { home, client } = hq
  await hq.start()
  const { images } = await client.images({})
  const { peerId, journalSeq } = await client.server()
  await hq.stop()
  const { schema, rows } = countRows(homePaths(home).database)
  const expected: ExpectedHome = {
    version,
    schema,
    peerId,
    journalSeq,
    rows,
    images: images.map(({ ref, kind, state, content, sha256 }) => ({ ref, kind, state, content, sha256 })),
  }
  await rm(homePaths(home).run, { recursive: true })
  await writeFile(join(home, 'state', 'README'), 'The key of this home is for tests: everybody has it.\n')
  await mkdir(directory, { recursive: true })
  const archive = join(directory, 'home.tar.gz')
  execFileSync('tar', [
    '--format=posix',
    '-czf',
    archive,
    '--sort=name',
    '--owner=0',
    '--group=0',
    '--numeric-owner',
    '-C',
    home,
    '.',
  ])
  await writeFile(join(directory, 'expected.json'), `${JSON.stringify(expected, undefined, 2)}\n`)
  console.log(`${archive}: ingot ${version}, database version ${schema}, ${images.length} images`)
} finally {
  await rm(root, { recursive: true, force: true })
}
