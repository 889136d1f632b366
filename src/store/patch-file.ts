import { hash } from 'node:crypto'
import { closeSync, fstatSync, fsyncSync, openSync, read, writeSync } from 'node:fs'
import { promisify } from 'node:util'
import { crc32 } from 'node:zlib'
import { IngotError, systemCode } from '../core/errors.ts'
import { DIGEST_BYTES, fromDigest, type Digest } from '../image/digest.ts'
import { readFully } from './block-match.ts'
import { PART_BYTES } from './patch-part.ts'

const MAGIC = Buffer.from('ingot patch 1\n')
/** Magic, content, base, number of groups; the SHA-256 of these and of the table ends it. */
const HEADER_BYTES = 128
const CONTENT_AT = 16
const BASE_AT = CONTENT_AT + DIGEST_BYTES
const GROUPS_AT = BASE_AT + DIGEST_BYTES
const CHECK_AT = HEADER_BYTES - DIGEST_BYTES
/** Of each group: bytes of its part, and their CRC-32. */
const ROW_BYTES = 8

/** What a patch makes, of what: a base, or nothing. */
export interface PatchName {
  content: Digest
  base: Digest | undefined
}

function headerOf({ content, base }: PatchName, groups: number, table: Uint8Array): Buffer {
  const header = Buffer.alloc(HEADER_BYTES)
  MAGIC.copy(header)
  fromDigest(content).copy(header, CONTENT_AT)
  if (base !== undefined) fromDigest(base).copy(header, BASE_AT)
  header.writeBigUInt64BE(BigInt(groups), GROUPS_AT)
  checkOf(header, table).copy(header, CHECK_AT)
  return header
}

function checkOf(header: Buffer, table: Uint8Array): Buffer {
  return hash('sha256', Buffer.concat([header.subarray(0, CHECK_AT), table]), 'buffer')
}

/** Writes a patch part by part, in order. Synchronous, for a worker thread. */
export class PatchWriter {
  readonly #name: PatchName
  readonly #groups: number
  readonly #fd: number
  readonly #table: Buffer
  #group = 0
  #end: number

  /** Begins the file at `path`; throws `EEXIST` when there is one. */
  constructor(path: string, name: PatchName, groups: number) {
    this.#name = name
    this.#groups = groups
    this.#table = Buffer.alloc(groups * ROW_BYTES)
    this.#end = HEADER_BYTES + this.#table.length
    this.#fd = openSync(path, 'wx', 0o600)
  }

  /** Bytes that the file has by now. */
  get bytes(): number {
    return this.#end
  }

  /** Adds the part of the next group. */
  add(part: Uint8Array): void {
    this.#table.writeUInt32BE(part.length, this.#group * ROW_BYTES)
    this.#table.writeUInt32BE(crc32(part), this.#group * ROW_BYTES + 4)
    this.#write(part, this.#end)
    this.#end += part.length
    this.#group++
  }

  /** Makes the patch whole and durable under its name. */
  finish(): void {
    if (this.#group !== this.#groups) throw new RangeError('a patch with fewer parts than groups')
    this.#write(this.#table, HEADER_BYTES)
    this.#write(headerOf(this.#name, this.#groups, this.#table), 0)
    fsyncSync(this.#fd)
  }

  close(): void {
    closeSync(this.#fd)
  }

  #write(bytes: Uint8Array, position: number): void {
    for (let done = 0; done < bytes.length;)
      done += writeSync(this.#fd, bytes, done, bytes.length - done, position + done)
  }
}

/** A patch on disk, open to be read. Holds 16 bytes for each group. */
export class PatchFile {
  readonly groups: number
  readonly bytes: number
  readonly #fd: number
  readonly #table: Buffer
  /** Where each part begins; one more for the end. */
  readonly #offsets: Float64Array

  private constructor(fd: number, table: Buffer) {
    this.#fd = fd
    this.#table = table
    this.groups = table.length / ROW_BYTES
    this.#offsets = new Float64Array(this.groups + 1)
    let end = HEADER_BYTES + table.length
    for (let group = 0; group < this.groups; group++) {
      this.#offsets[group] = end
      end += this.partBytes(group)
    }
    this.#offsets[this.groups] = end
    this.bytes = end
  }

  /** Opens a patch; undefined when there is none. Throws `wrong-content` for what is not that patch as it was written. */
  static open(path: string, name: PatchName): PatchFile | undefined {
    let fd: number
    try {
      fd = openSync(path, 'r')
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return undefined
      throw error
    }
    try {
      const { size } = fstatSync(fd)
      const header = readFully(fd, Buffer.alloc(HEADER_BYTES), 0)
      const groups = Number(header.readBigUInt64BE(GROUPS_AT))
      if (groups * ROW_BYTES > size - HEADER_BYTES) throw damaged(path)
      const table = readFully(fd, Buffer.alloc(groups * ROW_BYTES), HEADER_BYTES)
      if (!header.equals(headerOf(name, groups, table))) throw damaged(path)
      const patch = new PatchFile(fd, table)
      if (patch.bytes !== size) throw damaged(path)
      for (let group = 0; group < patch.groups; group++)
        if (patch.partBytes(group) > PART_BYTES) throw damaged(path)
      return patch
    } catch (error) {
      closeSync(fd)
      throw error instanceof RangeError ? damaged(path) : error
    }
  }

  /** Bytes of the part of a group; 0 when all of the group is zero. */
  partBytes(group: number): number {
    return this.#table.readUInt32BE(group * ROW_BYTES)
  }

  /** Bytes of the parts of some groups. */
  runBytes(first: number, count: number): number {
    return (this.#offsets[first + count] as number) - (this.#offsets[first] as number)
  }

  /** Lengths of the parts of some groups as they travel: 32-bit big-endian each. */
  lengths(first: number, count: number): Buffer {
    const lengths = Buffer.allocUnsafe(count * 4)
    for (let i = 0; i < count; i++) lengths.writeUInt32BE(this.partBytes(first + i), i * 4)
    return lengths
  }

  /** Parts of some groups, one after the other. Throws `wrong-content` when they are not as they were written. */
  async read(first: number, count: number): Promise<Buffer> {
    const bytes = Buffer.allocUnsafeSlow(this.runBytes(first, count))
    await readFrom(this.#fd, bytes, this.#offsets[first] as number)
    for (let group = first, at = 0; group < first + count; group++) {
      const part = bytes.subarray(at, at + this.partBytes(group))
      if (crc32(part) !== this.#table.readUInt32BE(group * ROW_BYTES + 4)) throw damaged('a patch')
      at += part.length
    }
    return bytes
  }

  close(): void {
    closeSync(this.#fd)
  }
}

const readSome = promisify(read)

async function readFrom(fd: number, target: Buffer, position: number): Promise<void> {
  for (let done = 0; done < target.length;) {
    const { bytesRead } = await readSome(fd, target, done, target.length - done, position + done)
    if (bytesRead === 0) throw damaged('a patch')
    done += bytesRead
  }
}

function damaged(path: string): IngotError {
  return new IngotError('wrong-content', `${path} is not the patch that was written`)
}
