import type { DiskFault, DiskOperation } from '../faults/disk-faults.ts'

/** Where a server is killed, besides at any time: operations of its disk. */

interface Point {
  name: string
  on: DiskOperation
  /** What the path contains. */
  path?: string
  /** Such operations pass first, at most. */
  most: number
}

const points: readonly Point[] = [
  { name: 'a rename into content/', on: 'rename', path: '/content/', most: 3 },
  { name: 'the link of an image', on: 'link', path: '/.', most: 6 },
  { name: 'the rename of a link', on: 'rename', path: '/.', most: 6 },
  { name: 'a rename of a patch', on: 'rename', path: '/patches/', most: 3 },
  { name: 'a COMMIT', on: 'commit', most: 60 },
  { name: 'a sync of staged bytes', on: 'sync', path: '/staging/', most: 20 },
  { name: 'a sync of a directory', on: 'sync', most: 40 },
  { name: 'a write of the bitmap', on: 'write', path: '/progress', most: 5 },
  { name: 'a write of an index', on: 'write', path: '/index', most: 10 },
  { name: 'a write of staged bytes', on: 'write', path: '/image', most: 30 },
  { name: 'a write of a patch', on: 'write', path: '/patches/', most: 10 },
  { name: 'the end of a bitmap', on: 'unlink', path: '/progress', most: 2 },
  { name: 'a removal', on: 'unlink', most: 8 },
  { name: 'a directory that is made', on: 'mkdir', path: '/staging/', most: 6 },
  { name: 'a file that is made', on: 'open', path: '/staging/', most: 20 },
]

/** A kill at an operation, and what it is called. */
export interface ArmedPoint {
  name: string
  fault: DiskFault
}

/** A point under `home`. */
export function choosePoint(home: string, random: () => number): ArmedPoint {
  const { name, on, path, most } = points[Math.floor(random() * points.length)] as Point
  const when = (['before', 'during', 'after'] as const)[Math.floor(random() * 3)] as
    | 'before'
    | 'during'
    | 'after'
  // Most kills come early: what comes late is often not reached.
  const after = Math.floor(random() ** 2 * (most + 1))
  return {
    name: `${when} ${name}`,
    fault: { kind: 'kill', under: home, on, when, after, times: 1, ...(path === undefined ? {} : { path }) },
  }
}

/** A kill at one of the first commits of a new database: its migrations, and what a first start records. */
export function migrationPoint(home: string, random: () => number): ArmedPoint {
  const when = random() < 0.5 ? 'before' : 'after'
  const after = Math.floor(random() * 12)
  return {
    name: `${when} a migration`,
    fault: { kind: 'kill', under: home, on: 'commit', when, after, times: 1 },
  }
}
