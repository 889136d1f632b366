import type { Command } from 'commander'
import { IngotError } from '../core/errors.ts'
import { Window } from '../core/window.ts'
import type { SubscriptionDocument, UnsubscribedDocument } from '../control/documents.ts'
import type { ImageState } from '../image/states.ts'
import { given } from './given.ts'
import type { Grammar, Invocation } from './grammar.ts'
import { boundOf, nameOf, numberOf, orNone, parseState, parseYesNo, type Bound } from './options.ts'
import type { Output } from './output.ts'
import { printPlan } from './plan.ts'
import { parseRate, parseRateOrNone, rateText } from './rate.ts'
import { addSelector, selectorOf, selectorText, type SelectorOptions } from './selector.ts'
import { parseSize } from './size.ts'
import { formatBytes, formatTime } from './text.ts'

interface SubscriptionOptions {
  landAs?: ImageState
  keep?: Bound
  maxBytes?: Bound
  priority?: number
  trustPrivileged?: boolean
  preseed?: string
  rate?: Bound
  window?: string
}

interface InstantiateOptions extends SelectorOptions, SubscriptionOptions {
  newOnly?: boolean
  dryRun?: boolean
  exact?: boolean
}

const parseKeep = numberOf('a number of images to keep', 1, 1_000_000)
const parsePriority = numberOf('a priority', -1000, 1000)

