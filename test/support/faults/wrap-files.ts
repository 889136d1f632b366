import { constants } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import type { DiskOperation } from './disk-fault.ts'
import { kill, strike, systemError, type Place, type Strike } from './strike.ts'

/** Puts itself before the calls of `node:fs`, `node:fs/promises` and file handles that read, write or name something. */

type Call = (this: unknown, ...args: unknown[]) => unknown
type Calls = Record<string, Call>

/** What a call does: the operation, and the places among its arguments. */
interface Kind {
  operation: DiskOperation
  /** How many of the first arguments are places; of a method of a file handle none: its descriptor is the place. */
  places: 0 | 1 | 2
  /** True where the bytes are given as a whole, and options behind them. */
  isWhole?: true
  /** True for a call that this operation is not: an open that makes nothing. */
  spares?: (args: readonly unknown[]) => boolean
}

const kind = (operation: DiskOperation, places: Kind['places'] = 1): Kind => ({ operation, places })

/** Calls on paths; all three kinds of them: with a callback, synchronous, with a promise. */
const onPaths: Record<string, Kind> = {
  open: { operation: 'open', places: 1, spares: ([, flags]) => !makes(flags) },
  readFile: kind('read'),
  writeFile: { operation: 'write', places: 1, isWhole: true },
  appendFile: { operation: 'write', places: 1, isWhole: true },
  truncate: kind('truncate'),
  copyFile: kind('copy', 2),
  rename: kind('rename', 2),
  link: kind('link', 2),
  symlink: kind('link', 2),
  unlink: kind('unlink'),
  rm: kind('unlink'),
  rmdir: kind('unlink'),
  mkdir: kind('mkdir'),
  mkdtemp: kind('mkdir'),
}

/** Calls on descriptors: with a callback and synchronous. */
const onDescriptors: Record<string, Kind> = {
  read: kind('read'),
  readv: kind('read'),
  write: kind('write'),
  writev: kind('write'),
  ftruncate: kind('truncate'),
  fsync: kind('sync'),
  fdatasync: kind('sync'),
}

/** Methods of a file handle. */
const onHandles: Record<string, Kind> = {
  read: kind('read', 0),
  readv: kind('read', 0),
  readFile: kind('read', 0),
  write: kind('write', 0),
  writev: kind('write', 0),
  writeFile: { operation: 'write', places: 0, isWhole: true },
  appendFile: { operation: 'write', places: 0, isWhole: true },
  truncate: kind('truncate', 0),
  sync: kind('sync', 0),
  datasync: kind('sync', 0),
}

/** Wraps all of them, for everybody who imports these modules. */
export async function wrapFiles(): Promise<void> {
  const files = process.getBuiltinModule('node:fs')
  const sync = files as unknown as Calls
  const promised = files.promises as unknown as Calls
  const probe = await files.promises.open('/dev/null')
  const handles = Object.getPrototypeOf(probe) as Calls
  await probe.close()
  for (const [name, kind] of Object.entries({ ...onPaths, ...onDescriptors })) {
    replace(sync, `${name}Sync`, (call) => wrapSync(call, name, kind))
    replace(sync, name, (call) => wrapCallback(call, name, kind))
  }
  for (const [name, kind] of Object.entries(onPaths))
    replace(promised, name, (call) => wrapPromise(call, name, kind))
  for (const [name, kind] of Object.entries(onHandles))
    replace(handles, name, (call) => wrapPromise(call, name, kind))
  syncBuiltinESMExports()
}

function replace(calls: Calls, name: string, wrap: (call: Call) => Call): void {
  const call = calls[name]
  if (call === undefined) throw new Error(`there is no ${name} in this Node`)
  const wrapped = wrap(call)
  // What util.promisify() reads is kept with the function.
  Object.defineProperties(wrapped, Object.getOwnPropertyDescriptors(call))
  calls[name] = wrapped
}

function wrapSync(call: Call, name: string, kind: Kind): Call {
  return function (this: unknown, ...args) {
    const struck = look(this, args, kind)
    if (struck === undefined) return call.apply(this, args)
    if (struck.kind === 'torn') call.apply(this, half(args, kind))
    return outcome(struck, name, args, () => call.apply(this, args))
  }
}

function wrapPromise(call: Call, name: string, kind: Kind): Call {
  return async function (this: unknown, ...args) {
    const struck = look(this, args, kind)
    if (struck === undefined) return await call.apply(this, args)
    if (struck.kind === 'torn') await call.apply(this, half(args, kind))
    const result: unknown = struck.kind === 'kill-after' ? await call.apply(this, args) : undefined
    return outcome(struck, name, args, () => result)
  }
}

function wrapCallback(call: Call, name: string, kind: Kind): Call {
  return function (this: unknown, ...args) {
    const struck = look(this, args, kind)
    const done = args.at(-1) as (error: Error | null, ...results: unknown[]) => void
    if (struck === undefined) return call.apply(this, args)
    if (struck.kind === 'error') {
      process.nextTick(done, systemError(struck.code, name, args[0] as Place))
      return undefined
    }
    // Half of it, or all: then what comes after.
    const given = struck.kind === 'torn' ? half(args.slice(0, -1), kind) : args.slice(0, -1)
    return call.call(this, ...given, () => {
      if (struck.kind === 'kill-after' || struck.then === 'kill') kill()
      done(systemError('EIO', name, args[0] as Place))
    })
  }
}

function look(
  self: unknown,
  args: readonly unknown[],
  { operation, places, spares }: Kind,
): Strike | undefined {
  if (spares?.(args) === true) return undefined
  return strike(
    operation,
    ...(places === 0 ? [(self as { fd: number }).fd] : (args.slice(0, places) as Place[])),
  )
}

/** The end of a call that something came over; `call` makes it after all. */
function outcome(struck: Strike, name: string, args: readonly unknown[], call: () => unknown): unknown {
  if (struck.kind === 'kill-after') {
    call()
    kill()
  }
  if (struck.kind === 'torn' && struck.then === 'kill') kill()
  throw systemError(struck.kind === 'error' ? struck.code : 'EIO', name, (args[0] ?? '') as Place)
}

/** The arguments of a write, for half of its bytes: whole blocks, as a write past the page cache needs them. Of what is no bytes nothing is written. */
function half(args: readonly unknown[], { places, isWhole }: Kind): unknown[] {
  const before = args.slice(0, places)
  const [source, given, count, position] = args.slice(places)
  if (Array.isArray(source)) return [...before, source.slice(0, source.length / 2), given]
  if (isWhole === true) {
    const bytes = Buffer.from(source as string | Uint8Array)
    return [...before, bytes.subarray(0, bytes.length / 2), given]
  }
  if (!ArrayBuffer.isView(source) || typeof given === 'object') return [...before, Buffer.alloc(0), 0, 0, 0]
  const offset = (given as number | undefined) ?? 0
  const length = (count as number | undefined) ?? source.byteLength - offset
  const least = length >= 8192 ? 4096 : 1
  const part = Math.floor(length / 2 / least) * least
  return [...before, source, offset, part, position ?? null]
}

/** True for an open that may make a file. */
function makes(flags: unknown): boolean {
  if (typeof flags === 'number') return (flags & constants.O_CREAT) !== 0
  return typeof flags === 'string' && /[wa]/.test(flags)
}
