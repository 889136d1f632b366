import { pick } from '../random.ts'
import type { Numbers } from './choices.ts'
import type { Fault, FaultMaker } from './fault.ts'
import type { Line } from './line.ts'
import type { SimNetwork } from './sim-network.ts'

const KIB = 1024

function nameOf(line: Line): string {
  return line.ends.map(({ name }) => name).join('–')
}

/** A fault of one line. */
function ofLine(make: (line: Line, numbers: Numbers) => Fault): FaultMaker {
  return (network, numbers) => {
    const line = pick(network.lines, numbers.a)
    return line === undefined ? undefined : make(line, numbers)
  }
}

/** A fault of lines for as long as it lasts: `set` is called with true at its beginning and with false at its end. */
function lasting(what: string, lines: readonly Line[], set: (line: Line, on: boolean) => void): Fault {
  const all = (on: boolean) => () => {
    for (const line of lines) set(line, on)
  }
  return { what, begin: all(true), end: all(false) }
}

function refuse(line: Line, on: boolean): void {
  line.refusing += on ? 1 : -1
  if (on) line.cut()
}

function slow(line: Line, { delayMs, rate }: { delayMs: number; rate: number }): void {
  for (const way of line.ways) {
    way.delayMs = delayMs
    way.rate = rate
  }
}

function partition(network: SimNetwork, { a }: Numbers): Fault | undefined {
  // One bit for each server; at least one on either side.
  const side = 1 + (a % (2 ** Math.min(network.servers.length, 9) - 2))
  const isApart = (name: string) =>
    (side >> (network.servers.findIndex((server) => server.name === name) % 9)) & 1
  const across = network.lines.filter(({ ends: [one, other] }) => isApart(one.name) !== isApart(other.name))
  if (across.length === 0) return undefined
  return lasting(`the network is parted: ${across.map(nameOf).join(', ')}`, across, refuse)
}

function slowPeer(network: SimNetwork, { a, b, c }: Numbers): Fault | undefined {
  const server = pick(network.servers, a)
  if (server === undefined) return undefined
  const how = { delayMs: c % 40, rate: (64 + (b % 512)) * KIB }
  const lines = network.lines.filter((line) => line.touches(server))
  return lasting(`${server.name} is slow: ${how.rate} B/s, ${how.delayMs} ms`, lines, (line, on) =>
    slow(line, on ? how : { delayMs: 0, rate: Infinity }),
  )
}

/** What goes wrong between servers. */
export const networkFaults = {
  cut: ofLine((line, { b, c }) => ({
    what: `${nameOf(line)} is cut ${1 + (c % 4)} times`,
    begin: () => {
      const again = (left: number) => {
        line.cut()
        if (left > 0) line.after((b % 200) * KIB, () => again(left - 1))
      }
      line.after((c % 64) * KIB, () => again(c % 4))
    },
    end: () => line.cut(),
  })),

  'half-open': ofLine((line, { b, c }) => {
    const which = [[0, 1], [0], [1]][b % 3] as number[]
    return {
      what: `${nameOf(line)} is silent${which.length === 2 ? '' : ` from ${line.ends[which[0] as 0 | 1].name}`}`,
      begin: () => {
        for (const index of which) (line.ways[index] as { silent: boolean }).silent = true
      },
      end: () => {
        for (const way of line.ways) way.silent = false
        if (c % 2 === 0) line.cut() // else the servers have to find out that nothing comes over these connections
      },
    }
  }),

  partition,

  refuse: ofLine((line) => lasting(`${nameOf(line)} refuses connections`, [line], refuse)),

  delay: ofLine((line, { b }) =>
    lasting(`${nameOf(line)} is late by ${5 + (b % 60)} ms`, [line], (each, on) =>
      slow(each, { delayMs: on ? 5 + (b % 60) : 0, rate: Infinity }),
    ),
  ),

  bandwidth: ofLine((line, { b }) => {
    const rate = (128 + b * 2) * KIB
    return lasting(`${nameOf(line)} brings ${rate} B/s`, [line], (each, on) =>
      slow(each, { delayMs: 0, rate: on ? rate : Infinity }),
    )
  }),

  reorder: ofLine((line) => ({
    what: `${nameOf(line)} lets a later connection overtake an earlier one`,
    begin: () => {
      line.cut()
      line.holdNext()
    },
    end: () => line.release(),
  })),

  'slow-peer': slowPeer,

  'reconnect-loop': ofLine((line, { b }) =>
    lasting(`${nameOf(line)} cuts each connection after ${500 + b * 40} bytes`, [line], (each, on) => {
      each.cutEach = on ? 500 + b * 40 : Infinity
    }),
  ),
} satisfies Record<string, FaultMaker>
