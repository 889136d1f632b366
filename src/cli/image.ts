import type { ImageDocument } from '../control/documents.ts'
import type { ImageState } from '../image/states.ts'
import { parseDuration } from './duration.ts'
import { given } from './given.ts'
import type { Grammar, Invocation } from './grammar.ts'
import { holderTable, imageFields, imageTable } from './image-table.ts'
import { nameOf, parseImage, parseState } from './options.ts'
import type { Output } from './output.ts'

interface QueryOptions {
  image?: string
  server?: string
  imagetype?: string
  series?: string
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
    .option('--image <I>', 'only this image, in full: NAME, PEER/NAME, ./NAME or an image id', parseImage)
    .option('--server <PEER>', 'ask this peer', nameOf('server name'))
    .option('--imagetype <T>', 'only images of this type', nameOf('image type'))
    .option('--series <S>', 'only images of this series', nameOf('series name'))
    .option('--state <ST>', 'only images in this state', parseState)
    .option('--holders', 'for own images: which peers have them, and what stands in the way')
    .action(grammar.action(queryImage))
  grammar
    .command('wait image', {
      summary: 'wait until an image is enabled here',
      example: 'ingot wait image --image hq/ol9-base --timeout 30m',
    })
    .requiredOption('--image <I>', 'the image: NAME, PEER/NAME, ./NAME or an image id', parseImage)
    .option('--server <PEER>', 'the peer from which it comes', nameOf('server name'))
    .option('--timeout <D>', 'give up after 500ms, 60s, 5m, 2h … (default: never)', parseDuration)
    .action(grammar.action(waitImage))
}

async function queryImage(options: QueryOptions, { client, output }: Invocation): Promise<void> {
  const { image, server, imagetype, series, state, holders } = options
  const { images } = await client.images(
    given({ image, server, imageType: imagetype, series, state, holders }),
  )
  output.data({ images }, () => printImages(output, images, options))
}

function printImages(output: Output, images: readonly ImageDocument[], options: QueryOptions): void {
  if (images.length === 0) output.note('no images')
  else if (options.image === undefined) imageTable(output, images)
  else for (const image of images) output.fields(imageFields(image))
  if (options.holders === true) holderTable(output, images)
}

async function waitImage(
  options: { image: string; server?: string; timeout?: number },
  invocation: Invocation,
): Promise<void> {
  const { client, output } = invocation
  const { timeout, ...query } = options
  const image = await client.waitImage(given({ ...query, timeoutMs: timeout }), invocation.interruptible())
  output.result(image, () => output.line(`${image.ref} is enabled: ${image.path ?? '-'}`))
}
