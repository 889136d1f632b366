import { spawnSync } from 'node:child_process'
import { chmodSync, closeSync, existsSync, lstatSync, openSync, readSync, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { isIngotError } from '../../../src/core/errors.ts'
import { homePaths } from '../../../src/core/home-paths.ts'
import { pick } from '../random.ts'
import { ownImages, peerImages, refOf } from './choices.ts'
import { take, type FaultMaker } from './fault.ts'
import type { SimImage } from './sim-network.ts'
import type { SimServer } from './sim-server.ts'
import { Violation } from './violation.ts'

/** While what is on its way rots, it comes so fast, bytes per second; and rots so often at most. */
const STAGING_RATE = 1024 * 1024
const STAGING_STRIKES = 6

const never = new AbortController().signal

/** Turns some bytes of a file into others where they lie, whatever its mode. */
export function rot(path: string, number: number): void {
  const { size, mode } = lstatSync(path)
  const bytes = Buffer.alloc(Math.min(size, 1 + (number % 3000)))
  const at = (number * 7919) % (size - bytes.length + 1)
  chmodSync(path, mode | 0o600)
  const file = openSync(path, 'r+')
  readSync(file, bytes, 0, bytes.length, at)
  writeSync(
    file,
    bytes.map((byte) => byte ^ 0xff),
    0,
    bytes.length,
    at,
  )
  closeSync(file)
  chmodSync(path, mode)
}

/** Puts the bytes, the mode and the time of one file in the place of those of another. */
function putBack(from: string, to: string): void {
  const { mode } = lstatSync(to)
  chmodSync(to, mode | 0o600)
  const { status, stderr } = spawnSync('cp', ['-p', from, to])
  if (status !== 0) throw new Error(`cannot mend ${to}: ${stderr.toString()}`)
  chmodSync(to, mode)
}

/** The file of an image that rots: itself, or the first of a tree. */
const rottenPart = (kind: 'file' | 'tree') => (kind === 'file' ? '' : 'a')

async function pathOf(server: SimServer, image: SimImage): Promise<string | undefined> {
  const { images } = await server.client.images({})
  const isHere = (status: string) => status === 'enabled' || status === 'damaged'
  return images.find(({ name, status }) => name === image.name && isHere(status))?.path ?? undefined
}

async function verifies(server: SimServer, image: SimImage): Promise<boolean> {
  try {
    await server.client.verifyImage({ image: refOf(server, image) }, { signal: never, onProgress: () => {} })
    return true
  } catch (error) {
    if (isIngotError(error, 'wrong-content')) return false
    throw error
  }
}

/** Bytes of an image change on the disk of a server that has it: it finds them, nobody gets them, and an operator mends them. */
const stored: FaultMaker = (network, { a, b, c }) => {
  const server = take(network, a)
  if (server === undefined) return undefined
  const image = pick([...ownImages(network, server), ...peerImages(network, server)], b)
  let path: string | undefined
  return {
    what: `${image === undefined ? 'nothing' : refOf(server, image)} rots at ${server.name}`,
    begin: async () => {
      path = image && (await pathOf(server, image))
      if (path === undefined || image === undefined) return
      server.isTroubled = true
      network.rotten.add(dirname(path))
      rot(join(path, rottenPart(image.source.kind)), c)
      if (await verifies(server, image))
        throw new Violation(`${server.name} does not find that ${path} is damaged`)
    },
    end: async () => {
      server.isTaken = false
      server.isTroubled = false
      if (path === undefined || image === undefined) return
      if (existsSync(path)) {
        const part = rottenPart(image.source.kind)
        putBack(join(image.source.path, part), join(path, part))
        if ((await pathOf(server, image)) !== undefined && !(await verifies(server, image)))
          throw new Violation(`${path} was mended, and ${server.name} says that it is damaged`)
      }
      network.rotten.delete(dirname(path))
    },
  }
}

/** The files that are being fetched to a server at this moment. What was read and compared before it is enabled is no more among them. */
function fetching(server: SimServer): string[] {
  const db = new DatabaseSync(homePaths(server.home).database, { readOnly: true })
  try {
    const jobs = db.prepare("SELECT id FROM job WHERE state = 'FETCHING'").all()
    return jobs
      .map(({ id }) => join(server.images, 'staging', `job-${String(id)}`, 'image'))
      .filter((path) => existsSync(path) && lstatSync(path).isFile() && lstatSync(path).size > 0)
  } finally {
    db.close()
  }
}

/** Bytes of a file on its way change on the disk. */
const staging: FaultMaker = (network, { a, b, c }) => {
  const server = take(network, a)
  if (server === undefined) return undefined
  const lines = network.lines.filter((line) => line.touches(server))
  let isOver = false
  const strike = () => {
    if (isOver || !server.running) return
    for (const path of fetching(server)) {
      rot(path, c)
      network.story.push(`${path} rots`)
    }
  }
  return {
    what: `what is on its way to ${server.name} rots`,
    begin: () => {
      strike()
      for (const line of lines) {
        for (const way of line.ways) way.rate = STAGING_RATE // that there is something on its way
        for (let times = 1; times <= STAGING_STRIKES; times++) line.after(times * (20_000 + b * 100), strike)
      }
    },
    end: () => {
      strike()
      isOver = true
      for (const way of lines.flatMap(({ ways }) => ways)) way.rate = Infinity
      server.isTaken = false
    },
  }
}

/** What goes wrong with bytes that lie on a disk. */
export const rotFaults = { rot: stored, 'rot-staging': staging } satisfies Record<string, FaultMaker>
