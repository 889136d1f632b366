import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { beforeAll, describe, expect, test } from 'vitest'
import type { SealedManifest } from '../../../src/image/manifest.ts'
import { migrations } from '../../../src/state/migrations.ts'
import type { State } from '../../../src/state/state.ts'
import { testKey } from '../../support/keys.ts'
import { testDigest, testImage } from '../../support/manifests.ts'
import { testState } from '../../support/state.ts'
import { tempDir } from '../../support/temp-dir.ts'

const signature = new Uint8Array(64).fill(7)
let image: SealedManifest
let child: SealedManifest
beforeAll(async () => {
  const key = await testKey('origin')
  image = testImage(key)
  child = testImage(key, { name: 'child', ancestors: [image.id] })
})

/** Rows of every table of version 1, each column given. */
function rowsOfVersion1(): Record<string, Record<string, string | number | Uint8Array | null>[]> {
  const { id, bytes, manifest } = image
  const journal = (seq: number, body: Uint8Array | null) => ({
    seq,
    time: seq * 10,
    previous: testDigest(`hash ${seq - 1}`),
    body_digest: testDigest(`body ${seq}`),
    hash: testDigest(`hash ${seq}`),
    body,
    signature,
    image: id,
  })
  const announced = (sealed: SealedManifest, seq: number, status: string) => ({
    peer: 'P',
    image: sealed.id,
    seq,
    name: sealed.manifest.name,
    manifest: sealed.bytes,
    signature: sealed.signature,
    status,
    decision: 'wanted',
    rule: 'all',
    decided_at: 5,
  })
  const job = (number: number, state: string) => ({
    id: number,
    peer: 'P',
    image: number === 3 ? id : child.id,
    name: 'debian-13',
    state,
    reason: 'peer-unreachable',
    error: 'timeout',
    bytes_total: 2 ** 44,
    bytes_done: 3,
    bytes_local: 2,
    bytes_wire: 1,
    attempts: 4,
    retry_at: 5,
    created_at: 6,
    started_at: 7,
    finished_at: null,
  })
  const receipt = { peer: 'P', image: id, state: 'enabled', reason: '', time: 9 }
  return {
    setting: [
      { key: 'server-name', value: 'hq' },
      { key: 'journal-id', value: 'ab'.repeat(16) },
    ],
    peer: [
      {
        id: 'P',
        name: 'munich',
        addresses: '["/ip4/192.0.2.1/tcp/1"]',
        status: 'suspended',
        registered_at: 1,
        last_contact: 2,
        wrong_leaves: 3,
        fault: 'chain',
      },
    ],
    cursor: [
      { peer: 'P', journal_id: 'cd'.repeat(16), seq: 12, hash: testDigest('12'), time: 4, signature },
      { peer: 'Q', journal_id: 'ef'.repeat(16), seq: 0, hash: testDigest('0'), time: 0, signature },
    ],
    journal: [journal(1, Uint8Array.of(1)), journal(2, null)],
    content: [
      {
        digest: manifest.content,
        kind: 'file',
        size: manifest.size,
        sha256: manifest.sha256 ?? '',
        in_place_path: '/srv/disk.raw',
        in_place_stat: '{"inode":"1:2"}',
        created_at: 1,
      },
    ],
    image: [
      {
        id,
        origin: manifest.origin,
        name: manifest.name,
        type: manifest.type,
        content: manifest.content,
        manifest: bytes,
        signature: image.signature,
        state: 'RESTRICTED',
        private: 1,
        enabled_at: 3,
      },
    ],
    announced: [announced(image, 4, 'withdrawn'), announced(child, 9, 'announced')],
    unknown_event: [{ peer: 'P', seq: 8, body: Uint8Array.of(1, 2) }],
    subscription: [
      { id: 1, peer: 'P', selector: 'all', name: '', head_seq: 6, created_at: 2 },
      { id: 5, peer: 'P', selector: `image ${id}`, name: 'hq/debian-13', head_seq: 11, created_at: 3 },
    ],
    job: [job(3, 'DONE'), job(4, 'WAITING')],
    receipt_out: [{ ...receipt, acknowledged: 1 }],
    receipt_in: [receipt],
    audit: [{ id: 3, time: 8, operation: 'add image', subject: './debian-13', outcome: 'done' }],
  }
}

/** Rows without their order, and without how their bytes are held. */
function asText(rows: Record<string, unknown>[]): string[] {
  const plain = (value: unknown) => (value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value)
  return rows
    .map((row) => JSON.stringify(Object.entries(row).map(([key, value]) => [key, plain(value)])))
    .toSorted()
}

/** The state of a database that version 1 made and filled. */
async function upgraded(): Promise<State> {
  const path = join(await tempDir(), 'state.db')
  const raw = new DatabaseSync(path)
  raw.exec('PRAGMA journal_mode = WAL; PRAGMA foreign_keys = ON')
  raw.exec(`${migrations[0]}; PRAGMA user_version = 1`)
  for (const [table, rows] of Object.entries(rowsOfVersion1())) {
    for (const row of rows) {
      const columns = Object.keys(row)
      raw
        .prepare(`INSERT INTO ${table} (${columns.join()}) VALUES (${columns.map(() => '?').join()})`)
        .run(...Object.values(row))
    }
  }
  raw.close()
  return testState(path)
}

