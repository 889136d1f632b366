import { IngotError } from '../core/errors.ts'
import type { ImageState } from '../image/states.ts'
import { given } from './given.ts'
import type { Grammar, Invocation } from './grammar.ts'
import { withProgress } from './long-call.ts'
import { nameOf, parseImage, parseState } from './options.ts'
import { formatBytes } from './text.ts'

/** `promote image`, `adopt image`, `delete image` and `verify image`. */
export function addImageChangeCommands(grammar: Grammar): void {
  grammar
    .command('promote image', {
      summary: 'change the state of an image, in any direction',
      example: 'ingot promote image --image ol9-base --state PUBLISHED',
    })
    .requiredOption('--image <I>', 'the image: NAME, PEER/NAME, ./NAME or an image id', parseImage)
    .requiredOption('--state <ST>', 'TESTABLE, RESTRICTED or PUBLISHED', parseState)
    .action(grammar.action(promoteImage))
  grammar
    .command('adopt image', {
      summary: "publish a replica again as this server's own image",
      example: 'ingot adopt image --image hq/ol9-base --as ol9-site',
    })
    .requiredOption('--image <I>', 'the replica: NAME, PEER/NAME or an image id', parseImage)
    .option('--as <NAME>', 'its name here (default: the name of the replica)', nameOf('image name'))
    .option('--state <ST>', 'TESTABLE, RESTRICTED or PUBLISHED (default)', parseState)
    .option('--private', 'never show it to a peer')
    .action(grammar.action(adoptImage))
  grammar
    .command('delete image', {
      summary: 'delete an image here; copies that peers have stay',
      example: 'ingot delete image --image hq/ol9-base',
    })
    .requiredOption('--image <I>', 'the image: NAME, PEER/NAME, ./NAME or an image id', parseImage)
    .action(grammar.action(deleteImage))
  grammar
    .command('verify image', {
      summary: 'read an image that is here and compare it with its digests; mend what is damaged',
      example: 'ingot verify image --image ol9-base --repair',
    })
    .requiredOption('--image <I>', 'the image: NAME, PEER/NAME, ./NAME or an image id', parseImage)
    .option('--repair', 'take what is damaged from its origin, or of an own image from a peer that has it')
    .option('--path <PATH>', 'with --repair: take it from this file or directory')
    .action(grammar.action(verifyImage))
}

async function promoteImage(
  options: { image: string; state: ImageState },
  { client, output }: Invocation,
): Promise<void> {
  const image = await client.promoteImage(options)
  output.result(image, () => output.line(`${image.ref} is ${image.state} now`))
}

async function adoptImage(
  options: { image: string; as?: string; state?: ImageState; private?: boolean },
  { client, output }: Invocation,
): Promise<void> {
  const image = await client.adoptImage(given(options))
  output.result(image, () => {
    output.line(`adopted ${options.image} as ${image.ref}: ${image.private ? 'private' : image.state}`)
    output.line(`image id: ${image.id}`)
  })
}

async function deleteImage(options: { image: string }, { client, output }: Invocation): Promise<void> {
  const image = await client.deleteImage(options.image)
  output.result(image, () => {
    output.line(`deleted ${image.ref}`)
    if (image.local) output.line('copies that peers have stay')
    else
      output.line(`it comes again only when it is asked for by name: instantiate image --image ${image.ref}`)
  })
}

async function verifyImage(
  options: { image: string; repair?: boolean; path?: string },
  invocation: Invocation,
): Promise<void> {
  const { client, output } = invocation
  const { image: ref, repair } = options
  if (options.path !== undefined && repair !== true)
    throw new IngotError('usage', '--path says from where to repair', { hint: 'give --repair too' })
  const path = options.path === undefined ? undefined : invocation.path(options.path, '--path')
  const image = await withProgress(
    invocation,
    ref,
    async (call) => await client.verifyImage(given({ image: ref, repair, path }), call),
  )
  output.result(image, () => {
    if (image.repaired !== undefined) output.line(`repaired ${image.ref}: ${image.repaired}`)
    else output.line(`${image.ref} is whole: ${formatBytes(image.size)} verified`)
  })
}
