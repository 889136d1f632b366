import { syncBuiltinESMExports } from 'node:module'
import { constants } from 'node:os'
import { kill, strike, type Place, type Strike } from './strike.ts'

/** Puts itself before what ingot calls of the C library, and before COMMIT of SQLite. */
export function wrapCalls(): void {
  wrapLibrary()
  wrapCommits()
  syncBuiltinESMExports()
}

type Native = (...args: unknown[]) => unknown

/** Where an injected error lies in place of the C library's `errno`. */
const errno = new Int32Array(1)
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
        if (struck === undefined) return call(...given)
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
  const exec = Reflect.get(prototype, 'exec') as (this: object, sql: string) => void
  prototype.exec = function (sql) {
    if (!/^\s*commit\b/i.test(sql)) return exec.call(this, sql)
    const struck = strike('commit', this.location() ?? '')
    exec.call(this, sql)
    if (struck !== undefined) kill()
  }
}