describe('a database of version 1', () => {
  test('has a table for all that this test fills, and no other', () => {
    const raw = new DatabaseSync(':memory:')
    raw.exec(migrations[0] as string)
    const tables = raw
      .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
      .all()
    raw.close()
    expect(tables.map(({ name }) => name as string).toSorted()).toEqual(
      Object.keys(rowsOfVersion1()).toSorted(),
    )
  })

  test('keeps every row as it was', async () => {
    const { db } = await upgraded()
    for (const [table, rows] of Object.entries(rowsOfVersion1())) {
      const columns = Object.keys(rows[0] as object)
      const kept = db.all(`SELECT ${columns.join()} FROM ${table}`)
      expect(asText(kept), table).toEqual(asText(rows))
    }
  })

  test('has the tables, columns and indexes of a new one', async () => {
    const schema = ({ db }: State) =>
      db
        .all('SELECT type, name FROM sqlite_schema ORDER BY type, name')
        .map(({ type, name }) => [type, name, db.all(`PRAGMA table_info("${name as string}")`)])
    expect(schema(await upgraded())).toEqual(schema(testState()))
  })

  test('goes on with the journal of a peer where it was, and counts from there', async () => {
    const { peers } = await upgraded()
    expect(peers.cursor('P')).toMatchObject({ journalId: 'cd'.repeat(16), seq: 12, hash: testDigest('12') })
    expect([peers.taken('P'), peers.taken('Q'), peers.taken('R')]).toEqual([12, 0, 0])
    expect(peers.byId('P')).toMatchObject({
      fault: 'chain',
      faultSeq: undefined,
      passedSeq: undefined,
      rateIn: undefined,
      rateOut: undefined,
    })
  })

  test('has every image of a peer where its journal announced it', async () => {
    const { announced } = await upgraded()
    expect(announced.get('P', image.id)).toMatchObject({ seq: 4, ordinal: 4, status: 'withdrawn' })
    expect(announced.list('P')).toMatchObject([{ seq: 9, ordinal: 9, sealed: { id: child.id } }])
    expect(announced.isStale('P', child.id)).toBe(false)
    expect(announced.sweep('P')).toEqual([])
  })

  test('has subscriptions without options, made where the journal stood then', async () => {
    const { subscriptions } = await upgraded()
    const options = {
      newOnly: false,
      landAs: 'PUBLISHED',
      keep: undefined,
      maxBytes: undefined,
      priority: 0,
      trustPrivileged: false,
      preseed: undefined,
      rate: undefined,
      window: undefined,
    }
    expect(subscriptions.list('P')).toEqual([
      { id: 1, peer: 'P', selector: 'all', name: '', headSeq: 6, ordinal: 6, createdAt: 2, ...options },
      {
        id: 5,
        peer: 'P',
        selector: `image ${image.id}`,
        name: 'hq/debian-13',
        headSeq: 11,
        ordinal: 11,
        createdAt: 3,
        ...options,
      },
    ])
  })

  test('goes on with its jobs', async () => {
    const { jobs } = await upgraded()
    const defaults = {
      priority: 0,
      landAs: 'PUBLISHED',
      trustPrivileged: false,
      replaces: false,
      subscription: undefined,
    }
    expect(jobs.runnable('P', 5, { offset: 0, limit: 9 })).toMatchObject([
      { id: 4, attempts: 4, ...defaults },
    ])
    expect(jobs.latest('P', image.id)).toMatchObject({ id: 3, state: 'DONE' })
  })

  test('has its images, receipts, journal and audit log', async () => {
    const state = await upgraded()
    expect(state.images.byId(image.id)).toMatchObject({
      name: 'debian-13',
      state: 'RESTRICTED',
      private: true,
    })
    expect(state.receipts.noted('P', image.id)?.state).toBe('enabled')
    expect(state.receipts.pending('P', 9)).toEqual([])
    expect(state.journal.after(0, 9).map(({ body }) => body)).toEqual([Uint8Array.of(1), undefined])
    expect(state.unknownEvents.count('P')).toBe(1)
    expect(state.db.all('SELECT id FROM audit')).toEqual([{ id: 3 }])
  })

  test('has nothing in what is new', async () => {
    const { series, announcedSeries, imageTypes, members, peerSubscriptions, declined } = await upgraded()
    expect([series.names(), imageTypes.list(), members.list('client'), members.list('target')]).toEqual([
      [],
      [],
      [],
      [],
    ])
    expect([announcedSeries.names('P'), peerSubscriptions.list('P')]).toEqual([[], []])
    expect(declined.get('P', image.id)).toBeUndefined()
  })

  test('has no damage, and nothing of which it is known that all came from its origin', async () => {
    const { integrity, images, jobs } = await upgraded()
    expect([integrity.countDamaged(), integrity.verifiedAt(image.manifest.content)]).toEqual([0, undefined])
    expect(integrity.longestUnread()).toEqual({ content: image.manifest.content, since: 1 })
    expect([images.isPure(image.id), jobs.hasForeignBytes(4)]).toEqual([false, true])
  })
})
