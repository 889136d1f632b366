import { cpSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { checkFacts } from './check-facts.ts'
import { rounds, take, type FaultMaker } from './fault.ts'
import { importImage } from './make.ts'
import type { SimNetwork } from './sim-network.ts'
import { copyHome, type SimServer } from './sim-server.ts'

const HOUR_MS = 3_600_000
/** Steps of a clock: some minutes, hours, days, and years. */
const STEPS_MS = [90_000, HOUR_MS, 26 * HOUR_MS, 40 * 24 * HOUR_MS, 3 * 365 * 24 * HOUR_MS] as const

/** Starts a server again; everything that it acknowledged has to be there. */
async function back(network: SimNetwork, server: SimServer): Promise<void> {
  await server.start()
  await checkFacts(network, server)
  server.isTaken = false
}

/** How a server ends that is to be started again. */
async function down(server: SimServer, number: number): Promise<void> {
  if (number % 2 === 0) await server.stop()
  else await server.kill()
}

const restart: FaultMaker = (network, { a }) => {
  const server = take(network, a)
  return (
    server && {
      what: `${server.name} is stopped`,
      begin: async () => await server.stop(),
      end: async () => await back(network, server),
    }
  )
}

const kill: FaultMaker = (network, { a, b, c }) => {
  const server = take(network, a)
  if (server === undefined) return undefined
  let gone: Promise<void> | undefined
  const strike = () => {
    gone ??= rounds(b % 60).then(async () => await server.kill())
  }
  return {
    what: `${server.name} is killed`,
    // At once, or when it has sent or received so much.
    begin: () => {
      const [line] = network.lines.filter((each) => each.touches(server))
      if (c % 2 === 0) strike()
      else line?.after(c * 300, strike)
    },
    end: async () => {
      strike()
      await gone
      await back(network, server)
    },
  }
}

const clock: FaultMaker = (network, { a, b, c }) => {
  const server = take(network, a)
  if (server === undefined) return undefined
  const step = (STEPS_MS[b % STEPS_MS.length] as number) * (c % 2 === 0 ? 1 : -1)
  return {
    what: `the clock of ${server.name} jumps by ${step / 1000} s`,
    begin: () => {
      server.isTurned = true
      server.clock.turn(server.clock.now() + step, 'steps')
    },
    end: () => {
      if (c % 4 < 2) server.clock.turn(Date.now(), 'steps')
      server.isTaken = false
    },
  }
}

/** The home of a server, or its state alone as most backups have it, is put back to what it was at the beginning. */
const restore: FaultMaker = (network, { a, b, c }) => {
  const server = take(network, a)
  if (server === undefined) return undefined
  const copy = `${server.home}.backup`
  let { facts } = server
  const isWhole = b % 2 === 0
  return {
    what: `${server.name} is backed up${isWhole ? '' : ', without its images'}`,
    begin: () => {
      copyHome(server.home, copy)
      facts = server.facts.copy()
    },
    end: async () => {
      await down(server, c)
      network.restored.add(server)
      network.story.push(`${server.name} is restored from its backup`)
      server.facts = facts
      if (isWhole) await server.replaceHome(copy)
      else replaceState(server, copy)
      await back(network, server)
    },
  }
}

/** Puts back what a backup has of the state of a server, and leaves its images. */
function replaceState(server: SimServer, copy: string): void {
  server.life++
  rmSync(join(server.home, 'state'), { recursive: true })
  cpSync(join(copy, 'state'), join(server.home, 'state'), { recursive: true, preserveTimestamps: true })
  rmSync(copy, { recursive: true })
}

/** A copy of a server runs beside it, with its key and its journal, and makes images of its own. */
const twin: FaultMaker = (network, { a, b, c }) => {
  const server = take(network, a)
  if (server === undefined) return undefined
  const home = `twin${network.twins.length}`
  const other = network.addServer(server.name, home)
  other.facts = server.facts.copy()
  other.peerId = server.peerId
  return {
    what: `${server.name} runs twice`,
    begin: async () => {
      network.restored.add(server)
      copyHome(server.home, join(network.root, home))
      network.twins.push(other)
      await other.start()
      if (c % 4 > 0) await importImage(network, other, { b, c: 0 })
    },
    end: async () => {
      await other.stop()
      for (const line of network.lines) if (line.touches(server)) line.cut()
      server.isTaken = false
    },
  }
}

/** What goes wrong with whole servers. */
export const serverFaults = { restart, kill, clock, restore, twin } satisfies Record<string, FaultMaker>