/** `instantiate image`, `modify subscription`, `uninstantiate image` and `query subscription`. */
export function addSubscriptionCommands(grammar: Grammar): void {
  const instantiate = grammar.command('instantiate image', {
    summary: 'take images of a peer, those that match now and those that will',
    example: 'ingot instantiate image --server hq --series ol9 --keep 3 --max-bytes 500G',
  })
  addSelector(instantiate).option('--new-only', 'only what is published or inserted from now on')
  const bounds = { keep: parseKeep, maxBytes: parseSize, rate: parseRate, window: parseWindow, help: '' }
  addOptions(instantiate, bounds)
    .option('--trust-privileged', 'take owners and special modes of directory images as they are')
    .option(
      '--preseed <FILE|DIR>',
      'take what it has from here, as the daemon sees it, before anything is fetched',
    )
    .option('--dry-run', 'show the plan and change nothing')
    .option('--exact', 'ask the peer for what the plan needs to be exact')
    .action(grammar.action(instantiateImage))
  const modify = grammar.command('modify subscription', {
    summary: 'change the options of a subscription',
    example: 'ingot modify subscription --server hq --series ol9 --keep 5 --max-bytes none',
  })
  addSelector(modify)
  addOptions(modify, {
    keep: orNone(parseKeep),
    maxBytes: orNone(parseSize),
    rate: parseRateOrNone,
    window: (value) => (value.toLowerCase() === 'none' ? 'none' : parseWindow(value)),
    help: '; none: no bound',
  })
    .option(
      '--trust-privileged <yes|no>',
      'take owners and special modes of directory images as they are',
      parseYesNo,
    )
    .option('--preseed <FILE|DIR>', 'take what it has from here, as the daemon sees it; none: from nowhere')
    .action(grammar.action(modifySubscription))
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

function addOptions(
  command: Command,
  bounds: {
    keep: (value: string) => Bound
    maxBytes: (value: string) => Bound
    rate: (value: string) => Bound
    window: (value: string) => string
    help: string
  },
): Command {
  return command
    .option('--land-as <ST>', 'the state in which its images arrive here', parseState)
    .option('--keep <N>', `how many of a line or series stay here${bounds.help}`, bounds.keep)
    .option(
      '--max-bytes <B>',
      `what images of the peer may take here: bytes, 500G, 20GiB${bounds.help}`,
      bounds.maxBytes,
    )
    .option('--priority <N>', 'jobs of a higher number go first (-1000 to 1000)', parsePriority)
    .option(
      '--rate <R>',
      `what its jobs receive together per second: 10MB, 500KiB, 80Mbit${bounds.help}`,
      bounds.rate,
    )
    .option(
      '--window <W>',
      `when its jobs run: "22:00-06:00 Europe/Vienna", "mon-fri 20:00-05:30; sat,sun UTC"${bounds.help}`,
      bounds.window,
    )
}

async function instantiateImage(options: InstantiateOptions, invocation: Invocation): Promise<void> {
  const { client, output } = invocation
  const { server, newOnly, dryRun, exact } = options
  const plan = await client.subscribe(
    given({
      server,
      selector: selectorOf(options),
      newOnly,
      ...optionsOf(options, invocation),
      dryRun,
      exact,
    }),
  )
  if (dryRun === true) output.data(plan, () => printPlan(output, plan))
  else output.result(plan, () => printPlan(output, plan))
}

async function modifySubscription(
  options: SelectorOptions & SubscriptionOptions,
  invocation: Invocation,
): Promise<void> {
  const { client, output } = invocation
  const selector = selectorOf(options)
  const changes = given(optionsOf(options, invocation))
  if (Object.keys(changes).length === 0) {
    throw new IngotError('usage', 'no change is given', {
      hint: 'give one or more of --land-as, --keep, --max-bytes, --priority, --rate, --window, --trust-privileged and --preseed',
    })
  }
  const subscription = await client.modifySubscription({ server: options.server, selector, ...changes })
  output.result(subscription, () => {
    const text = optionsText(subscription)
    output.line(`changed ${selectorText(subscription)} of ${subscription.server}: ${text || 'as by default'}`)
  })
}

function optionsOf(options: SubscriptionOptions, invocation: Invocation) {
  const { landAs, keep, maxBytes, priority, trustPrivileged, preseed, rate, window } = options
  const path = preseed === undefined || preseed === 'none' ? preseed : invocation.path(preseed, '--preseed')
  return {
    landAs,
    keep: boundOf(keep),
    maxBytes: boundOf(maxBytes),
    priority,
    trustPrivileged,
    preseed: path === 'none' ? null : path,
    rate: boundOf(rate),
    window: window === 'none' ? null : window,
  }
}

/** A window as it is written when it is stored. */
function parseWindow(text: string): string {
  return Window.parse(text).toString()
}

async function uninstantiateImage(options: SelectorOptions, { client, output }: Invocation): Promise<void> {
  const { server } = options
  const answer = await client.unsubscribe({ server, selector: selectorOf(options) })
  output.result(answer, () => printRemains(output, server, answer))
}

function printRemains(output: Output, server: string, answer: UnsubscribedDocument): void {
  const { cancelledJobs, remainingJobs, replicas, remaining } = answer
  output.line(`ended; ${cancelledJobs} ${cancelledJobs === 1 ? 'job was' : 'jobs were'} cancelled`)
  if (remainingJobs > 0) {
    output.line(
      `${remainingJobs} ${remainingJobs === 1 ? 'job goes' : 'jobs go'} on: another selector covers ${remainingJobs === 1 ? 'it' : 'them'}`,
    )
  }
  if (replicas > 0) {
    output.line(`${replicas} ${replicas === 1 ? 'replica' : 'replicas'} of images of ${server} stay here`)
  }
  if (remaining.length === 0) output.line(`no selector on ${server} remains`)
  else output.line(`remaining on ${server}: ${remaining.map(selectorText).join(', ')}`)
}

async function querySubscription(
  options: { server?: string },
  { client, output }: Invocation,
): Promise<void> {
  const { subscriptions } = await client.subscriptions(given(options))
  output.data({ subscriptions }, () => {
    if (subscriptions.length === 0) {
      output.note('no subscriptions; "ingot instantiate image" makes one')
      return
    }
    output.table(
      ['PEER', 'SELECTOR', 'SINCE', 'OPTIONS'],
      subscriptions.map((each) => [
        each.server,
        selectorText(each),
        formatTime(each.createdAt),
        optionsText(each),
      ]),
    )
  })
}

/** What is not as by default. */
function optionsText(subscription: SubscriptionDocument): string {
  const { newOnly, landAs, keep, maxBytes, priority, trustPrivileged, preseed, rate, window } = subscription
  return [
    newOnly ? 'new only' : '',
    landAs === 'PUBLISHED' ? '' : `land as ${landAs}`,
    keep === null ? '' : `keep ${keep}`,
    maxBytes === null ? '' : `at most ${formatBytes(maxBytes)}`,
    priority === 0 ? '' : `priority ${priority}`,
    trustPrivileged ? 'trust privileged' : '',
    preseed === null ? '' : `preseed ${preseed}`,
    rate === null ? '' : `rate ${rateText(rate)}`,
    window === null ? '' : `window ${window}`,
  ]
    .filter((text) => text !== '')
    .join(', ')
}
