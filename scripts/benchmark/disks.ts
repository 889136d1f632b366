import { createHash } from 'node:crypto'
import { copyFile, mkdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { Processes } from './processes.ts'
import { packages, pathOf } from './tools.ts'

/** A disk, and the same disk after an upgrade inside it. */
export interface Disks {
  v1: string
  v2: string
}

/** A file of this machine. */
interface Found {
  path: string
  bytes: number
}

/** Shares of the bytes of the files of the disk that the upgrade touches: about what an upgrade of a Debian server does. */
const shares = { replaced: 0.18, moved: 0.04, added: 0.1 }
/** A replaced file differs by 32 bytes every so many. */
const changeEvery = 8_192

/**
 * Makes an ext4 disk, sparse, with files of this machine, and a second one that was changed in place as an upgrade does it: files
 * replaced by a little different ones, files written again elsewhere, new files. Which files and which changes depends on the
 * paths alone. Needs no root.
 */
export async function makeDisks(
  directory: string,
  processes: Processes,
  sizes: { disk: number; diskFiles: number },
): Promise<Disks> {
  const [mke2fs, debugfs] = [pathOf('mke2fs'), pathOf('debugfs')]
  if (mke2fs === undefined || debugfs === undefined) {
    throw new Error(`mke2fs or debugfs is missing (Debian package ${packages.mke2fs}); or give --data DIR`)
  }
  const tree = join(directory, 'tree')
  const v1 = join(directory, 'v1.raw')
  const v2 = join(directory, 'v2.raw')
  const { kept, added } = await choose(processes, sizes.diskFiles)
  for (const { path } of kept) {
    await mkdir(join(tree, dirname(path)), { recursive: true })
    await copyFile(path, join(tree, path))
  }
  await writeFile(v1, '')
  await truncate(v1, sizes.disk)
  await processes.run(mke2fs, ['-q', '-F', '-t', 'ext4', '-d', tree, v1])
  await processes.run('cp', ['--sparse=always', '--reflink=never', v1, v2])
  await upgrade({ kept, added }, tree, async (script) => {
    const path = join(directory, 'upgrade')
    await writeFile(path, script)
    await processes.run(debugfs, ['-w', '-f', path, v2])
    await rm(path)
  })
  await processes.run(join(dirname(mke2fs), 'e2fsck'), ['-fn', v2])
  await rm(tree, { recursive: true })
  return { v1, v2 }
}

/** Files for the disk, and others that the upgrade adds: in an order that looks random and is always the same. */
async function choose(processes: Processes, bytes: number): Promise<{ kept: Found[]; added: Found[] }> {
  const { stdout } = await processes.run('sh', [
    '-c',
    "find /usr/lib /usr/bin /usr/share -xdev -type f -readable -size +1k -size -65536k -printf '%s %p\\n' 2>/dev/null || true",
  ])
  const rank = (path: string) => createHash('sha256').update(path).digest('hex')
  const found = stdout
    .split('\n')
    .map((line) => /^(\d+) ([\w/.+-]+)$/.exec(line)) // names that debugfs takes without quotes
    .flatMap((match) => (match === null ? [] : [{ path: match[2] ?? '', bytes: Number(match[1]) }]))
    .filter((file) => file.bytes <= bytes / 100) // no single one makes the disk or the upgrade
    .map((file) => ({ ...file, rank: rank(file.path) }))
    .toSorted((one, other) => (one.rank < other.rank ? -1 : 1))
  const total = found.reduce((sum, file) => sum + file.bytes, 0)
  const budget = Math.min(bytes, total / (1 + shares.added))
  const kept = upTo(found, budget)
  return { kept, added: upTo(found.slice(kept.length), budget * shares.added) }
}

/** The first files that have so many bytes together. */
function upTo(files: readonly Found[], bytes: number): Found[] {
  let sum = 0
  return files.filter((file) => (sum += file.bytes) <= bytes)
}

/** Changes the second disk through commands of debugfs. */
async function upgrade(
  { kept, added }: { kept: Found[]; added: Found[] },
  tree: string,
  run: (script: string) => Promise<void>,
): Promise<void> {
  const bytes = kept.reduce((sum, file) => sum + file.bytes, 0)
  const replaced = upTo(kept, bytes * shares.replaced)
  const moved = upTo(kept.slice(replaced.length), bytes * shares.moved)
  const lines: string[] = []
  for (const { path } of replaced) {
    await changeFile(join(tree, path))
    lines.push(`cd ${dirname(path)}`, `rm ${basename(path)}`)
  }
  for (const { path } of moved) lines.push(`cd ${dirname(path)}`, `rm ${basename(path)}`)
  for (const { path } of replaced)
    lines.push(`cd ${dirname(path)}`, `write ${join(tree, path)} ${basename(path)}`)
  for (const { path } of moved)
    lines.push(`cd ${dirname(path)}`, `write ${join(tree, path)} ${basename(path)}.moved`)
  lines.push('cd /', 'mkdir added', 'cd /added')
  for (const [index, { path }] of added.entries()) lines.push(`write ${path} ${index}-${basename(path)}`)
  await run(`${lines.join('\n')}\n`)
}

/** What a new version of a file looks like: some bytes more at one third of it, and 32 others every {@link changeEvery}. */
async function changeFile(path: string): Promise<void> {
  const bytes = await readFile(path)
  const { mode } = await stat(path)
  for (let at = 4_096; at < bytes.length; at += changeEvery) {
    createHash('sha256').update(`${path} ${at}`).digest().copy(bytes, at)
  }
  const third = Math.floor(bytes.length / 3)
  await rm(path)
  await writeFile(
    path,
    Buffer.concat([bytes.subarray(0, third), Buffer.from('one line more in it\n'), bytes.subarray(third)]),
    { mode },
  )
}
