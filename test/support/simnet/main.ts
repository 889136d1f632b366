import '../faults/disk-faults.ts' // before anything of src/
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { useMemory } from '../memory.ts'
import { seededRandom } from '../random.ts'
import { LiveView } from './live.ts'
import { asPicture } from './picture.ts'
import { faultsNamed } from './plan.ts'
import { asTable, faultCounts, holdings, linksOf, sum, summary, type Report } from './report.ts'
import { SimRun } from './sim-run.ts'
import { topologies, type Topology } from './topology.ts'

// What scripts/simnet runs; see there.

const MIB = 2 ** 20
/** Bytes that the homes of a run may fill. */
const MEMORY_BYTES = 4096 * MIB
/** Seconds within which everything has to come once the faults are over: a few, and one more for each server. */
const CONVERGE_SECONDS = 60
/** What a run may take: for itself, for each server, for each link. A server has its database, sockets and at most three threads. */
const HANDLES = { base: 300, server: 80, link: 60 } as const
const RSS = { base: 700 * MIB, server: 60 * MIB } as const

const text = { type: 'string' } as const
const { values } = parseArgs({
  options: {
    servers: { ...text, default: '10' },
    images: { ...text, default: '50' },
    topology: { ...text, default: 'random' },
    minutes: text,
    steps: text,
    faults: { ...text, default: '0.1' },
    fault: { ...text, multiple: true, default: [] },
    seed: text,
    json: { type: 'boolean', default: false },
    svg: text,
    report: text,
  },
})

function usage(message: string): never {
  console.error(`simnet: ${message} (see scripts/simnet --help)`)
  process.exit(2)
}

function whole(name: string, value: string | undefined, least: number): number | undefined {
  if (value === undefined) return undefined
  const number = Number(value)
  if (!Number.isSafeInteger(number) || number < least)
    usage(`--${name} takes a whole number from ${least} on`)
  return number
}

const servers = whole('servers', values.servers, 2) as number
const images = whole('images', values.images, 1) as number
const steps = whole('steps', values.steps, 1)
const minutes = values.minutes === undefined ? undefined : Number(values.minutes)
const rate = Number(values.faults)
const seed = whole('seed', values.seed, 0) ?? Math.floor(Math.random() * 2 ** 31)
if (!(rate >= 0 && rate <= 1)) usage('--faults takes a number from 0 to 1')
if (minutes !== undefined && !(minutes > 0)) usage('--minutes takes a number above 0')
if (!topologies.includes(values.topology as Topology)) usage(`--topology takes ${topologies.join(', ')}`)
const faults = (() => {
  try {
    return faultsNamed(values.fault)
  } catch (error) {
    return usage((error as Error).message)
  }
})()

/** What nobody caught: a daemon would have ended. */
const violations: string[] = []
process.on('uncaughtException', (error) => violations.push(`nobody caught: ${error.stack}`))

/** True until all images are made; or so many steps, or so long. */
function goesOn(run: SimRun, begin: number): boolean {
  if (violations.length > 0) return false
  if (minutes !== undefined) return performance.now() - begin < minutes * 60_000
  return steps === undefined ? run.network.images.size < images : run.steps < steps
}

async function work(run: SimRun, begin: number): Promise<void> {
  const random = seededRandom(seed ^ 0x2c1b3c6d)
  while (goesOn(run, begin)) {
    const isFault = random() < rate
    const step = isFault ? run.fault() : run.action()
    // All images are made: time passes with what else operators do.
    const isMore = step.type === 'act' && ['import', 'descend', 'adopt'].includes(step.kind)
    if (!isMore || run.network.images.size < images) await run.do(step)
    else await run.do({ ...step, kind: 'promote' })
  }
}

async function main(): Promise<Report> {
  useMemory(MEMORY_BYTES)
  const begin = performance.now()
  process.stderr.write(`simnet: seed ${seed}, starting ${servers} servers, ${values.topology}\n`)
  const run = await SimRun.start({
    seed,
    servers,
    topology: values.topology as Topology,
    sizes: servers > 8 ? 'small' : 'mixed',
    faults,
  })
  const live = new LiveView(run)
  let converged: number | null = null
  try {
    await work(run, performance.now())
    live.phase = 'converging'
    if (violations.length === 0) converged = (await run.finish((CONVERGE_SECONDS + servers) * 1000)) / 1000
  } catch (error) {
    violations.push(error instanceof Error ? error.message : String(error))
  }
  live.stop()
  const { network } = run
  try {
    const held = await holdings(network)
    const links = linksOf(network, held.needed)
    checkBounds(live, links.length)
    return {
      seed,
      servers,
      topology: values.topology,
      steps: run.steps,
      seconds: (performance.now() - begin) / 1000,
      images: network.images.size,
      replicas: held.replicas,
      faults: faultCounts(run.came),
      convergedSeconds: converged,
      bytes: {
        moved: sum(links.flatMap(({ bytes }) => bytes)),
        needed: sum(links.flatMap(({ needed }) => needed)),
      },
      latenciesMs: summary(held.latencies),
      looks: run.checker.looks,
      filesRead: run.checker.reads,
      handles: live.handles,
      rssBytes: live.rssBytes,
      violations,
      links,
    }
  } finally {
    await run.stop()
  }
}

/** Neither handles nor memory may grow with what happens. */
function checkBounds({ handles, rssBytes }: LiveView, links: number): void {
  const most = HANDLES.base + servers * HANDLES.server + links * HANDLES.link
  if (handles > most) violations.push(`${handles} handles were open at a time, more than ${most}`)
  const bytes = RSS.base + servers * RSS.server
  if (rssBytes > bytes) violations.push(`${rssBytes} bytes of memory were in use, more than ${bytes}`)
}

const report = await main()
if (values.svg !== undefined) writeFileSync(values.svg, asPicture(report))
if (values.report !== undefined) writeFileSync(values.report, `${asTable(report)}\n`)
console.log(values.json ? JSON.stringify(report) : asTable(report))
if (report.violations.length > 0)
  console.error(`again: scripts/simnet with the same options and --seed ${seed}`)
process.exitCode = report.violations.length > 0 ? 1 : 0
