import { chmodSync, existsSync, readFileSync, readdirSync, statSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, onTestFinished, test } from 'vitest'
import { Database } from '../../../src/state/database.ts'
import { migrations } from '../../../src/state/migrations.ts'
import { tempDir } from '../../support/temp-dir.ts'

const insert = 'INSERT INTO setting VALUES (?, ?)'

function open(path = ':memory:'): Database {
  const db = new Database(path)
  onTestFinished(() => db.close())
  return db
}

/** All rows of all tables, those with which SQLite numbers rows among them. */
function contentsOf(db: Database): unknown {
  const tables = db.all("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
  return tables.map(({ name }) => [name, db.all(`SELECT * FROM "${name as string}"`)])
}

function keys(db: Database): unknown[] {
  return db.all('SELECT key FROM setting ORDER BY key').map((row) => row['key'])
}

describe('opening', () => {
  test('brings a new database to the newest version', () => {
    expect(open().get('PRAGMA user_version')).toEqual({ user_version: migrations.length })
  })

  test('keeps what is in an existing one', async () => {
    const path = join(await tempDir(), 'state.db')
    const first = new Database(path)
    first.run(insert, 'a', '1')
    first.close()
    expect(keys(open(path))).toEqual(['a'])
  })

  test('applies the migrations that are missing', async () => {
    const path = join(await tempDir(), 'state.db')
    const raw = new DatabaseSync(path)
    raw.exec(migrations[0] as string)
    raw.exec(`INSERT INTO setting VALUES ('old', '1'); PRAGMA user_version = 1`)
    raw.close()
    const db = open(path)
    expect(db.get('PRAGMA user_version')).toEqual({ user_version: migrations.length })
    expect(keys(db)).toEqual(['old'])
  })

  test('contents of a version without trees have nothing privileged', async () => {
    const path = join(await tempDir(), 'state.db')
    const raw = new DatabaseSync(path)
    raw.exec(migrations[0] as string)
    raw.exec(`INSERT INTO content (digest, kind, size, sha256, created_at) VALUES ('d', 'file', 7, 's', 5);
      PRAGMA user_version = 1`)
    raw.close()
    expect(open(path).get('SELECT digest, size, sha256, privileged FROM content')).toEqual({
      digest: 'd',
      size: 7,
      sha256: 's',
      privileged: 'none',
    })
  })

  test('refuses the database of a newer ingot, says what to do, and does not hold it', async () => {
    const path = join(await tempDir(), 'state.db')
    new Database(path).close()
    const raw = new DatabaseSync(path)
    onTestFinished(() => raw.close())
    raw.exec('PRAGMA user_version = 999')
    expect(() => new Database(path)).toThrow(
      expect.objectContaining({
        code: 'conflict',
        message: expect.stringContaining('999') as string,
        hint: expect.stringContaining('newer') as string,
      }),
    )
    raw.exec('PRAGMA journal_mode = DELETE') // impossible while another connection is open
    expect(raw.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'delete' })
  })

  test('does not write to the database of a newer ingot, and names the version that wrote it', async () => {
    const path = join(await tempDir(), 'state.db')
    const raw = new DatabaseSync(path)
    raw.exec(
      "CREATE TABLE setting (key TEXT, value TEXT); INSERT INTO setting VALUES ('written-by', '7.8.9')",
    )
    raw.exec(`PRAGMA user_version = ${migrations.length + 1}`)
    raw.close()
    const before = readFileSync(path)
    expect(() => new Database(path)).toThrow(
      expect.objectContaining({
        message: expect.stringContaining(`up to ${migrations.length}. Nothing was changed`) as string,
        hint: expect.stringContaining('run ingot 7.8.9 or newer') as string,
      }),
    )
    expect(readFileSync(path).equals(before)).toBe(true)
    expect(readdirSync(dirname(path))).toEqual(['state.db'])
  })

  test('leaves all as it was when one of several migrations fails, and works once it does not', async () => {
    const path = join(await tempDir(), 'state.db')
    const first = new Database(path)
    first.run(insert, 'a', '1')
    first.close()
    const steps = [
      ...migrations,
      "UPDATE setting SET value = '2'; CREATE TABLE more (x)",
      'ALTER TABLE more ADD COLUMN y; INSERT INTO missing VALUES (1)',
    ]
    expect(() => new Database(path, steps)).toThrow(
      expect.objectContaining({
        code: 'failed',
        message: expect.stringMatching(
          new RegExp(`from version ${migrations.length} to ${steps.length}: .*missing.* It is as it was`),
        ) as string,
        hint: expect.stringMatching(/\w/) as string,
      }),
    )
    const db = open(path)
    expect(db.schema).toBe(migrations.length)
    expect(db.all('SELECT * FROM setting')).toEqual([{ key: 'a', value: '1' }])
    expect(db.get("SELECT 1 FROM sqlite_schema WHERE name = 'more'")).toBeUndefined()
    db.close()
    const later = new Database(path, steps.slice(0, -1))
    onTestFinished(() => later.close())
    expect(later.all('SELECT * FROM setting')).toEqual([{ key: 'a', value: '2' }])
  })

  test('is for this user alone, and never what a link leads to', async () => {
    const directory = await tempDir()
    const path = join(directory, 'state.db')
    const mode = (name: string) => (statSync(join(directory, name)).mode & 0o777).toString(8)
    const db = open(path)
    db.run(insert, 'a', '1')
    expect(['state.db', 'state.db-wal', 'state.db-shm'].map(mode)).toEqual(['600', '600', '600'])
    db.close()
    chmodSync(path, 0o644)
    open(path).close()
    expect(mode('state.db')).toBe('600')
    symlinkSync(join(directory, 'elsewhere'), join(directory, 'link'))
    expect(() => new Database(join(directory, 'link'))).toThrow(expect.objectContaining({ code: 'failed' }))
    expect(existsSync(join(directory, 'elsewhere'))).toBe(false)
  })

  test('closes twice without complaint', () => {
    const db = open()
    db.close()
    db.close()
  })
})

