import { fileURLToPath } from 'node:url'
import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { testBed } from '../support/daemon.ts'
import { printedSeed } from '../support/random.ts'
import type { Report } from '../support/simnet/report.ts'

const SCENARIOS = 20
const LIMIT_MS = 600_000
const checkFaults = fileURLToPath(new URL('../../scripts/check-faults', import.meta.url))
const simnet = fileURLToPath(new URL('../../scripts/simnet', import.meta.url))

test(
  'under faults of networks, servers, databases and disks nothing wrong is enabled, nothing is lost, and in the end all is there',
  async () => {
    const seed = printedSeed('faults', 500)
    const bed = await testBed()
    const args = ['--runs', `${SCENARIOS}`, '--seed', `${seed}`, '--workers', '1']
    const { code, stdout, stderr } = await bed.run(checkFaults, args, { timeoutMs: LIMIT_MS })
    expect(code, `${stdout}\n${stderr}`).toBe(0)
  },
  LIMIT_MS,
)

test(
  'a simulated network reports what moved over each of its links, and draws it',
  async () => {
    const seed = printedSeed('simulated network', 3)
    const bed = await testBed()
    const picture = bed.file('network.svg')
    const args = [
      '--servers',
      '5',
      '--images',
      '12',
      '--topology',
      'ring',
      '--seed',
      `${seed}`,
      '--json',
      '--svg',
      picture,
    ]
    const { code, stdout, stderr } = await bed.run(simnet, args, { timeoutMs: LIMIT_MS })
    expect(code, `${stdout}\n${stderr}`).toBe(0)
    const report = JSON.parse(stdout) as Report
    expect(report).toMatchObject({ seed, servers: 5, topology: 'ring', violations: [] })
    expect(report.images).toBeGreaterThanOrEqual(12)
    expect(report.replicas).toBeGreaterThan(0)
    expect(report.links.flatMap(({ needed }) => needed).some((bytes) => bytes > 0)).toBe(true)
    expect(report.links.map(({ one, other }) => `${one} ${other}`)).toEqual([
      'server0 server1',
      'server1 server2',
      'server2 server3',
      'server3 server4',
      'server4 server0',
    ])
    for (const { bytes, connections } of report.links) {
      expect(bytes.every((each) => each > 0)).toBe(true)
      expect(connections).toBeGreaterThan(0)
    }
    const svg = await readFile(picture, 'utf8')
    expect(unclosed(svg)).toEqual([])
    expect(svg.match(/<line /g)).toHaveLength(5)
    expect(svg.match(/<circle /g)).toHaveLength(5)
  },
  LIMIT_MS,
)

test(
  'what is asked for wrongly is refused with what may be asked for',
  async () => {
    const bed = await testBed()
    for (const [args, said] of [
      [['--topology', 'tree'], 'chain, star, ring, full, random'],
      [['--fault', 'flood'], 'half-open'],
    ] as const) {
      const { code, stderr } = await bed.run(simnet, args, { timeoutMs: LIMIT_MS })
      expect(code).toBe(2)
      expect(stderr).toContain(said)
    }
  },
  LIMIT_MS,
)

/** Elements of an XML text that are not closed, or closed and not open. */
function unclosed(xml: string): string[] {
  const open: string[] = []
  for (const [, end, name, alone] of xml.matchAll(/<(\/?)([a-z]+)[^<>]*?(\/?)>/g)) {
    if (alone === '/') continue
    if (end === '') open.push(name as string)
    else if (open.pop() !== name) return [...open, `/${name}`]
  }
  return open
}
