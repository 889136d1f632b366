import { copyFile, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { inTurn, type Bench, type Case, type CaseResult } from '../bench.ts'
import { sizeOf } from '../data.ts'
import { ingotCopies, startPair } from '../ingot.ts'
import { contentFigures } from './patch.ts'

/** The content is here whole, under another name. */
export const sameContent: Case = {
  name: 'same-content',
  about: 'the receiver has the same content as a replica with another name',
  quick: false,
  async run(bench: Bench): Promise<CaseResult> {
    const source = await bench.data.random()
    const pair = await startPair(bench)
    bench.say('importing and fetching the first of the two')
    await pair.origin.import({ image: 'first', path: source })
    await pair.receiver.fetch(pair.origin.name, 'first')
    await pair.receiver.unsubscribe(pair.origin.name, 'first')
    await pair.origin.import({ image: 'second', path: source })
    const ingot = ingotCopies(bench, pair, { image: 'second', source })
    const rows = await inTurn(bench, [ingot], await sizeOf(source))
    return { rows, figures: contentFigures(ingot.jobs) }
  },
}

/** The file was brought by hand. */
export const preseeded: Case = {
  name: 'preseeded',
  about: "the file lies in the receiver's preseed directory",
  quick: false,
  async run(bench: Bench): Promise<CaseResult> {
    const source = await bench.data.random()
    const pair = await startPair(bench)
    bench.say('importing at the origin')
    await pair.origin.import({ image: 'image', path: source })
    const directory = join(pair.receiver.home, 'preseed')
    const prepare = async () => {
      await mkdir(directory, { recursive: true })
      await copyFile(source, join(directory, 'brought-by-hand'))
    }
    const ingot = ingotCopies(bench, pair, { image: 'image', source, prepare })
    const rows = await inTurn(bench, [ingot], await sizeOf(source))
    return { rows, figures: contentFigures(ingot.jobs) }
  },
}
