import { statSync } from 'node:fs'
import { homePaths } from '../../core/home-paths.ts'
import type { RouteContext } from '../context.ts'
import { failure, fine, warning, type Finding } from './finding.ts'

/** Bytes of the write-ahead log from which on something keeps SQLite from emptying it. */
const LOG_BYTES = 512 * 2 ** 20

/** The state database: whether its pages fit together, and how large it is. */
export function checkDatabase({ home, state }: RouteContext): Finding {
  const answer = state.db.check()
  if (answer !== undefined) {
    return failure(
      answer,
      'restore the home from a backup; docs/operations.md says what that means for the peers',
    )
  }
  const { database } = homePaths(home)
  const size = statSync(database).size
  const log = statSync(`${database}-wal`, { throwIfNoEntry: false })?.size ?? 0
  const text = `in order: version ${state.db.schema}, ${mebibytes(size)}`
  if (log < LOG_BYTES) return fine(text)
  return warning(
    `${text}; ${mebibytes(log)} of changes wait beside it`,
    'another program may hold the database open (a backup?): end it, or restart the daemon',
  )
}

function mebibytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`
}
