import { syncBuiltinESMExports } from 'node:module'
import { constants } from 'node:os'
import { noteSync } from './ledger.ts'
import { kill, strike, type Place, type Strike } from './strike.ts'

/** Puts itself before what ingot calls of the C library, and before COMMIT of SQLite. */
export function wrapCalls(): void {
  wrapLibrary()
  wrapCommits()
  syncBuiltinESMExports()
}

type Native = (...args: unknown[]) => unknown

/** Where an injected error lies in place of the C library's `errno`. */
const errno = new Int32Array(new SharedArrayBuffer(4)) // shared memory does not move
let isInjected = false

const pathOf = (bytes: unknown): Place => Buffer.from(bytes as Uint8Array).subarray(0, -1)

/** The calls of `src/store/libc.ts` that change a disk, and what they do to which places. */
const strikes: Record<string, (args: readonly unknown[]) => Strike | undefined> = {
  renameat2: ([, from, , to]) => strike('rename', pathOf(from), pathOf(to)),
  syncfs: ([fd]) => strike('sync', fd as number),
}

function wrapLibrary(): void {
  let ffi: { dlopen: Native; getRawPointer: (bytes: Int32Array) => bigint }
  try {
    ffi = process.getBuiltinModule('node:ffi') as unknown as typeof ffi
  } catch {
    return // a Node without it: ingot does without, too
  }
  const { dlopen, getRawPointer } = ffi
  ffi.dlopen = (...args) => {
    const library = dlopen(...args) as { functions: Record<string, Native> }
    const functions: Record<string, Native> = { ...library.functions }
    for (const [name, strikeAt] of Object.entries(strikes)) {
      const call = functions[name]
      if (call === undefined) continue
      functions[name] = (...given) => {
        const struck = strikeAt(given)
        const ended = name === 'syncfs' ? noteSync(given[0] as number, 'all') : undefined
        if (struck === undefined) {
          const result = call(...given)
          ended?.('synced')
          return result
        }
        ended?.('failed')
        if (struck.kind === 'kill-after') call(...given)
        if (struck.kind !== 'error') kill()
        errno[0] = constants.errno[struck.code]
        isInjected = true
        return -1
      }
    }
    const location = functions['__errno_location']
    functions['__errno_location'] = (...given) => {
      if (!isInjected) return location?.(...given)
      isInjected = false
      return getRawPointer(errno)
    }
    return { ...library, functions }
  }
}

function wrapCommits(): void {
  const { DatabaseSync } = process.getBuiltinModule('node:sqlite')
  const { prototype } = DatabaseSync
  const exec = Reflect.get(prototype, 'exec')
  prototype.exec = function (sql) {
    if (!/^\s*commit\b/i.test(sql)) return exec.call(this, sql)
    const struck = strike('commit', this.location() ?? '')
    if (struck?.kind === 'error') {
      exec.call(this, 'ROLLBACK') // as SQLite does it when a COMMIT fails
      throw commitError(struck.code)
    }
    exec.call(this, sql)
    if (struck !== undefined) kill()
  }
}

/** The error that node:sqlite gives for a COMMIT that the disk refuses. */
function commitError(code: 'EIO' | 'ENOSPC'): Error {
  const [errcode, errstr] =
    code === 'EIO' ? [10 | (4 << 8), 'disk I/O error'] : [13, 'database or disk is full']
  return Object.assign(new Error(errstr), { code: 'ERR_SQLITE_ERROR', errcode, errstr })
}
