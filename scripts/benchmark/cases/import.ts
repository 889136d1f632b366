import { inTurn, type Bench, type Case, type CaseResult, type Contender } from '../bench.ts'
import { sizeOf } from '../data.ts'
import { Server } from '../ingot.ts'
import { measure, quiet } from '../measure.ts'
import { compared } from '../statistics.ts'
import { Commands, Services } from '../usage.ts'

const nobody = () => new Services(() => [])

/** One import at a server that runs, and that has nothing again afterwards. */
function imports(bench: Bench, server: Server, of: { path: string; inPlace: boolean }): Contender {
  const { path, inPlace } = of
  const ends = { origin: new Services(() => [server.pid]), receiver: nobody() }
  return {
    name: inPlace ? 'ingot --in-place' : 'ingot',
    async run() {
      await quiet([server.pid], bench.signal)
      const taken = await measure(bench.work, ends, async () => {
        await server.import({ image: 'image', path, inPlace })
      })
      await server.client.deleteImage('image')
      return taken
    },
  }
}

/** What the processor takes for the digest that an import computes too. */
function openssl(bench: Bench, path: string): Contender {
  const client = new Commands()
  return {
    name: 'openssl dgst -sha256',
    async run() {
      return await measure(bench.work, { origin: client, receiver: nobody() }, async () => {
        await bench.processes.run('openssl', ['dgst', '-sha256', path], { onStart: (pid) => client.add(pid) })
      })
    },
  }
}

export const importCase: Case = {
  name: 'import',
  about: 'making an image of a file, beside the SHA-256 of that file',
  quick: false,
  async run(bench: Bench): Promise<CaseResult> {
    const server = await new Server(bench, 'origin').start()
    const result: CaseResult = { rows: [], figures: [] }
    const files = { random: await bench.data.random(), disk: (await bench.data.disks()).v1 }
    for (const [file, path] of Object.entries(files)) {
      const contenders = [false, true].map((inPlace) => imports(bench, server, { path, inPlace }))
      if (bench.has('openssl')) contenders.push(openssl(bench, path))
      const named = contenders.map((each) => ({ ...each, name: `${each.name} (${file})` }))
      const rows = await inTurn(bench, named, await sizeOf(path))
      result.rows.push(...rows)
      for (const row of ['ingot', 'ingot --in-place']) {
        result.figures.push(
          ...compared(rows, `rate of ${row} (${file}) / rate of openssl`, {
            of: 'seconds',
            rivals: [`openssl dgst -sha256 (${file})`],
            as: 'rate',
            row: `${row} (${file})`,
          }),
        )
      }
    }
    await server.stop()
    return result
  },
}
