import { readlinkSync } from 'node:fs'
import { constants } from 'node:os'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { DiskFault, DiskOperation } from './disk-fault.ts'
import { currentFaults, isDue } from './shared.ts'

/** What names a file to a call: a path, or a descriptor. */
export type Place = string | Buffer | URL | number

/** What happens to one operation instead of itself. */
export type Strike =
  | { kind: 'error'; code: 'EIO' | 'ENOSPC' }
  /** Half of it is written, then this. */
  | { kind: 'torn'; then: 'EIO' | 'kill' }
  | { kind: 'kill-after' }

/** Which operations an error comes at. */
const operations: Record<Exclude<DiskFault['kind'], 'kill'>, readonly DiskOperation[]> = {
  full: ['open', 'write', 'copy', 'link', 'mkdir'],
  'read-error': ['read', 'copy'],
  'write-error': ['write', 'copy'],
  'torn-write': ['write'],
  'sync-error': ['sync'],
  'rename-error': ['rename', 'link'],
}

/** What comes over an operation now; undefined when nothing does. Does not return when the process is killed before it. */
export function strike(operation: DiskOperation, ...places: Place[]): Strike | undefined {
  const faults = currentFaults()
  if (faults.length === 0) return undefined
  const paths = places.map(pathOf)
  for (const [index, fault] of faults.entries()) {
    const ons = fault.kind === 'kill' ? [fault.on] : operations[fault.kind]
    if (!ons.includes(operation) || !paths.some((path) => lies(path, fault))) continue
    if (isDue(index, fault)) return strikeOf(fault, operation)
  }
  return undefined
}

function strikeOf({ kind, when }: DiskFault, operation: DiskOperation): Strike {
  if (kind === 'torn-write') return { kind: 'torn', then: 'EIO' }
  if (kind !== 'kill') return { kind: 'error', code: kind === 'full' ? 'ENOSPC' : 'EIO' }
  if (when === 'during' && operation === 'write') return { kind: 'torn', then: 'kill' }
  if (when === 'after') return { kind: 'kill-after' }
  return kill()
}

/** Ends this process as the system does it. */
export function kill(): never {
  process.kill(process.pid, 'SIGKILL')
  for (;;); // the signal is under way
}

function lies(path: string, { under, path: part = '' }: DiskFault): boolean {
  return (path === under || path.startsWith(`${under}/`)) && path.slice(under.length).includes(part)
}

function pathOf(place: Place): string {
  if (typeof place !== 'number')
    return resolve(place instanceof URL ? fileURLToPath(place) : place.toString())
  try {
    return readlinkSync(`/proc/self/fd/${place}`)
  } catch {
    return '' // closed meanwhile: the call itself says so
  }
}

/** The error that Node gives for a call that the system refuses. */
export function systemError(code: 'EIO' | 'ENOSPC', syscall: string, place: Place): Error {
  const what = code === 'EIO' ? 'i/o error' : 'no space left on device'
  return Object.assign(new Error(`${code}: ${what}, ${syscall}`), {
    errno: -constants.errno[code],
    code,
    syscall,
    ...(typeof place === 'number' ? {} : { path: place.toString() }),
  })
}
