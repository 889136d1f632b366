import { clearDiskFaults, setDiskFaults } from '../../support/faults/disk-faults.ts'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, expect, onTestFinished, test } from 'vitest'
import { Database } from '../../../src/state/database.ts'
import { tempDir } from '../../support/temp-dir.ts'

const insert = 'INSERT INTO setting VALUES (?, ?)'

afterEach(clearDiskFaults)

async function open(): Promise<{ db: Database; directory: string; path: string }> {
  const directory = await tempDir()
  const path = join(directory, 'ingot.db')
  const db = new Database(path)
  onTestFinished(() => db.close())
  return { db, directory, path }
}

const keys = (db: Database) => db.all('SELECT key FROM setting').map((row) => row['key'])

/** What a call throws. */
function thrown(work: () => unknown): unknown {
  try {
    work()
    return undefined
  } catch (error) {
    return error
  }
}

test('a database that may not grow says so, takes nothing, and goes on when it may', async () => {
  const { db, path } = await open()
  const pages = db.get('PRAGMA page_count')?.['page_count'] as number
  db.get(`PRAGMA max_page_count = ${pages + 2}`)
  const fill = () =>
    db.durably(() => {
      for (let i = 0; i < 100; i++) db.run(insert, `key ${i}`, 'x'.repeat(1000))
    })
  expect(thrown(fill)).toMatchObject({
    code: 'no-space',
    message: `the database ${path} cannot grow: no space is left on its disk`,
    hint: expect.stringContaining('free') as string,
  })
  expect(keys(db)).toEqual([])
  db.get('PRAGMA max_page_count = 1000000')
  fill()
  expect(keys(db)).toHaveLength(100)
})

test('a database that another process holds says so', async () => {
  const { db, path } = await open()
  db.get('PRAGMA busy_timeout = 1')
  const other = new DatabaseSync(path)
  other.exec('BEGIN IMMEDIATE')
  expect(thrown(() => db.durably(() => db.run(insert, 'a', '1')))).toMatchObject({ code: 'busy' })
  other.exec('ROLLBACK')
  other.close()
  db.durably(() => db.run(insert, 'a', '1'))
  expect(keys(db)).toEqual(['a'])
})

test.skipIf(process.platform !== 'linux')(
  'after a sync that failed, what was committed before is written anew before anything else is promised',
  async () => {
    const { db, directory, path } = await open()
    db.transaction(() => db.run(insert, 'before', '1')) // in the log, and not synced
    expect(statSync(`${path}-wal`).size).toBeGreaterThan(0)
    setDiskFaults([{ kind: 'sync-error', under: directory, after: 0, times: 1, on: 'commit' }])
    expect(thrown(() => db.durably(() => db.run(insert, 'a', '1')))).toMatchObject({
      code: 'failed',
      message: `the database ${path} cannot be read or written`,
    })
    expect(keys(db)).toEqual(['before'])
    // A reader keeps the log from being emptied: then nothing can be promised.
    db.get('PRAGMA busy_timeout = 1')
    const reader = new DatabaseSync(path)
    reader.exec('BEGIN; SELECT * FROM setting')
    expect(thrown(() => db.durably(() => db.run(insert, 'b', '1')))).toMatchObject({ code: 'busy' })
    reader.exec('ROLLBACK')
    reader.close()
    db.durably(() => {
      expect(statSync(`${path}-wal`).size).toBe(0)
      db.run(insert, 'c', '1')
    })
    expect(keys(db)).toEqual(['before', 'c'])
  },
)
