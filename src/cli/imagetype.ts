import type { Grammar, Invocation } from './grammar.ts'
import { nameOf, oneOf } from './options.ts'

/** `add imagetype`, `delete imagetype` and `query imagetype`. */
export function addImageTypeCommands(grammar: Grammar): void {
  const name = nameOf('image type')
  grammar
    .command('add imagetype', {
      summary: 'make an image type of one that is built in',
      example: 'ingot add imagetype --imagetype ORAHOME --basetype SOFTWARE',
    })
    .requiredOption('--imagetype <NAME>', 'its name', name)
    .requiredOption('--basetype <B>', 'the built-in type that it is a kind of')
    .action(grammar.action(addImageType))
  grammar
    .command('delete imagetype', {
      summary: 'delete an image type that no image has',
      example: 'ingot delete imagetype --imagetype ORAHOME',
    })
    .requiredOption('--imagetype <T>', 'the image type', name)
    .action(grammar.action(deleteImageType))
  grammar
    .command('query imagetype', {
      summary: 'show the image types of this server',
      example: 'ingot query imagetype',
    })
    .action(grammar.action(queryImageType))
}

async function addImageType(
  options: { imagetype: string; basetype: string },
  { client, output }: Invocation,
): Promise<void> {
  // Not at the start: it brings in all of the cryptography, which would double the time that every command takes to begin.
  const { builtInTypes } = await import('../image/manifest.ts')
  const baseType = oneOf(builtInTypes, options.basetype, 'a base type')
  const type = await client.addImageType(options.imagetype, baseType)
  output.result(type, () => output.line(`added the image type ${type.name}, a kind of ${type.baseType}`))
}

async function deleteImageType(
  { imagetype }: { imagetype: string },
  { client, output }: Invocation,
): Promise<void> {
  await client.deleteImageType(imagetype)
  output.result({ imageType: imagetype, deleted: true }, () =>
    output.line(`deleted the image type ${imagetype}`),
  )
}

async function queryImageType(_options: object, { client, output }: Invocation): Promise<void> {
  const { imageTypes } = await client.imageTypes()
  output.data({ imageTypes }, () => {
    output.table(
      ['TYPE', 'BASE TYPE', 'BUILT IN', { title: 'OWN IMAGES', align: 'right' }],
      imageTypes.map(({ name, baseType, builtIn, images }) => [
        name,
        baseType,
        builtIn ? 'yes' : 'no',
        String(images),
      ]),
    )
  })
}
