import { dlopen, getInt32, getRawPointer } from 'node:ffi'
import { constants } from 'node:os'

/** The few calls of the C library that Node has none for. Each is one system call on this thread; paths are bytes. */

const AT_FDCWD = -100
const AT_SYMLINK_NOFOLLOW = 0x100
const RENAME_EXCHANGE = 2
const NANOS = 1_000_000_000n

const signatures = {
  llistxattr: { arguments: ['buffer', 'buffer', 'uint64'], return: 'int64' },
  lgetxattr: { arguments: ['buffer', 'buffer', 'buffer', 'uint64'], return: 'int64' },
  lsetxattr: { arguments: ['buffer', 'buffer', 'buffer', 'uint64', 'int32'], return: 'int32' },
  utimensat: { arguments: ['int32', 'buffer', 'buffer', 'int32'], return: 'int32' },
  renameat2: { arguments: ['int32', 'buffer', 'int32', 'buffer', 'uint32'], return: 'int32' },
  syncfs: { arguments: ['int32'], return: 'int32' },
  __errno_location: { arguments: [], return: 'pointer' },
} as const

function load() {
  // The numbers above are Linux's. Null: what this process has loaded already, glibc or musl.
  return process.platform === 'linux' ? dlopen(null, signatures).functions : undefined
}

let functions: ReturnType<typeof load>
try {
  functions = load()
} catch {
  functions = undefined // a Node without FFI, or a C library without these: whoever calls has another way, or none
}

/** False where the C library cannot be called: then the others must not be called. */
export const hasLibc = functions !== undefined

/** Where bytes lie in memory; undefined where that cannot be told. */
export function addressOf(bytes: Uint8Array): bigint | undefined {
  return hasLibc ? getRawPointer(bytes) : undefined
}

function libc(): NonNullable<typeof functions> {
  if (functions === undefined) throw new Error('the C library is not there')
  return functions
}

const codes = new Map(Object.entries(constants.errno).map(([code, number]) => [number, code]))

function fail(call: string): never {
  const number = getInt32(libc().__errno_location(), 0)
  const code = codes.get(number) ?? `errno ${number}`
  throw Object.assign(new Error(`${code}: ${call} failed`), { code, syscall: call })
}

const terminated = (bytes: Uint8Array) => Buffer.concat([bytes, Buffer.alloc(1)])

/** The most bytes that Linux lets the names, or one value, have. */
const scratch = Buffer.alloc(65_536)

/** Names of the extended attributes of a node, in any order. */
export function listXattrs(path: Uint8Array): Buffer[] {
  const length = Number(libc().llistxattr(terminated(path), scratch, BigInt(scratch.length)))
  if (length < 0) fail('llistxattr')
  const names: Buffer[] = []
  for (let from = 0; from < length;) {
    const end = scratch.indexOf(0, from)
    names.push(Buffer.from(scratch.subarray(from, end)))
    from = end + 1
  }
  return names
}

/** Value of an extended attribute. */
export function getXattr(path: Uint8Array, name: Uint8Array): Buffer {
  const length = Number(libc().lgetxattr(terminated(path), terminated(name), scratch, BigInt(scratch.length)))
  if (length < 0) fail('lgetxattr')
  return Buffer.from(scratch.subarray(0, length))
}

export function setXattr(path: Uint8Array, name: Uint8Array, value: Uint8Array): void {
  // A pointer is wanted also where there is nothing to read.
  const bytes = value.length === 0 ? Buffer.alloc(1) : Buffer.from(value)
  if (libc().lsetxattr(terminated(path), terminated(name), bytes, BigInt(value.length), 0) < 0)
    fail('lsetxattr')
}

/** Sets access and modification time, nanoseconds since 1970, of the node itself: a symlink is not followed. */
export function setTime(path: Uint8Array, timeNs: bigint): void {
  const times = Buffer.alloc(32)
  const nanos = ((timeNs % NANOS) + NANOS) % NANOS
  for (const at of [0, 16]) {
    times.writeBigInt64LE((timeNs - nanos) / NANOS, at)
    times.writeBigInt64LE(nanos, at + 8)
  }
  if (libc().utimensat(AT_FDCWD, terminated(path), times, AT_SYMLINK_NOFOLLOW) < 0) fail('utimensat')
}

/** Lets two nodes of one file system change places at once. */
export function exchange(one: string, other: string): void {
  const names = [terminated(Buffer.from(one)), terminated(Buffer.from(other))] as const
  if (libc().renameat2(AT_FDCWD, names[0], AT_FDCWD, names[1], RENAME_EXCHANGE) < 0) fail('renameat2')
}

/** Makes everything on the file system of an open file durable. Takes long: not for the main thread. */
export function syncFileSystem(fd: number): void {
  if (libc().syncfs(fd) < 0) fail('syncfs')
}
