import { given } from './given.ts'
import type { Grammar, Invocation } from './grammar.ts'
import { parseMoment } from './moment.ts'
import { numberOf } from './options.ts'
import { formatTime } from './text.ts'

interface AuditOptions {
  from?: string
  to?: string
  operation?: string
  subject?: string
  failed?: boolean
  limit?: number
}

/** `query audit`. */
export function addAuditCommands(grammar: Grammar): void {
  grammar
    .command('query audit', {
      summary: 'show what was done to this server, and what came of it',
      example: 'ingot query audit --from 24h --failed',
    })
    .option('--from <T>', 'not before: 2026-01-31, 2026-01-31T08:00 (UTC), or 2h, 7d back from now')
    .option('--to <T>', 'only before: the same forms')
    .option('--operation <O>', 'only this: a verb, or "VERB NOUN"')
    .option('--subject <S>', 'only where the subject contains this')
    .option('--failed', 'only what did not succeed')
    .option('--limit <N>', 'at most so many, the newest', numberOf('a number of entries', 1, 100_000))
    .action(grammar.action(queryAudit))
}

async function queryAudit({ from, to, ...rest }: AuditOptions, invocation: Invocation): Promise<void> {
  const { client, io, output } = invocation
  const moment = (text: string | undefined) =>
    text === undefined ? undefined : parseMoment(text, io.clock.now())
  const { audit } = await client.audit(given({ from: moment(from), to: moment(to), ...rest }))
  output.data({ audit }, () => {
    if (audit.length === 0) {
      output.note('nothing of that kind was done')
      return
    }
    output.table(
      ['TIME', 'OPERATION', 'SUBJECT', 'OUTCOME'],
      audit.map(({ time, operation, subject, outcome }) => [formatTime(time), operation, subject, outcome]),
    )
  })
}
