import type { ExplainDocument } from '../control/documents.ts'
import type { Grammar, Invocation } from './grammar.ts'
import { nameOf, parseImage } from './options.ts'
import type { Output } from './output.ts'
import { stateCell, type Cell } from './table.ts'
import { formatTime } from './text.ts'

/** `explain image`. */
export function addExplainCommands(grammar: Grammar): void {
  grammar
    .command('explain image', {
      summary: 'show why an image of a peer is or is not taken, and what would change it',
      example: 'ingot explain image --server hq --image ol9-base',
    })
    .requiredOption('--server <PEER>', 'the peer', nameOf('server name'))
    .requiredOption('--image <I>', 'its image: NAME, PEER/NAME or an image id', parseImage)
    .action(grammar.action(explainImage))
}

async function explainImage(
  options: { server: string; image: string },
  { client, output }: Invocation,
): Promise<void> {
  const document = await client.explainImage(options)
  output.data(document, () => printExplanation(output, document))
}

function printExplanation(output: Output, document: ExplainDocument): void {
  output.fields(explainFields(document))
  output.line('')
  if (document.selectors.length === 0) output.line(`no subscription on ${document.server}`)
  else {
    output.table(
      ['SELECTOR', 'MATCHES', 'WHY'],
      document.selectors.map(({ selector, matches, why }) => [selector, matches ? 'yes' : 'no', why]),
    )
  }
  if (document.advice.length > 0) output.line('')
  for (const advice of document.advice) output.line(`- ${advice}`)
}

function explainFields(document: ExplainDocument): [string, Cell][] {
  const { declined, job } = document
  return [
    ['image', `${document.server}/${document.image}`],
    ['image id', document.id],
    ['at origin', document.atOrigin],
    ['status', stateCell(document.status)],
    ['decision', stateCell(document.decision)],
    ['rule', document.rule],
    ['decided', formatTime(document.decidedAt)],
    ['declined', declined === null ? '-' : `${declined.why}, since ${formatTime(declined.since)}`],
    ['job', job === null ? '-' : stateCell(job.state, `job ${job.id}`)],
  ]
}
