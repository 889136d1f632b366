import type { Command } from 'commander'
import type { ImageState } from '../image/states.ts'
import { given } from './given.ts'
import type { Grammar, Invocation } from './grammar.ts'
import { withProgress } from './long-call.ts'
import { collect, collectOf, nameOf, parseImage, parseLabels, parseState } from './options.ts'
import { formatBytes } from './text.ts'

interface ImportOptions {
  image: string
  path: string
  parent?: string
  imagetype?: string
  version?: string
  series?: string[]
  description?: string
  label?: string[]
  state?: ImageState
  private?: boolean
  inPlace?: boolean
  owner?: boolean
}

/** `import image` and `add image`. */
export function addImportCommands(grammar: Grammar): void {
  const importing = grammar.command('import image', {
    summary: 'make an image of this server from a file or a directory',
    example: 'ingot import image --image ol9-base --path /srv/ol9.qcow2 --imagetype DISK --version 9.4',
  })
  addContent(importing)
  addProperties(importing).action(grammar.action(importImage))
  const adding = grammar.command('add image', {
    summary: 'make an image that descends from another, which may be a replica',
    example: 'ingot add image --image ol9-db --parent hq/ol9-base --path /srv/ol9-db.qcow2',
  })
  addContent(adding).requiredOption(
    '--parent <I>',
    'what it descends from: NAME, PEER/NAME, ./NAME or an image id',
    parseImage,
  )
  addProperties(adding).action(grammar.action(importImage))
}

function addContent(command: Command): Command {
  return command
    .requiredOption('--image <NAME>', 'its name', nameOf('image name'))
    .requiredOption('--path <FILE|DIR>', 'the file or directory, as the daemon sees it')
}

function addProperties(command: Command): Command {
  return command
    .option('--imagetype <T>', 'its type, such as DISK, OS, ISO or SOFTWARE', nameOf('image type'))
    .option('--version <V>', 'its version')
    .option(
      '--series <S>',
      'put it at the end of this series; again for more',
      collectOf(nameOf('series name')),
    )
    .option('--description <D>', 'what it is')
    .option('--label <K=V>', 'a label; again for more', collect)
    .option('--state <ST>', 'TESTABLE, RESTRICTED or PUBLISHED (default)', parseState)
    .option('--private', 'never show it to a peer')
    .option('--in-place', 'leave the content where it is instead of taking a copy')
    .option('--owner', 'of a directory: record user and group of each entry')
}

async function importImage(options: ImportOptions, invocation: Invocation): Promise<void> {
  const { client, output } = invocation
  const body = given({
    image: options.image,
    path: invocation.path(options.path, '--path'),
    parent: options.parent,
    imageType: options.imagetype,
    version: options.version,
    series: options.series,
    description: options.description,
    labels: options.label === undefined ? undefined : parseLabels(options.label),
    state: options.state,
    private: options.private,
    inPlace: options.inPlace,
    owner: options.owner,
  })
  const image = await withProgress(
    invocation,
    options.image,
    async (call) => await client.importImage(body, call),
  )
  output.result(image, () => {
    const made = options.parent === undefined ? 'imported' : 'added'
    output.line(
      `${made} ${image.ref}: ${formatBytes(image.size)}, ${image.private ? 'private' : image.state}`,
    )
    output.line(`image id: ${image.id}`)
  })
}
