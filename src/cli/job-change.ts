import { IngotError } from '../core/errors.ts'
import type { JobActionParams, ResolveBody } from '../control/schema.ts'
import type { Grammar, Invocation } from './grammar.ts'
import { nameOf, parseJob } from './options.ts'
import { stateCell } from './table.ts'

type Action = JobActionParams['action']

interface ResolveOptions {
  job: number
  keep?: boolean
  replace?: boolean
  rename?: string
}

const summaries: Record<Action, string> = {
  pause: 'let a job rest until it is resumed',
  resume: 'let a paused job go on from where it was',
  cancel: 'end a job and remove what it has fetched',
  retry: 'run a job that waits or has failed again, now',
}

/** `pause job`, `resume job`, `cancel job`, `retry job` and `resolve job`. */
export function addJobChangeCommands(grammar: Grammar): void {
  for (const action of Object.keys(summaries) as Action[]) {
    grammar
      .command(`${action} job`, { summary: summaries[action], example: `ingot ${action} job --job 12` })
      .requiredOption('--job <ID>', 'the job', parseJob)
      .action(
        grammar.action(async (options: { job: number }, invocation) => {
          await controlJob(options.job, action, invocation)
        }),
      )
  }
  grammar
    .command('resolve job', {
      summary: 'end the conflict of a job with another image that has its name here',
      example: 'ingot resolve job --job 12 --rename ol9-base-new',
    })
    .requiredOption('--job <ID>', 'the job that is in CONFLICT', parseJob)
    .option('--keep', 'keep the image that is here, and do not take the other')
    .option('--replace', 'take the other in place of the image that is here')
    .option('--rename <NAME>', 'take the other too, under this name here', nameOf('image name'))
    .action(grammar.action(resolveJob))
}

async function controlJob(job: number, action: Action, { client, output }: Invocation): Promise<void> {
  const document = await client.controlJob(job, action)
  output.result(document, () => {
    output.fields([[`job ${document.id}`, stateCell(document.state, document.reason)]])
  })
}

async function resolveJob(options: ResolveOptions, { client, output }: Invocation): Promise<void> {
  const document = await client.resolveJob(options.job, resolutionOf(options))
  output.result(document, () => {
    output.fields([[`job ${document.id}`, stateCell(document.state, document.reason)]])
  })
}

/** What ends the conflict; a usage error unless there is exactly one. */
function resolutionOf({ keep, replace, rename }: ResolveOptions): ResolveBody {
  const resolutions: ResolveBody[] = []
  if (keep === true) resolutions.push({ resolution: 'keep' })
  if (replace === true) resolutions.push({ resolution: 'replace' })
  if (rename !== undefined) resolutions.push({ resolution: 'rename', name: rename })
  const [resolution] = resolutions
  if (resolution !== undefined && resolutions.length === 1) return resolution
  throw new IngotError(
    'usage',
    resolution === undefined ? 'no resolution is given' : 'more than one resolution is given',
    { hint: 'give exactly one of --keep, --replace and --rename NAME' },
  )
}
