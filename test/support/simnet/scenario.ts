import { setTimeout as pause } from 'node:timers/promises'
import { seededRandom } from '../random.ts'
import { openHandles } from './handles.ts'
import type { FaultKind } from './faults.ts'
import { below, type Step } from './plan.ts'
import { SimRun } from './sim-run.ts'
import { topologies, type Topology } from './topology.ts'
import { Violation } from './violation.ts'

/** Milliseconds within which everything has to come once the faults are over. A quiet machine takes a tenth of a second to two. */
const CONVERGE_MS = 120_000
/** Milliseconds for a whole scenario: it hangs. */
const SCENARIO_MS = 400_000
/** Handles that one scenario may leave open: those of threads and timers that are just ending. */
const HANDLES_LEFT = 16
const HANDLES_MS = 5_000

export interface ScenarioOptions {
  seed: number
  faults: readonly FaultKind[]
}

/** What happened in a scenario. */
export interface ScenarioStory {
  story: readonly string[]
  came: ReadonlyMap<FaultKind, number>
  /** Milliseconds from the end of the faults to the last image. */
  convergedMs: number
  looks: number
}

/** A small network, a few actions, one to four faults, all by the seed. Throws what is wrong, with all that was done before. */
export async function runScenario({ seed, faults }: ScenarioOptions): Promise<ScenarioStory> {
  const random = seededRandom(seed ^ 0x5f3759df)
  const handles = openHandles()
  const servers = [2, 2, 2, 3, 3, 4][below(random, 6)] as number
  const topology = topologies[below(random, topologies.length)] as Topology
  const sizes = below(random, 5) < 2 ? 'mixed' : 'small'
  const run = await SimRun.start({ seed, servers, topology, sizes, faults })
  try {
    const work = (async () => {
      for (const step of stepsOf(run, random)) await run.do(step)
      return await run.finish(CONVERGE_MS)
    })()
    const convergedMs = await inTime(work)
    return { story: run.network.story, came: run.came, convergedMs, looks: run.checker.looks }
  } catch (cause) {
    const story = run.network.story.map((line) => `  ${line}`).join('\n')
    const text =
      cause instanceof Violation ? cause.message : cause instanceof Error ? cause.stack : String(cause)
    throw new Error(`${text}\nafter (${servers} servers, ${topology})\n${story}`, { cause })
  } finally {
    await run.stop()
    await requireClosed(handles)
  }
}

/** Images first, then actions with the faults among them. */
function stepsOf(run: SimRun, random: () => number): Step[] {
  const steps = Array.from({ length: 6 + below(random, 10) }, () => run.action())
  const count = 1 + below(random, 4)
  for (let fault = 0; fault < count; fault++)
    steps.splice(2 + below(random, steps.length - 2), 0, run.fault())
  const imports: Step[] = [0, 1].map((a) => ({
    type: 'act',
    kind: 'import',
    a,
    b: below(random, 1024),
    c: 0,
  }))
  return [...imports, ...steps]
}

async function inTime<T>(work: Promise<T>): Promise<T> {
  const stop = new AbortController()
  const late = pause(SCENARIO_MS, undefined, { signal: stop.signal }).then(() => {
    throw new Violation(`nothing came to an end within ${SCENARIO_MS} ms`)
  })
  late.catch(() => {}) // when it is aborted
  try {
    return await Promise.race([work, late])
  } finally {
    stop.abort()
  }
}

/** Nothing that was opened stays open, after so many milliseconds at most. */
export async function requireClosed(before: number, withinMs = HANDLES_MS): Promise<void> {
  const deadline = performance.now() + withinMs
  while (openHandles() > before + HANDLES_LEFT) {
    if (performance.now() > deadline)
      throw new Violation(`${openHandles()} handles are open, ${before} were before the network was started`)
    await pause(20)
  }
}
