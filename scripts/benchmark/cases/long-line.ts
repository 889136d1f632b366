import { fileURLToPath } from 'node:url'
import { join } from 'node:path'
import { inTurn, type Bench, type Case, type CaseResult } from '../bench.ts'
import { sizeOf } from '../data.ts'
import { ingotCopies, startPair } from '../ingot.ts'
import { freePorts, until } from '../processes.ts'
import { sshCopies } from '../ssh-copies.ts'
import { medianOf } from '../statistics.ts'

/** A port on which nobody listens. */
const nowhere = 1
/** Milliseconds from one end to the other and back. */
const roundTripMs = 150
/** Bytes per second each way: 1 Gbit/s. */
const bytesPerSecond = 125_000_000

const slowLine = fileURLToPath(new URL('../../../test/support/slow-line.ts', import.meta.url))

/** Starts a slow line to a port, in a process of its own; resolves to the port at which it begins. */
async function startLine(bench: Bench, target: number): Promise<number> {
  const numbers = { target, 'round-trip': roundTripMs, rate: bytesPerSecond }
  const args = Object.entries(numbers).flatMap(([name, value]) => [`--${name}`, String(value)])
  const service = bench.processes.start(process.execPath, [slowLine, ...args], {
    log: join(bench.work, 'line.log'),
  })
  const line = await until(() => /^(.*)\n/.exec(service.stdout())?.[1], {
    what: 'the slow line',
    signal: bench.signal,
  })
  return (JSON.parse(line) as { port: number }).port
}

export const longLine: Case = {
  name: 'long-line',
  about: `random bytes over a line of ${(bytesPerSecond * 8) / 1e9} Gbit/s with a round trip of ${roundTripMs} ms`,
  quick: false,
  async run(bench: Bench): Promise<CaseResult> {
    const source = await bench.data.random(bench.quick ? 100_000_000 : 1_000_000_000)
    const [originPort = 0, receiverPort = 0] = await freePorts(2)
    // Nobody can dial the receiver: so all connections go over one line, and share it.
    const pair = await startPair(bench, {
      origin: { port: originPort, advertisedPort: await startLine(bench, originPort) },
      receiver: { port: receiverPort, advertisedPort: nowhere },
    })
    bench.say('importing at the origin')
    await pair.origin.import({ image: 'image', path: source })
    const ssh = await bench.ssh()
    const contenders = [
      ingotCopies(bench, pair, { image: 'image', source }),
      ssh && (await sshCopies(bench, 'scp', { source, port: await startLine(bench, ssh.port) })),
    ].filter((each) => each !== undefined)
    const size = await sizeOf(source)
    const rows = await inTurn(bench, contenders, size)
    bench.note('wire bytes are counted on both sides of the line: about twice what passed it')
    bench.note(
      'TCP ends at the line: what is measured is how much is kept on its way, not how TCP finds its rate',
    )
    const figures = rows.map((row) => ({
      what: `${row.name}: share of the line, as content`,
      value: size.bytes / medianOf(row, 'seconds') / bytesPerSecond,
      unit: '' as const,
    }))
    return { rows, figures }
  },
}
