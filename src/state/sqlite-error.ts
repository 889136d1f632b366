import { IngotError } from '../core/errors.ts'

/** Primary result codes of SQLite; the byte above says more. */
const SQLITE_BUSY = 5
const SQLITE_LOCKED = 6
const SQLITE_READONLY = 8
const SQLITE_IOERR = 10
const SQLITE_CORRUPT = 11
const SQLITE_FULL = 13
const SQLITE_CANTOPEN = 14
const SQLITE_NOTADB = 26

function resultOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number')
    return undefined
  return error.errcode & 0xff
}

/** True for an error of the disk under a database: what it wrote may not be there. */
export function isDiskError(error: unknown): boolean {
  return resultOf(error) === SQLITE_IOERR
}

/**
 * Translates what an operator can do something about; other errors of SQLite, and all others, as they are. `path`: of the database,
 * where it has one.
 */
export function databaseError(error: unknown, path: string | null): unknown {
  const what = path === null ? 'the database' : `the database ${path}`
  const ingotError = (code: 'no-space' | 'busy' | 'failed', message: string, hint: string) =>
    new IngotError(code, `${what} ${message}`, { cause: error, hint })
  switch (resultOf(error)) {
    case SQLITE_FULL:
      return ingotError(
        'no-space',
        'cannot grow: no space is left on its disk',
        'free some there, then try again',
      )
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
      return ingotError('failed', 'cannot be read or written', 'the kernel log may say more about the disk')
    case SQLITE_READONLY:
      return ingotError('failed', 'may not be written', 'is its file system mounted read-only?')
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return ingotError('busy', 'is held by another process', 'only ingot may open it: end what else does')
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return ingotError(
        'failed',
        'is damaged',
        'stop the daemon and restore it from a backup; docs/operations.md says what that means for the peers',
      )
    default:
      return error
  }
}
