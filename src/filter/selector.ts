import { IngotError } from '../core/errors.ts'
import { isName } from '../core/names.ts'
import { isDigest, type Digest } from '../image/digest.ts'

/**
 * What a subscription asks of one peer's images. `image` is resolved once, when the subscription is made, to an id; series and
 * types bind to names and may come before them.
 */
export type Selector =
  | { kind: 'all' }
  | { kind: 'image'; image: Digest; name: string }
  | { kind: 'series'; series: string }
  | { kind: 'imagetype'; imageType: string }

/** One word and, where it has one, its value: as it is stored, compared and shown. */
export function selectorText(selector: Selector): string {
  switch (selector.kind) {
    case 'all':
      return 'all'
    case 'image':
      return `image ${selector.image}`
    case 'series':
      return `series ${selector.series}`
    case 'imagetype':
      return `imagetype ${selector.imageType}`
  }
}

/** Reads what {@link selectorText} wrote. `name` is how the operator called the image of an image selector. */
export function parseSelector(text: string, name: string): Selector {
  if (text === 'all') return { kind: 'all' }
  const [kind, value = '', ...rest] = text.split(' ')
  if (rest.length === 0) {
    if (kind === 'image' && isDigest(value)) return { kind: 'image', image: value, name }
    if (kind === 'series' && isName(value)) return { kind: 'series', series: value }
    if (kind === 'imagetype' && isName(value)) return { kind: 'imagetype', imageType: value }
  }
  throw new IngotError('invalid', `not a selector: ${JSON.stringify(text)}`)
}
