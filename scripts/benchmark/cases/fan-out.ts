import { inTurn, type Bench, type Case, type CaseResult, type Contender } from '../bench.ts'
import { compare, sizeOf } from '../data.ts'
import { link, Server } from '../ingot.ts'
import { measure, quiet } from '../measure.ts'
import { medianOf, spread } from '../statistics.ts'
import { Services } from '../usage.ts'

const receivers = 8

/** Several receivers fetch the same image at once. `seconds` hears how long each of them took. */
function fetchAll(
  bench: Bench,
  of: { origin: Server; receivers: readonly Server[]; source: string; name: string },
  seconds: (each: number[]) => void,
): Contender {
  const { origin, source } = of
  const pids = [origin, ...of.receivers].map(({ pid }) => pid)
  const ends = { origin: new Services(() => pids.slice(0, 1)), receiver: new Services(() => pids.slice(1)) }
  const run = async () => {
    await quiet(pids, bench.signal)
    const paths: string[] = []
    const taken = await measure(bench.work, ends, async () => {
      const began = performance.now()
      const each = of.receivers.map(async (receiver) => {
        const { path } = await receiver.fetch(origin.name, 'image')
        paths.push(path ?? '')
        return (performance.now() - began) / 1000
      })
      seconds(await Promise.all(each))
    })
    for (const path of paths) await compare(bench, source, path)
    for (const receiver of of.receivers) {
      await receiver.unsubscribe(origin.name, 'image')
      await receiver.client.deleteImage(`${origin.name}/image`)
    }
    return taken
  }
  return { name: of.name, run }
}

export const fanOut: Case = {
  name: 'fan-out',
  about: `one origin, ${receivers} receivers of the same image at once`,
  quick: false,
  async run(bench: Bench): Promise<CaseResult> {
    const source = await bench.data.random(bench.quick ? 50_000_000 : 500_000_000)
    const origin = await new Server(bench, 'origin').start()
    const all: Server[] = []
    for (let number = 1; number <= receivers; number++) {
      const receiver = await new Server(bench, `receiver-${number}`).start()
      await link(bench, origin, receiver)
      all.push(receiver)
    }
    bench.say('importing at the origin')
    await origin.import({ image: 'image', path: source })
    const unfairness: number[] = []
    const { bytes, dataBytes } = await sizeOf(source)
    const one = { origin, receivers: all.slice(0, 1), source, name: 'one receiver' }
    const many = { origin, receivers: all, source, name: `${receivers} receivers` }
    const rows = await inTurn(
      bench,
      [
        fetchAll(bench, one, () => {}),
        fetchAll(bench, many, (each) => {
          const { median, max } = spread(each)
          unfairness.push(max / median)
        }),
      ],
      { bytes, dataBytes },
    )
    const [alone, together] = rows
    if (alone === undefined || together === undefined) return { rows, figures: [] }
    together.bytes *= receivers
    together.dataBytes *= receivers
    const ratio = (receivers * medianOf(alone, 'seconds')) / medianOf(together, 'seconds')
    return {
      rows,
      figures: [
        { what: 'rate of all together / rate of one alone', value: ratio, unit: '' },
        { what: 'time of the slowest / median of all', value: spread(unfairness).median, unit: '' },
      ],
    }
  },
}
