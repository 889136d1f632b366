import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
  type BigIntStats,
} from 'node:fs'
import { join } from 'node:path'
import { getXattr, hasLibc, listXattrs, setTime, setXattr } from '../../src/store/libc.ts'
import { randomBytes, writeSparseFile } from './files.ts'

const bytes = (text: string) => Buffer.from(text, 'latin1')
const under = (root: string, path: string) => Buffer.concat([Buffer.from(root), bytes(`/${path}`)])

/** Whether the file system of a directory takes extended attributes of users; asked by setting one. */
export function takesXattrs(directory: string): boolean {
  if (!hasLibc) return false
  try {
    setXattr(Buffer.from(directory), bytes('user.probe'), bytes('1'))
    return true
  } catch {
    return false
  }
}

/**
 * Makes a tree with everything that a tree may have: modes, times to the nanosecond, all kinds of symlinks, hard links, empty
 * directories and files, a sparse file, files of one leaf, of some and of more than a segment, names that are no UTF-8.
 */
export async function makeTree(root: string): Promise<void> {
  const place = (path: string) => under(root, path)
  mkdirSync(root)
  for (const directory of ['bin', 'empty', 'a', 'a/b', 'a.b', 'closed', 'tmp']) mkdirSync(place(directory))
  const files: [string, number][] = [
    ['bin/tool', 70_000],
    ['bin/empty', 0],
    ['a/b/one leaf', 65_536],
    ['a/b/two', 65_537],
    ['a.b/x', 1],
    ['big', 5_000_000],
    ['closed/secret', 100],
    ['name \xff\xfe \n bytes', 10],
    ['\xc3\xa4', 20],
  ]
  for (const [path, length] of files) writeFileSync(place(path), randomBytes(length, path))
  await writeSparseFile(join(root, 'sparse'), 9_000_000, [{ at: 4_300_000, length: 100, seed: 'sparse' }])
  const links: [string, string][] = [
    ['bin/dangling', 'nowhere'],
    ['bin/absolute', '/etc/passwd'],
    ['a/up', '../../../..'],
    ['a/to-b', 'b'],
    ['link \xff', 'target \xfe'],
  ]
  for (const [path, target] of links) symlinkSync(bytes(target), place(path))
  linkSync(place('bin/tool'), place('a/b/tool again'))
  linkSync(place('bin/tool'), place('a tool'))
  if (takesXattrs(root)) {
    setXattr(place('bin/tool'), bytes('user.origin'), bytes('some\0thing'))
    setXattr(place('bin/tool'), bytes('user.empty'), Buffer.alloc(0))
    setXattr(place('a'), bytes('user.on.directory'), randomBytes(1000, 'xattr'))
  }
  const modes: [string, number][] = [
    ['bin/tool', 0o751],
    ['a.b/x', 0o000],
    ['closed/secret', 0o400],
    ['closed', 0o511],
    ['tmp', 0o1777],
    ['a/b', 0o700],
    ['', 0o755],
  ]
  for (const [path, mode] of modes) chmodSync(place(path), mode)
  let time = 1_234_567_890_123_456_789n
  for (const path of pathsOf(root).reverse()) setTime(under(root, path), (time -= 10_000_000_000_001n))
  setTime(place('a/b/two'), -1_500_000_000n) // before 1970
}

/** One node, as far as a tree keeps it. */
interface Seen {
  kind: string
  mode: string
  mtimeNs: string
  size?: string
  sha256?: string
  target?: string
  /** First path of the same inode. */
  sameAs?: string
  xattrs: Record<string, string>
}

/** Paths of a tree, a directory before what is in it; the root is empty. Each byte is one character. */
export function pathsOf(root: string, path = ''): string[] {
  const place = path === '' ? Buffer.from(root) : under(root, path)
  if (!lstatSync(place).isDirectory()) return [path]
  const names = readdirSync(place, { encoding: 'buffer' }).map((name) => name.toString('latin1'))
  return [path, ...names.sort().flatMap((name) => pathsOf(root, path === '' ? name : `${path}/${name}`))]
}

/** Everything that a tree keeps of what lies in a directory, by path: read here apart from the code of the store. */
export function describeTree(root: string, options: { times?: boolean } = {}): Record<string, Seen> {
  const seen: Record<string, Seen> = {}
  const inodes = new Map<bigint, string>()
  for (const path of pathsOf(root)) {
    const place = path === '' ? Buffer.from(root) : under(root, path)
    const stat = lstatSync(place, { bigint: true })
    seen[path === '' ? '.' : path] = describeNode(place, stat, { path, inodes, times: options.times ?? true })
  }
  return seen
}

function describeNode(
  place: Buffer,
  stat: BigIntStats,
  { path, inodes, times }: { path: string; inodes: Map<bigint, string>; times: boolean },
): Seen {
  const names = hasLibc ? listXattrs(place).map((name) => name.toString('latin1')) : []
  const node: Seen = {
    kind: stat.isDirectory() ? 'directory' : stat.isSymbolicLink() ? 'symlink' : 'file',
    mode: (Number(stat.mode) & 0o7777).toString(8),
    mtimeNs: times ? String(stat.mtimeNs) : '',
    xattrs: Object.fromEntries(
      names
        .filter((name) => name !== 'user.probe')
        .sort()
        .map((name) => [name, getXattr(place, bytes(name)).toString('hex')]),
    ),
  }
  if (stat.isSymbolicLink()) node.target = readlinkSync(place, 'buffer').toString('latin1')
  if (!stat.isFile()) return node
  node.size = String(stat.size)
  const first = inodes.get(stat.ino)
  if (first === undefined) inodes.set(stat.ino, path)
  else node.sameAs = first
  node.sha256 = createHash('sha256').update(readFileSync(place)).digest('hex')
  return node
}

/** Makes a tree of many small files in some directories; `changes` replace the content of files by their number. */
export function makeSmallFiles(root: string, count: number, changes: Record<number, string> = {}): void {
  mkdirSync(root)
  for (let i = 0; i < count; i++) {
    const directory = join(root, `d${String(i % 40).padStart(2, '0')}`)
    if (!existsSync(directory)) mkdirSync(directory)
    writeFileSync(
      join(directory, `file-${i}`),
      changes[i] ?? randomBytes(200 + ((i * 37) % 6000), `small ${i}`),
    )
  }
}

/** Makes a node that no tree carries. */
export function makeFifo(path: string): void {
  execFileSync('mkfifo', [path])
}
