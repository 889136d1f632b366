import type { Command } from 'commander'
import { IngotError } from '../core/errors.ts'
import type { SubscriptionDocument } from '../control/documents.ts'
import type { SubscriptionBody } from '../control/schema.ts'
import { nameOf, parseImage } from './options.ts'

/** Which images of which peer a subscription is about, as options. */
export interface SelectorOptions {
  server: string
  all?: boolean
  image?: string
  series?: string
  imagetype?: string
}

export function addSelector(command: Command): Command {
  return command
    .requiredOption('--server <PEER>', 'the peer', nameOf('server name'))
    .option('--all', 'every image that was created there')
    .option('--image <I>', 'this image and its descendants', parseImage)
    .option('--series <S>', 'the images of this series of the peer', nameOf('series name'))
    .option('--imagetype <T>', 'images of exactly this type', nameOf('image type'))
}

/** The selector of the options; a usage error unless there is exactly one. */
export function selectorOf({ all, image, series, imagetype }: SelectorOptions): SubscriptionBody['selector'] {
  const selectors: SubscriptionBody['selector'][] = []
  if (all === true) selectors.push({ kind: 'all' })
  if (image !== undefined) selectors.push({ kind: 'image', image })
  if (series !== undefined) selectors.push({ kind: 'series', series })
  if (imagetype !== undefined) selectors.push({ kind: 'imagetype', imageType: imagetype })
  const [selector] = selectors
  if (selector !== undefined && selectors.length === 1) return selector
  throw new IngotError(
    'usage',
    selector === undefined ? 'no selector is given' : 'more than one selector is given',
    {
      hint: 'give exactly one of --all, --image I, --series S and --imagetype T; call again for another one',
    },
  )
}

/** `all`, `series ol9`. */
export function selectorText({ selector, value }: SubscriptionDocument): string {
  return value === null ? selector : `${selector} ${value}`
}
