import { IngotError } from '../core/errors.ts'
import type { CheckDocument } from '../control/documents.ts'
import type { Grammar, Invocation } from './grammar.ts'
import type { Output } from './output.ts'
import { stateCell } from './table.ts'

/** `doctor`. */
export function addDoctorCommands(grammar: Grammar): void {
  grammar
    .command('doctor', {
      summary: 'check this server: home, disk, clock, ports, journal, peers; ends with 1 if a check fails',
      example: 'ingot doctor',
    })
    .action(grammar.action(examine))
}

async function examine(_options: object, { client, output }: Invocation): Promise<void> {
  const { checks } = await client.doctor()
  output.data({ checks }, () => printChecks(output, checks))
  const failures = checks.filter(({ result }) => result === 'failure')
  if (failures.length === 0) return
  const [first] = failures
  throw new IngotError(
    'failed',
    `${failures.length} of ${checks.length} checks failed: ${failures.map(({ check }) => check).join(', ')}`,
    { hint: first?.advice ?? 'see what the checks say' },
  )
}

function printChecks(output: Output, checks: readonly CheckDocument[]): void {
  output.table(
    ['CHECK', 'RESULT', 'MESSAGE'],
    checks.map(({ check, result, message }) => [check, stateCell(result), message]),
  )
  const advised = checks.filter(({ advice }) => advice !== null)
  if (advised.length > 0) output.line('')
  for (const { check, advice } of advised) output.line(`${check}: ${advice}`)
}
