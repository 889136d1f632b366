import { IngotError } from '../core/errors.ts'
import type { Limits } from '../core/limits.ts'
import { DIGEST_BYTES } from '../image/digest.ts'
import {
  isKeptXattr,
  isPrivilegedXattr,
  type Attributes,
  type DecodePage,
  type TreeEntry,
  type Xattr,
} from '../image/tree.ts'
import { bytesOf, decodeMessage, encodeMessage, whole } from './decode.ts'
import { ingot } from './generated/messages.js'

const { TREE_KIND_DIRECTORY, TREE_KIND_FILE, TREE_KIND_SYMLINK, TREE_KIND_HARDLINK } = ingot.TreeKind
const NANOS = 1_000_000_000n
/** Most seconds before or after 1970 of a modification time: 34 000 years. */
const MOST_SECONDS = 2 ** 40

/** One entry as it stands in a page: the encoded entries of a page, one after the other, are the page. */
export function encodeTreeEntry(entry: TreeEntry): Uint8Array {
  return encodeMessage(ingot.TreePage, { entries: [toMessage(entry)] })
}

function toMessage(entry: TreeEntry): ingot.TreeEntry.$Properties {
  const { path } = entry
  switch (entry.kind) {
    case 'directory':
      return { path, kind: TREE_KIND_DIRECTORY, ...attributeFields(entry.attributes) }
    case 'file':
      return {
        path,
        kind: TREE_KIND_FILE,
        ...attributeFields(entry.attributes),
        size: entry.size,
        digest: entry.digest,
      }
    case 'symlink':
      return { path, kind: TREE_KIND_SYMLINK, ...attributeFields(entry.attributes), target: entry.target }
    case 'hardlink':
      return { path, kind: TREE_KIND_HARDLINK, file: entry.file }
  }
}

function attributeFields({ mode, mtimeNs, owner, xattrs }: Attributes): ingot.TreeEntry.$Properties {
  const nanos = ((mtimeNs % NANOS) + NANOS) % NANOS
  return {
    mode,
    mtimeSeconds: Number((mtimeNs - nanos) / NANOS),
    mtimeNanos: Number(nanos),
    ...(owner === undefined ? {} : { owner }),
    xattrs,
  }
}

/** Limit, decode, check the fields of each entry of a page. */
export function treePageDecoder(limits: Limits): DecodePage {
  return (bytes) => {
    const { entries } = decodeMessage(ingot.TreePage, bytes, limits.treePageBytes)
    if (entries == null || entries.length === 0) throw new IngotError('invalid', 'a page without entries')
    return entries.map((entry) => toEntry(entry, limits))
  }
}

function invalid(what: string): never {
  throw new IngotError('invalid', `an entry of a tree: ${what}`)
}

function toEntry(message: ingot.TreeEntry.$Properties, limits: Limits): TreeEntry {
  const path = bufferOf(message.path)
  switch (message.kind) {
    case TREE_KIND_DIRECTORY:
      return { kind: 'directory', path, attributes: attributesOf(message, limits) }
    case TREE_KIND_FILE:
      return {
        kind: 'file',
        path,
        attributes: attributesOf(message, limits),
        size: whole(message.size, 'size'),
        digest: bufferOf(bytesOf(message.digest, DIGEST_BYTES, 'digest')),
      }
    case TREE_KIND_SYMLINK: {
      const target = bufferOf(message.target)
      if (target.length === 0 || target.length > limits.pathBytes || target.includes(0))
        invalid('a target of a symlink that no file system takes')
      const attributes = attributesOf(message, limits)
      if (attributes.mode !== 0) invalid('a symlink with a mode')
      if (attributes.xattrs.some((xattr) => !isPrivilegedXattr(xattr)))
        invalid('a symlink with an attribute of a user')
      return { kind: 'symlink', path, attributes, target }
    }
    case TREE_KIND_HARDLINK:
      return { kind: 'hardlink', path, file: whole(message.file, 'file') }
    default:
      return invalid('a kind that is not known')
  }
}

function attributesOf(message: ingot.TreeEntry.$Properties, limits: Limits): Attributes {
  const mode = whole(message.mode, 'mode')
  if (mode > 0o7777) invalid('a mode with more than permission bits')
  const seconds = message.mtimeSeconds ?? 0
  if (!Number.isInteger(seconds) || Math.abs(seconds) > MOST_SECONDS) invalid('a time that is not valid')
  const nanos = whole(message.mtimeNanos, 'mtime_nanos')
  if (nanos > 999_999_999) invalid('a time that is not valid')
  const owner = message.owner == null ? undefined : ownerOf(message.owner)
  return { mode, mtimeNs: BigInt(seconds) * NANOS + BigInt(nanos), owner, xattrs: xattrsOf(message, limits) }
}

function ownerOf({ uid, gid }: ingot.TreeOwner.$Properties): { uid: number; gid: number } {
  const owner = { uid: whole(uid, 'uid'), gid: whole(gid, 'gid') }
  // The highest number means "leave it" to the system.
  if (owner.uid >= 0xffffffff || owner.gid >= 0xffffffff) invalid('an owner that is none')
  return owner
}

function xattrsOf(message: ingot.TreeEntry.$Properties, limits: Limits): Xattr[] {
  const xattrs = (message.xattrs ?? []).map((xattr) => ({
    name: bufferOf(xattr.name),
    value: bufferOf(xattr.value),
  }))
  let bytes = 0
  for (const [i, { name, value }] of xattrs.entries()) {
    bytes += name.length + value.length
    if (name.length > limits.xattrNameBytes || bytes > limits.xattrBytes)
      invalid('attributes that are too large')
    if (name.includes(0) || !isKeptXattr(name.toString('latin1')))
      invalid('an attribute that no tree carries')
    if (i > 0 && (xattrs[i - 1] as Xattr).name.compare(name) >= 0) invalid('attributes that are not in order')
  }
  return xattrs
}

function bufferOf(bytes: Uint8Array | null | undefined): Buffer {
  return bytes == null ? Buffer.alloc(0) : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
}
