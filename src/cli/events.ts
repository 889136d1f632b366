import { IngotError } from '../core/errors.ts'
import type { EventLine } from '../control/documents.ts'
import type { Grammar, Invocation } from './grammar.ts'
import { formatTime } from './text.ts'

/** `watch events`. */
export function addEventCommands(grammar: Grammar): void {
  grammar
    .command('watch events', {
      summary: 'show everything that happens on this server, as it happens, until Ctrl-C',
      example: 'ingot watch events --json',
    })
    .action(grammar.action(watchEvents))
}

async function watchEvents(_options: object, invocation: Invocation): Promise<void> {
  const { client, output } = invocation
  for await (const event of client.events(invocation.interruptible())) {
    output.data(event, () => output.line(eventText(event)))
    if (output.closed) return
  }
  throw new IngotError('daemon-unreachable', 'the daemon has ended', {
    hint: 'see its log, and "ingot status" once it runs again',
  })
}

/** `2026-01-02 03:04:05Z job-changed job=3 state=DONE`. */
function eventText({ time, type, ...keys }: EventLine): string {
  const pairs = Object.entries(keys)
    .filter(([, value]) => value !== null && value !== undefined)
    .map(([key, value]) => `${key}=${valueText(value)}`)
  return [formatTime(time), type, ...pairs].join(' ')
}

/** Text with a blank is quoted, so that a line can be taken apart again. */
function valueText(value: unknown): string {
  return typeof value === 'string' && /^[^\s"=]+$/.test(value) ? value : JSON.stringify(value)
}