describe.each(['transaction', 'durably'] as const)('%s', (method) => {
  test('keeps all of what was done', () => {
    const db = open()
    const result = db[method](() => {
      db.run(insert, 'a', '1')
      db.run(insert, 'b', '2')
      return 7
    })
    expect(result).toBe(7)
    expect(keys(db)).toEqual(['a', 'b'])
  })

  test('undoes all of it when something throws', () => {
    const db = open()
    const work = () =>
      db[method](() => {
        db.run(insert, 'a', '1')
        throw new Error('power')
      })
    expect(work).toThrow('power')
    expect(keys(db)).toEqual([])
    db[method](() => db.run(insert, 'b', '1'))
    expect(keys(db)).toEqual(['b'])
  })

  test('undoes what a nested transaction did, too', () => {
    const db = open()
    const work = () =>
      db[method](() => {
        db.transaction(() => db.run(insert, 'a', '1'))
        throw new Error('power')
      })
    expect(work).toThrow('power')
    expect(keys(db)).toEqual([])
  })

  test('tells the error that ended it when the database rolled back by itself', () => {
    const db = open()
    const work = () =>
      db[method](() => {
        db.run('ROLLBACK') // as SQLite does when the disk is full
        throw new Error('disk full')
      })
    expect(work).toThrow('disk full')
    db[method](() => db.run(insert, 'b', '1'))
    expect(keys(db)).toEqual(['b'])
  })
})

describe('rehearse', () => {
  test('tells what it would come to, and takes back all of it', () => {
    const db = open()
    db.run(insert, 'a', '1')
    const before = contentsOf(db)
    const seen = db.rehearse(() => {
      db.run(insert, 'b', '2')
      db.run("UPDATE setting SET value = '9' WHERE key = 'a'")
      db.transaction(() => db.run("INSERT INTO audit VALUES (NULL, 1, 'add image', 'x', 'done')"))
      return keys(db)
    })
    expect(seen).toEqual(['a', 'b'])
    expect(contentsOf(db)).toEqual(before)
  })

  test('takes everything back, too, when something throws, and tells it', () => {
    const db = open()
    const work = () =>
      db.rehearse(() => {
        db.run(insert, 'a', '1')
        throw new Error('power')
      })
    expect(work).toThrow('power')
    expect(keys(db)).toEqual([])
  })

  test('is followed by work that stays', () => {
    const db = open()
    expect(db.rehearse(() => undefined)).toBeUndefined()
    db.durably(() => db.run(insert, 'a', '1'))
    expect(keys(db)).toEqual(['a'])
  })

  test('inside a transaction is refused: it would take back that, too', () => {
    const db = open()
    expect(() => db.transaction(() => db.rehearse(() => 1))).toThrow('rehearse')
  })

  test('refuses work that promises to be on disk', () => {
    const db = open()
    expect(() => db.rehearse(() => db.durably(() => db.run(insert, 'a', '1')))).toThrow('durably')
    expect(keys(db)).toEqual([])
  })
})

describe('durably', () => {
  const synchronous = (db: Database) => db.get('PRAGMA synchronous')?.['synchronous']

  test('commits with a sync, and only that', () => {
    const db = open()
    expect(synchronous(db)).toBe(1)
    db.durably(() => expect(synchronous(db)).toBe(2))
    expect(synchronous(db)).toBe(1)
    expect(() =>
      db.durably(() => {
        throw new Error('power')
      }),
    ).toThrow('power')
    expect(synchronous(db)).toBe(1)
  })

  test('inside a transaction is refused: it could not keep its promise', () => {
    const db = open()
    expect(() => db.transaction(() => db.durably(() => db.run(insert, 'a', '1')))).toThrow('durably')
    expect(keys(db)).toEqual([])
  })
})
