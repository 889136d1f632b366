import type { ImportBody } from '../control/schema.ts'
import type { ImageState } from '../image/states.ts'
import type { Grammar, Invocation } from './grammar.ts'
import { collect, nameOf, parseLabels, parseState } from './options.ts'
import { Progress } from './progress.ts'
import { formatBytes } from './text.ts'

interface ImportOptions {
  image: string
  path: string
  imagetype?: string
  version?: string
  description?: string
  label?: string[]
  state?: ImageState
  private?: boolean
  inPlace?: boolean
}

/** `import image`. */
export function addImportCommands(grammar: Grammar): void {
  grammar
    .command('import image', {
      summary: 'make an image of this server from a file',
      example: 'ingot import image --image ol9-base --path /srv/ol9.qcow2 --imagetype DISK --version 9.4',
    })
    .requiredOption('--image <NAME>', 'its name', nameOf('image name'))
    .requiredOption('--path <FILE>', 'the file, as the daemon sees it')
    .option('--imagetype <T>', 'its type, such as DISK, OS, ISO or SOFTWARE', nameOf('image type'))
    .option('--version <V>', 'its version')
    .option('--description <D>', 'what it is')
    .option('--label <K=V>', 'a label; again for more', collect)
    .option('--state <ST>', 'TESTABLE, RESTRICTED or PUBLISHED (default)', parseState)
    .option('--private', 'never show it to a peer')
    .option('--in-place', 'leave the file where it is instead of taking a copy')
    .action(grammar.action(importImage))
}

async function importImage(options: ImportOptions, invocation: Invocation): Promise<void> {
  const { client, output } = invocation
  const body: ImportBody = {
    image: options.image,
    path: invocation.path(options.path, '--path'),
    ...(options.imagetype === undefined ? {} : { imageType: options.imagetype }),
    ...(options.version === undefined ? {} : { version: options.version }),
    ...(options.description === undefined ? {} : { description: options.description }),
    ...(options.label === undefined ? {} : { labels: parseLabels(options.label) }),
    ...(options.state === undefined ? {} : { state: options.state }),
    ...(options.private === true ? { private: true } : {}),
    ...(options.inPlace === true ? { inPlace: true } : {}),
  }
  const signal = invocation.interruptible()
  const progress = await Progress.open(output, options.image)
  try {
    const image = await client.importImage(body, {
      signal,
      onProgress: (done, total) => progress.update(done, total),
    })
    progress.stop()
    output.result(image, () => {
      output.line(
        `imported ${image.ref}: ${formatBytes(image.size)}, ${image.private ? 'private' : image.state}`,
      )
      output.line(`image id: ${image.id}`)
    })
  } finally {
    progress.stop()
  }
}
