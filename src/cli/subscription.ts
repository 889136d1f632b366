import { IngotError } from '../core/errors.ts'
import type { PlanDocument, SubscriptionDocument } from '../control/documents.ts'
import type { SubscriptionBody } from '../control/schema.ts'
import type { Command } from 'commander'
import type { Grammar, Invocation } from './grammar.ts'
import { nameOf } from './options.ts'
import type { Output } from './output.ts'
import { formatBytes, formatTime } from './text.ts'

interface SelectorOptions {
  server: string
  all?: boolean
  image?: string
  imagetype?: string
  dryRun?: boolean
}

/** `instantiate image`, `uninstantiate image` and `query subscription`. */
export function addSubscriptionCommands(grammar: Grammar): void {
  const instantiate = grammar.command('instantiate image', {
    summary: 'take images of a peer, those that match now and those that will',
    example: 'ingot instantiate image --server hq --imagetype DISK',
  })
  addSelector(instantiate)
    .option('--dry-run', 'show the plan and change nothing')
    .action(grammar.action(instantiateImage))
  const uninstantiate = grammar.command('uninstantiate image', {
    summary: 'end one subscription; images that are here stay',
    example: 'ingot uninstantiate image --server hq --imagetype DISK',
  })
  addSelector(uninstantiate).action(grammar.action(uninstantiateImage))
  grammar
    .command('query subscription', {
      summary: 'show which images of which peers this server takes',
      example: 'ingot query subscription --server hq',
    })
    .option('--server <PEER>', 'only those on this peer', nameOf('server name'))
    .action(grammar.action(querySubscription))
}

function addSelector(command: Command): Command {
  return command
    .requiredOption('--server <PEER>', 'the peer', nameOf('server name'))
    .option('--all', 'every image that was created there')
    .option('--image <I>', 'this image and its descendants')
    .option('--imagetype <T>', 'images of exactly this type', nameOf('image type'))
}

/** The selector of the options; a usage error unless there is exactly one. */
function selectorOf({ all, image, imagetype }: SelectorOptions): SubscriptionBody['selector'] {
  const selectors: SubscriptionBody['selector'][] = []
  if (all === true) selectors.push({ kind: 'all' })
  if (image !== undefined) selectors.push({ kind: 'image', image })
  if (imagetype !== undefined) selectors.push({ kind: 'imagetype', imageType: imagetype })
  const [selector] = selectors
  if (selector !== undefined && selectors.length === 1) return selector
  throw new IngotError(
    'usage',
    selector === undefined ? 'no selector is given' : 'more than one selector is given',
    {
      hint: 'give exactly one of --all, --image I and --imagetype T; call again for another one',
    },
  )
}

async function instantiateImage(options: SelectorOptions, { client, output }: Invocation): Promise<void> {
  const dryRun = options.dryRun === true
  const body = { server: options.server, selector: selectorOf(options), ...(dryRun ? { dryRun } : {}) }
  const plan = await client.subscribe(body)
  if (dryRun) output.data(plan, () => printPlan(output, plan))
  else output.result(plan, () => printPlan(output, plan))
}

function printPlan(output: Output, plan: PlanDocument): void {
  const bound = plan.exact ? '' : '≤ '
  output.line(
    plan.dryRun
      ? `plan for ${plan.selector} of ${plan.server}; nothing was changed`
      : `subscribed to ${plan.selector} of ${plan.server}`,
  )
  if (plan.images.length > 0) {
    output.table(
      ['IMAGE', { title: 'SIZE', align: 'right' }, 'HERE'],
      plan.images.map((image) => [image.name, formatBytes(image.size), image.here ? 'yes' : 'no']),
    )
  }
  output.fields([
    ['images', String(plan.images.length)],
    ['to move', `${bound}${formatBytes(plan.bytesToMove)}`],
    ['already here', formatBytes(plan.bytesHere)],
    ['disk needed', `${bound}${formatBytes(plan.diskNeeded)}`],
  ])
}

async function uninstantiateImage(options: SelectorOptions, { client, output }: Invocation): Promise<void> {
  const selector = selectorOf(options)
  const answer = await client.unsubscribe({ server: options.server, selector })
  const { cancelledJobs, remaining } = answer
  output.result({ cancelledJobs, remaining }, () => {
    output.line(`ended; ${cancelledJobs} ${cancelledJobs === 1 ? 'job was' : 'jobs were'} cancelled`)
    if (remaining.length === 0) output.line(`no selector on ${options.server} remains`)
    else output.line(`remaining on ${options.server}: ${remaining.map(selectorText).join(', ')}`)
  })
}

async function querySubscription(
  options: { server?: string },
  { client, output }: Invocation,
): Promise<void> {
  const { subscriptions } = await client.subscriptions(
    options.server === undefined ? {} : { server: options.server },
  )
  output.data({ subscriptions }, () => {
    if (subscriptions.length === 0) {
      output.note('no subscriptions; "ingot instantiate image" makes one')
      return
    }
    output.table(
      ['PEER', 'SELECTOR', 'SINCE'],
      subscriptions.map((each) => [each.server, selectorText(each), formatTime(each.createdAt)]),
    )
  })
}

function selectorText({ selector, value }: SubscriptionDocument): string {
  return value === null ? selector : `${selector} ${value}`
}
