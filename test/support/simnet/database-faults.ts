import { once } from 'node:events'
import { copyFileSync, openSync, closeSync, rmSync, statSync, writeSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import { isIngotError } from '../../../src/core/errors.ts'
import { homePaths } from '../../../src/core/home-paths.ts'
import { randomBytes } from '../files.ts'
import { checkFacts } from './check-facts.ts'
import { take, type FaultMaker } from './fault.ts'
import { Violation } from './violation.ts'

/** Another program holds the database for a moment, as one that makes a backup does. */
const locked: FaultMaker = (network, { a, b }) => {
  const server = take(network, a)
  if (server === undefined) return undefined
  const ms = 20 + (b % 300)
  let ended: Promise<unknown> | undefined
  return {
    what: `the database of ${server.name} is locked for ${ms} ms`,
    begin: async () => {
      const workerData = { path: homePaths(server.home).database, ms }
      const thread = new Worker(new URL('./hold-database.ts', import.meta.url), { workerData })
      ended = once(thread, 'exit')
      await once(thread, 'message')
    },
    end: async () => {
      await ended
      server.isTaken = false
    },
  }
}

/** Bytes at the beginning of a file, at some place in it, or all of it. */
const DAMAGES = [
  { what: 'its header', from: 0, to: 0.001 },
  { what: 'its first page', from: 0, to: 0.02 },
  { what: 'all of it', from: 0, to: 1 },
] as const

/** The database is overwritten while the server does not run: it must refuse to start, and say so; then a backup is put back. */
const damaged: FaultMaker = (network, { a, b }) => {
  const server = take(network, a)
  if (server === undefined) return undefined
  const { database } = homePaths(server.home)
  const backup = `${server.home}.db`
  const damage = DAMAGES[b % DAMAGES.length] as (typeof DAMAGES)[number]
  return {
    what: `the database of ${server.name} is damaged: ${damage.what}`,
    begin: async () => {
      await server.stop()
      copyFileSync(database, backup)
      const { size } = statSync(database)
      const from = Math.floor(size * damage.from)
      const length = Math.max(100, Math.floor(size * damage.to) - from)
      const file = openSync(database, 'r+')
      writeSync(file, randomBytes(length, `damage ${b}`), 0, length, from)
      closeSync(file)
      const refusal = await server.start().then(
        () => undefined,
        (error: unknown) => error,
      )
      if (!isIngotError(refusal) || !refusal.message.includes(database) || refusal.hint === undefined)
        throw new Violation(`${server.name} started with a damaged database, or did not say why not`, {
          cause: refusal,
        })
    },
    end: async () => {
      for (const beside of ['-wal', '-shm']) rmSync(`${database}${beside}`, { force: true })
      copyFileSync(backup, database)
      rmSync(backup)
      await server.start()
      await checkFacts(network, server)
      server.isTaken = false
    },
  }
}

/** What goes wrong with the database of a server. */
export const databaseFaults = {
  'database-locked': locked,
  'database-damaged': damaged,
} satisfies Record<string, FaultMaker>
