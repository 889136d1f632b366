import type { FastifyInstance } from 'fastify'
import { IngotError } from '../core/errors.ts'
import { builtInTypes, isBuiltInType } from '../image/manifest.ts'
import type { RouteContext } from './context.ts'
import type { ImageTypeDocument } from './documents.ts'
import { ImageTypeBody } from './schema.ts'

/** Image types, built in and of this server. */
export function imageTypeRoutes(app: FastifyInstance, context: RouteContext): void {
  const { selfId, state, audited, imageTypes } = context
  const document = (name: string, baseType: string): ImageTypeDocument => ({
    name,
    baseType,
    builtIn: isBuiltInType(name),
    images: state.images.countOfType(selfId, name),
  })

  app.get('/v1/imagetypes', (): { imageTypes: ImageTypeDocument[] } => ({
    imageTypes: [
      ...builtInTypes.map((name) => document(name, name)),
      ...state.imageTypes.list().map(({ name, baseType }) => document(name, baseType)),
    ],
  }))

  app.post(
    '/v1/imagetypes',
    { schema: { body: ImageTypeBody } },
    async (request): Promise<ImageTypeDocument> => {
      const { imageType, baseType } = request.body as ImageTypeBody
      if (baseType === undefined) {
        throw new IngotError('usage', 'a new image type needs a base type', {
          hint: `one of ${builtInTypes.join(', ')}`,
        })
      }
      await audited('add imagetype', `${imageType} on ${baseType}`, () => imageTypes.add(imageType, baseType))
      return document(imageType, baseType)
    },
  )

  app.delete('/v1/imagetypes', { schema: { body: ImageTypeBody } }, async (request): Promise<object> => {
    const { imageType } = request.body as ImageTypeBody
    await audited('delete imagetype', imageType, () => imageTypes.delete(imageType))
    return {}
  })
}
