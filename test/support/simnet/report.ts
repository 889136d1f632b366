import type { FaultKind } from './faults.ts'
import type { SimNetwork } from './sim-network.ts'
import type { SimServer } from './sim-server.ts'

/** A link between two servers at the end of a run. */
export interface LinkReport {
  one: string
  other: string
  /** Bytes that came out, from the first to the second and back. */
  bytes: readonly [number, number]
  /** Bytes of the images that the receiver holds and that had to come this way, were nothing known of their parents. */
  needed: readonly [number, number]
  connections: number
}

/** Milliseconds from the announcement of an image to its being enabled at a peer that wanted all. */
export interface Latencies {
  count: number
  median: number
  p95: number
  most: number
}

/** What a run came to. */
export interface Report {
  seed: number
  servers: number
  topology: string
  steps: number
  seconds: number
  images: number
  replicas: number
  faults: Record<string, number>
  /** Seconds from the end of the faults until all was there; null when it never was. */
  convergedSeconds: number | null
  bytes: { moved: number; needed: number }
  latenciesMs: Latencies | null
  looks: number
  filesRead: number
  /** Most files and sockets open, and most memory, at any time. */
  handles: number
  rssBytes: number
  violations: string[]
  links: LinkReport[]
}

/** What each server holds of each peer, as the images are; asks all servers that run. */
export async function holdings(
  network: SimNetwork,
): Promise<{ needed: Map<string, number>; latencies: number[]; replicas: number }> {
  const needed = new Map<string, number>()
  const latencies: number[] = []
  let replicas = 0
  for (const server of network.running()) {
    const { images } = await server.client.images({})
    const counted = new Set<string>()
    for (const { name, local, status, enabledAt } of images) {
      const image = network.images.get(name)
      if (local || status !== 'enabled' || image === undefined) continue
      replicas++
      const latency = latencyOf(network, server, {
        origin: image.origin.name,
        announcedAt: image.announcedAt,
        enabledAt,
      })
      if (latency !== undefined) latencies.push(latency)
      if (counted.has(image.source.print)) continue // the same bytes need not come twice
      counted.add(image.source.print)
      const way = `${image.origin.name} ${server.name}`
      needed.set(way, (needed.get(way) ?? 0) + image.source.size)
    }
  }
  return { needed, latencies, replicas }
}

/** Undefined where it says nothing: the image was not wanted from the beginning, or the clock of the server is not ours. */
function latencyOf(
  network: SimNetwork,
  server: SimServer,
  {
    origin,
    announcedAt,
    enabledAt,
  }: { origin: string; announcedAt: number | undefined; enabledAt: string | null },
): number | undefined {
  const since = network.wantedSince.get(`${server.name} ${origin}`)
  if (server.isTurned || announcedAt === undefined || enabledAt === null || since === undefined)
    return undefined
  if (since > announcedAt) return undefined
  const ms = Date.parse(enabledAt) - announcedAt
  // One that was withdrawn and announced again may have come the first time.
  return ms < -1000 ? undefined : Math.max(0, ms)
}

export function summary(values: readonly number[]): Latencies | null {
  if (values.length === 0) return null
  const sorted = values.toSorted((a, b) => a - b)
  const at = (share: number) =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] as number
  return { count: sorted.length, median: at(0.5), p95: at(0.95), most: at(1) }
}

export function linksOf({ lines }: SimNetwork, needed: ReadonlyMap<string, number>): LinkReport[] {
  return lines.map(({ ends: [one, other], ways, made }) => ({
    one: one.name,
    other: other.name,
    bytes: [ways[0].passed, ways[1].passed],
    needed: [needed.get(`${one.name} ${other.name}`) ?? 0, needed.get(`${other.name} ${one.name}`) ?? 0],
    connections: made,
  }))
}

export function faultCounts(came: ReadonlyMap<FaultKind, number>): Record<string, number> {
  return Object.fromEntries([...came].sort(([one], [other]) => (one < other ? -1 : 1)))
}

/** Bytes for people. */
export function inUnits(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`
  const [value, unit] =
    bytes < 1024 ** 2
      ? [bytes / 1024, 'KiB']
      : bytes < 1024 ** 3
        ? [bytes / 1024 ** 2, 'MiB']
        : [bytes / 1024 ** 3, 'GiB']
  return `${value < 10 ? value.toFixed(1) : value.toFixed(0)} ${unit}`
}

/** Links that a table shows; the busiest. */
const SHOWN_LINKS = 20

/** The report for people. */
export function asTable(report: Report): string {
  const { latenciesMs: latency, bytes, links } = report
  const rows: [string, string][] = [
    ['seed', `${report.seed}`],
    ['network', `${report.servers} servers, ${report.topology}, ${links.length} links`],
    [
      'workload',
      `${report.steps} steps in ${report.seconds.toFixed(0)} s, ${report.images} images, ${report.replicas} replicas`,
    ],
    [
      'faults',
      Object.entries(report.faults)
        .map(([kind, count]) => `${kind} ${count}`)
        .join(', ') || 'none',
    ],
    [
      'converged',
      report.convergedSeconds === null
        ? 'no'
        : `${report.convergedSeconds.toFixed(1)} s after the last fault`,
    ],
    ['bytes', `${inUnits(bytes.moved)} over all links; the images that came have ${inUnits(bytes.needed)}`],
    [
      'announced to enabled',
      latency === null
        ? '-'
        : `median ${latency.median} ms, 95 % within ${latency.p95} ms, most ${latency.most} ms (${latency.count})`,
    ],
    ['looks', `${report.looks}, ${report.filesRead} files and trees read`],
    ['most at any time', `${report.handles} handles, ${inUnits(report.rssBytes)} of memory`],
    ['violations', report.violations.length === 0 ? 'none' : report.violations.join('\n')],
  ]
  const width = Math.max(...rows.map(([name]) => name.length))
  const busiest = links.toSorted((a, b) => sum(b.bytes) - sum(a.bytes)).slice(0, SHOWN_LINKS)
  const table = busiest.map(
    ({ one, other, bytes: [forth, back], needed, connections }) =>
      `  ${`${one} – ${other}`.padEnd(24)} ${inUnits(forth).padStart(9)} forth (images: ${inUnits(needed[0])}), ${inUnits(back).padStart(9)} back (images: ${inUnits(needed[1])}), ${connections} connections`,
  )
  const shown = links.length > SHOWN_LINKS ? `the ${SHOWN_LINKS} busiest links` : 'links'
  return [...rows.map(([name, text]) => `${name.padEnd(width)}  ${text}`), `${shown}:`, ...table].join('\n')
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
