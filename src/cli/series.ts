import type { SeriesDocument } from '../control/documents.ts'
import { given } from './given.ts'
import type { Grammar, Invocation } from './grammar.ts'
import { nameOf, parseImage } from './options.ts'
import type { Output } from './output.ts'
import { stateCell } from './table.ts'
import { listText } from './text.ts'

/** `add series`, `insertimage series`, `deleteimage series`, `delete series` and `query series`. */
export function addSeriesCommands(grammar: Grammar): void {
  const name = nameOf('series name')
  grammar
    .command('add series', {
      summary: 'make an empty series of own images',
      example: 'ingot add series --series ol9',
    })
    .requiredOption('--series <NAME>', 'its name', name)
    .action(grammar.action(addSeries))
  grammar
    .command('insertimage series', {
      summary: 'put an own image into a series, or move one that is in it',
      example: 'ingot insertimage series --series ol9 --image ol9-base --before ol9-db',
    })
    .requiredOption('--series <S>', 'the series', name)
    .requiredOption('--image <I>', 'the image: NAME, ./NAME or an image id', parseImage)
    .option('--before <I>', 'the image before which it comes (default: at the end)', parseImage)
    .action(grammar.action(insertImage))
  grammar
    .command('deleteimage series', {
      summary: 'take an image out of a series; the image stays',
      example: 'ingot deleteimage series --series ol9 --image ol9-base',
    })
    .requiredOption('--series <S>', 'the series', name)
    .requiredOption('--image <I>', 'the image: NAME, ./NAME or an image id', parseImage)
    .action(grammar.action(removeImage))
  grammar
    .command('delete series', {
      summary: 'delete a series; its images stay',
      example: 'ingot delete series --series ol9',
    })
    .requiredOption('--series <S>', 'the series', name)
    .option('--force', 'do so even if images are in it')
    .action(grammar.action(deleteSeries))
  grammar
    .command('query series', {
      summary: 'show own series; with --server, those of a peer',
      example: 'ingot query series --series ol9',
    })
    .option('--series <S>', 'only this series, with its images in their order', name)
    .option('--server <PEER>', 'ask this peer', nameOf('server name'))
    .action(grammar.action(querySeries))
}

async function addSeries(options: { series: string }, { client, output }: Invocation): Promise<void> {
  const series = await client.addSeries(options.series)
  output.result(series, () => output.line(`added the series ${series.name}`))
}

async function insertImage(
  options: { series: string; image: string; before?: string },
  { client, output }: Invocation,
): Promise<void> {
  const series = await client.insertImage(given(options))
  output.result(series, () => printOrder(output, series))
}

async function removeImage(
  options: { series: string; image: string },
  { client, output }: Invocation,
): Promise<void> {
  const series = await client.removeImage(options)
  output.result(series, () => printOrder(output, series))
}

function printOrder(output: Output, { name, images }: SeriesDocument): void {
  output.line(`the series ${name} has: ${listText(images.map((image) => image.name))}`)
}

async function deleteSeries(
  { series, force }: { series: string; force?: boolean },
  { client, output }: Invocation,
): Promise<void> {
  await client.deleteSeries(series, force === true)
  output.result({ series, deleted: true }, () => output.line(`deleted the series ${series}; its images stay`))
}

async function querySeries(
  options: { series?: string; server?: string },
  { client, output }: Invocation,
): Promise<void> {
  const { series } = await client.series(given(options))
  output.data({ series }, () => {
    if (series.length === 0) output.note('no series')
    else if (options.series === undefined) seriesTable(output, series)
    else for (const each of series) memberTable(output, each)
  })
}

function seriesTable(output: Output, series: readonly SeriesDocument[]): void {
  output.table(
    ['SERIES', 'ORIGIN', { title: 'IMAGES', align: 'right' }, 'LAST'],
    series.map(({ name, origin, images }) => [
      name,
      origin,
      String(images.length),
      images.at(-1)?.name ?? '-',
    ]),
  )
}

function memberTable(output: Output, { name, images }: SeriesDocument): void {
  if (images.length === 0) {
    output.note(`the series ${name} is empty`)
    return
  }
  output.table(
    [{ title: 'NO', align: 'right' }, 'IMAGE', 'STATE', 'STATUS'],
    images.map(({ ref, state, status }, index) => [String(index + 1), ref, state, stateCell(status)]),
  )
}
