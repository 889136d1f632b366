import type { StatusDocument } from '../control/documents.ts'
import type { Grammar, Invocation } from './grammar.ts'
import { serverFields } from './server.ts'
import type { Cell } from './table.ts'
import { formatBytes, formatTime } from './text.ts'

/** `status`. */
export function addStatusCommands(grammar: Grammar): void {
  grammar
    .command('status', { summary: 'show how this server is', example: 'ingot status' })
    .action(grammar.action(showStatus))
}

async function showStatus(_options: object, { client, output }: Invocation): Promise<void> {
  const status = await client.status()
  output.data(status, () => output.fields(statusFields(status)))
}

function statusFields({ server, peers, images, jobs, ...rest }: StatusDocument): [string, Cell][] {
  const why = [
    jobs.noSpace === 0 ? '' : `${jobs.noSpace} for space`,
    jobs.outsideWindow === 0 ? '' : `${jobs.outsideWindow} for their window`,
  ].filter((text) => text !== '')
  const waiting = `${jobs.waiting} waiting${why.length === 0 ? '' : ` (${why.join(', ')})`}`
  const counts = `${jobs.running} running, ${waiting}, ${jobs.conflict} in conflict`
  return [
    ...serverFields(server),
    ['process', `${rest.pid}, since ${formatTime(rest.startedAt)}`],
    ['peers', `${peers.up} of ${peers.total} up`],
    ['own images', String(images.own)],
    ['replicas', String(images.replicas)],
    ...(images.damaged === 0
      ? []
      : [['damaged', { text: String(images.damaged), style: 'red' }] satisfies [string, Cell]]),
    ['jobs', jobs.conflict + jobs.noSpace === 0 ? counts : { text: counts, style: 'red' }],
    ['scrub', scrubText(rest.scrub)],
    ['disk free', formatBytes(rest.diskFree)],
  ]
}

/** What the scrub does, and when the next image is due. */
function scrubText({ state, next }: StatusDocument['scrub']): string {
  const states: Record<string, string> = { window: 'waits for its window' }
  return next === null ? (states[state] ?? state) : `${states[state] ?? state}; next ${formatTime(next)}`
}
