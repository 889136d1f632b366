import type { Stats } from 'node:fs'
import { readdir, realpath, stat } from 'node:fs/promises'
import { basename, dirname, join, relative, resolve, sep } from 'node:path'
import { lstatIf, orAbsent } from './absent.ts'
import { IngotError } from './errors.ts'
import { homePaths } from './home-paths.ts'

/** What lets others replace what this server trusts, or has it write elsewhere: what it is, and what to do. */
export interface HomeFault {
  message: string
  hint: string
}

/** Directories that ingot makes under the images directory. */
const IMAGES_OWN = ['content', 'staging', 'patches', 'own']

/** Throws the first of these faults as `conflict`. */
export function requireSound(faults: readonly HomeFault[]): void {
  const [first] = faults
  if (first !== undefined) throw new IngotError('conflict', first.message, { hint: first.hint })
}

/**
 * The home itself, which may be a link of ours: whoever can write to it, or put another directory in its place, can give this
 * server another key. A home that is not there yet has no faults but those of the directories above it.
 */
export async function faultsOfHome(home: string): Promise<HomeFault[]> {
  const faults: HomeFault[] = []
  const named = await lstatIf(home)
  if (named?.isSymbolicLink() === true) faults.push(...faultsOfOwner(home, named, 'or root'))
  const real = named === undefined ? undefined : await realpathIf(home)
  if (named !== undefined && real === undefined)
    faults.push({
      message: `${home} is a link that leads nowhere`,
      hint: 'remove it, or mount what it names',
    })
  const places = new Set([...above(await nearest(home)), ...above(real ?? home)])
  for (const place of places) {
    const found = await statIf(place)
    if (found === undefined || (found.mode & 0o1002) !== 0o0002) continue
    faults.push({
      message: `${place} can be written by all (mode ${modeOf(found)}): anybody can put another directory in the place of ${home}`,
      hint: `chmod o-w ${place}, or choose another --home`,
    })
  }
  if (real === undefined) return faults
  const found = await stat(real)
  if (!found.isDirectory()) return [...faults, notOfKind(home, 'directory')]
  return [...faults, ...faultsOfOwner(home, found, 'or root'), ...faultsOfWriters(home, found)]
}

/** What lies in the home: nothing of it may be a link, of another kind, or another user's. */
export async function faultsOfContents(home: string): Promise<HomeFault[]> {
  const paths = homePaths(home)
  const directories = [paths.state, paths.run, paths.preseed, paths.preseedIndexes]
  const files = [
    paths.key,
    paths.database,
    ...['-wal', '-shm'].map((end) => `${paths.database}${end}`),
    paths.lock,
    paths.holder,
  ]
  const faults: HomeFault[] = []
  for (const path of directories) faults.push(...(await faultsOf(path, 'directory')))
  for (const path of files) faults.push(...(await faultsOf(path, 'regular file')))
  const socket = await lstatIf(paths.socket)
  if (socket?.isDirectory() === true) faults.push(notOfKind(paths.socket, 'socket'))
  // What is empty is put right by the daemon. What holds a key may hold another one by now.
  const state = await lstatIf(paths.state)
  const used = (await lstatIf(paths.key)) !== undefined || (await lstatIf(paths.database)) !== undefined
  if (state !== undefined && used) faults.push(...faultsOfWriters(paths.state, state))
  return faults
}

/**
 * The images directory, which may be a link: it has to be one of ingot's own, apart from what is private in the home, and what
 * ingot writes to in it may not lead elsewhere.
 */
export async function faultsOfImages(home: string, images: string): Promise<HomeFault[]> {
  const paths = homePaths(home)
  const real = (await realpathIf(images)) ?? resolve(images)
  const realHome = (await realpathIf(home)) ?? resolve(home)
  const within = [paths.state, paths.run, paths.preseed].find((each) =>
    isWithin(real, join(realHome, relative(home, each))),
  )
  if (isWithin(realHome, real) || within !== undefined)
    return [
      {
        message: `the images directory ${images} is no place for images: the home is ${home}`,
        hint: 'name a directory of its own with --images DIR',
      },
    ]
  const found = await statIf(real)
  if (found === undefined) return []
  if (!found.isDirectory()) return [notOfKind(images, 'directory')]
  const faults: HomeFault[] = []
  const names = (await readdir(real)).filter((name) => !name.startsWith('.') && name !== 'lost+found')
  if (names.length > 0 && !names.some((name) => IMAGES_OWN.includes(name)))
    faults.push({
      message: `the images directory ${images} is not empty, and was not made by ingot: it has ${names[0]}`,
      hint: 'name an empty directory, or one that does not exist yet, with --images DIR',
    })
  for (const name of IMAGES_OWN) faults.push(...(await faultsOfKind(join(real, name), 'directory')))
  return faults
}

async function faultsOf(path: string, kind: 'directory' | 'regular file'): Promise<HomeFault[]> {
  const faults = await faultsOfKind(path, kind)
  const found = await lstatIf(path)
  return found === undefined || faults.length > 0 ? faults : faultsOfOwner(path, found)
}

/** A path where ingot expects a directory or regular file has to be one, and no link. */
export async function faultsOfKind(path: string, kind: 'directory' | 'regular file'): Promise<HomeFault[]> {
  const found = await lstatIf(path)
  if (found === undefined) return []
  if (kind === 'directory' ? found.isDirectory() : found.isFile()) return []
  if (!found.isSymbolicLink()) return [notOfKind(path, kind)]
  return [
    {
      message: `${path} is a symbolic link: ingot follows none there`,
      hint: `put the ${basename(path)} itself there; a directory elsewhere can be mounted`,
    },
  ]
}

function faultsOfOwner(path: string, { uid }: Stats, orRoot?: 'or root'): HomeFault[] {
  const self = process.geteuid?.() ?? uid
  if (uid === self || (orRoot !== undefined && uid === 0)) return []
  return [
    {
      message: `${path} belongs to uid ${uid}; this process runs as uid ${self}`,
      hint: 'run the daemon as the user whose home that is, or change the owner with chown',
    },
  ]
}

function faultsOfWriters(path: string, found: Stats): HomeFault[] {
  if ((found.mode & 0o022) === 0) return []
  return [
    {
      message: `${path} can be written by others (mode ${modeOf(found)}): they could replace the key and the database`,
      hint: `chmod go-w ${path}; if others may have used that, compare "ingot query server" with the fingerprint that the peers know`,
    },
  ]
}

function notOfKind(path: string, kind: string): HomeFault {
  return { message: `${path} is not a ${kind}`, hint: 'move it away: that place is for ingot' }
}

/** Permission bits as `chmod` takes them. */
export function modeOf({ mode }: Stats): string {
  return (mode & 0o7777).toString(8)
}

/** True for `path` itself and what lies below `directory`. */
export function isWithin(path: string, directory: string): boolean {
  return path === directory || path.startsWith(directory.endsWith(sep) ? directory : `${directory}${sep}`)
}

/** All directories above a path. */
function above(path: string): string[] {
  const parent = dirname(path)
  return parent === path ? [] : [parent, ...above(parent)]
}

/** `path` with the links in what lies above it resolved, as far as that exists. */
async function nearest(path: string): Promise<string> {
  const parent = dirname(path)
  if (parent === path) return path
  return join((await realpathIf(parent)) ?? (await nearest(parent)), basename(path))
}

async function statIf(path: string): Promise<Stats | undefined> {
  return await orAbsent(async () => await stat(path))
}

async function realpathIf(path: string): Promise<string | undefined> {
  return await orAbsent(async () => await realpath(path))
}
