import type { ImageDocument } from '../control/documents.ts'
import type { ImageState } from '../image/states.ts'
import { parseDuration } from './duration.ts'
import type { Grammar, Invocation } from './grammar.ts'
import { nameOf, parseState } from './options.ts'
import type { Output } from './output.ts'
import { stateCell, type Cell } from './table.ts'
import { formatBytes, formatTime } from './text.ts'

interface QueryOptions {
  image?: string
  server?: string
  imagetype?: string
  state?: ImageState
  holders?: boolean
}

/** `query image` and `wait image`. */
export function addImageCommands(grammar: Grammar): void {
  grammar
    .command('query image', {
      summary: 'show the images that are here; with --server, those that a peer offers now',
      example: 'ingot query image --server hq --imagetype DISK',
    })
    .option('--image <I>', 'only this image, in full: NAME, PEER/NAME, ./NAME or an image id')
    .option('--server <PEER>', 'ask this peer', nameOf('server name'))
    .option('--imagetype <T>', 'only images of this type', nameOf('image type'))
    .option('--state <ST>', 'only images in this state', parseState)
    .option('--holders', 'for own images: which peers have them, and what stands in the way')
    .action(grammar.action(queryImage))
  grammar
    .command('wait image', {
      summary: 'wait until an image is enabled here',
      example: 'ingot wait image --image hq/ol9-base --timeout 30m',
    })
    .requiredOption('--image <I>', 'the image: NAME, PEER/NAME, ./NAME or an image id')
    .option('--server <PEER>', 'the peer from which it comes', nameOf('server name'))
    .option('--timeout <T>', 'give up after 500ms, 60s, 5m, 2h … (default: never)', parseDuration)
    .action(grammar.action(waitImage))
}

async function queryImage(options: QueryOptions, { client, output }: Invocation): Promise<void> {
  const { images } = await client.images({
    ...(options.image === undefined ? {} : { image: options.image }),
    ...(options.server === undefined ? {} : { server: options.server }),
    ...(options.imagetype === undefined ? {} : { imageType: options.imagetype }),
    ...(options.state === undefined ? {} : { state: options.state }),
    ...(options.holders === true ? { holders: true } : {}),
  })
  output.data({ images }, () => {
    if (images.length === 0) output.note('no images')
    else if (options.image === undefined) imageTable(output, images)
    else for (const image of images) output.fields(imageFields(image))
    if (options.holders === true) holderTable(output, images)
  })
}

async function waitImage(
  options: { image: string; server?: string; timeout?: number },
  invocation: Invocation,
): Promise<void> {
  const { client, output } = invocation
  const query = {
    image: options.image,
    ...(options.server === undefined ? {} : { server: options.server }),
    ...(options.timeout === undefined ? {} : { timeoutMs: options.timeout }),
  }
  const image = await client.waitImage(query, invocation.interruptible())
  output.result(image, () => output.line(`${image.ref} is enabled: ${image.path ?? '-'}`))
}

function imageTable(output: Output, images: readonly ImageDocument[]): void {
  output.table(
    ['IMAGE', 'TYPE', { title: 'SIZE', align: 'right' }, 'STATE', 'STATUS', 'VERSION'],
    images.map((image) => [
      image.ref,
      image.type,
      formatBytes(image.size),
      stateText(image),
      stateCell(image.status),
      image.version,
    ]),
  )
}

function holderTable(output: Output, images: readonly ImageDocument[]): void {
  const rows = images.flatMap((image) =>
    (image.holders ?? []).map((holder): Cell[] => [
      image.ref,
      holder.peer,
      stateCell(holder.state),
      formatTime(holder.since),
      holder.reason ?? '',
    ]),
  )
  if (rows.length === 0) {
    output.note('no peer has told of these images')
    return
  }
  output.line('')
  output.table(['IMAGE', 'HOLDER', 'STATE', 'SINCE', 'REASON'], rows)
}

function imageFields(image: ImageDocument): [string, Cell][] {
  const labels = Object.entries(image.labels).map(([key, value]) => `${key}=${value}`)
  return [
    ['image', image.ref],
    ['image id', image.id],
    ['origin', `${image.origin} (${image.originId})`],
    ['type', image.type === image.baseType ? image.type : `${image.type} (${image.baseType})`],
    ['version', image.version],
    ['state', stateText(image)],
    ['status', stateCell(image.status)],
    ['size', `${formatBytes(image.size)} (${image.size} bytes)`],
    ['sha256', image.sha256],
    ['content', image.content],
    ['path', image.path ?? '-'],
    ['link', image.link ?? '-'],
    ['series', image.series.join(', ')],
    ['ancestors', image.ancestors.map(({ id, ref }) => ref ?? id).join(', ')],
    ['created', formatTime(image.createdAt)],
    ['enabled', formatTime(image.enabledAt)],
    ['labels', labels.join(', ')],
    ['description', image.description],
  ]
}

function stateText(image: ImageDocument): string {
  return image.private ? `${image.state} (private)` : image.state
}
