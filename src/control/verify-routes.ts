import type { FastifyInstance } from 'fastify'
import { IngotError, describeError } from '../core/errors.ts'
import { damageText, rangesText } from '../image/damage.ts'
import type { StoredContent } from '../image/content.ts'
import type { Digest } from '../image/digest.ts'
import { PathSource } from '../replicate/repair-source.ts'
import type { ImageRecord } from '../state/images.ts'
import type { DamageRecord } from '../state/integrity.ts'
import { refOf } from '../state/refs.ts'
import { checkWith } from '../store/work/check.ts'
import type { RouteContext } from './context.ts'
import type { ImageDocument } from './documents.ts'
import { answerWithProgress, type LongOperation } from './progress.ts'
import { requireHere } from './resolve.ts'
import { VerifyBody } from './schema.ts'

/** Verification and repair of images that are here. */
export function verifyRoutes(app: FastifyInstance, context: RouteContext): void {
  app.post('/v1/images/verify', { schema: { body: VerifyBody } }, async (request, reply) => {
    const body = request.body as VerifyBody
    await answerWithProgress(context, reply, async (operation) => {
      const image = requireHere(context, body.image)
      return await verifyImage(context, image, body, operation)
    })
  })
}

/** Reads an image leaf by leaf, and repairs it when it is damaged and that is asked for. Throws while it is damaged. */
async function verifyImage(
  context: RouteContext,
  image: ImageRecord,
  { repair = false, path }: VerifyBody,
  operation: LongOperation,
): Promise<ImageDocument> {
  const { state, present, repairs } = context
  const { content: digest } = image.sealed.manifest
  const content = state.images.content(digest)
  if (content === undefined) throw new IngotError('not-found', 'the image was deleted meanwhile')
  if (path !== undefined) await PathSource.open(path, content) // refused before all of the image is read
  const damage = await readAll(context, content, operation)
  if (damage === undefined) return present.image(image.sealed)
  if (!repair) throw damaged(context, image, damage)
  if (path === undefined) repairs.add(digest) // what cannot be done now is done later
  try {
    await context.repair.run(digest, { path, signal: operation.signal })
  } catch (error) {
    const left = state.integrity.damage(digest)
    // That it was done is recorded where it is done: the scrub has it repaired too.
    await context.audited('repair image', refOf(context, image.sealed), () => {
      throw left === undefined ? error : damaged(context, image, left, error)
    })
  }
  return { ...present.image(image.sealed), repaired: damageText(damage) }
}

async function readAll(
  { verification, work }: RouteContext,
  content: StoredContent,
  { signal, onProgress }: LongOperation,
): Promise<DamageRecord | undefined> {
  const check = checkWith(work)
  let done = 0
  const onRead = async (bytes: number) => onProgress((done += bytes), content.size)
  return await verification.verify(content, { by: 'verify', check, onRead, signal })
}

/** What is wrong with an image, why, and what to do. */
function damaged(
  context: RouteContext,
  { sealed }: ImageRecord,
  damage: DamageRecord,
  failure?: unknown,
): IngotError {
  const ref = refOf(context, sealed)
  const where = damage.ranges.length === 0 ? '' : ` (leaves ${rangesText(damage)})`
  const why = failure === undefined ? '' : `, and is not repaired: ${describeError(failure)}`
  return new IngotError('wrong-content', `${ref} is damaged: ${damageText(damage)}${where}${why}`, {
    hint: adviceFor(context, sealed.manifest.content, ref),
    cause: failure,
  })
}

function adviceFor({ selfId, state }: RouteContext, content: Digest, ref: string): string {
  const inPlace = state.images.content(content)?.inPlace
  if (inPlace !== undefined)
    return `it was registered in place and is not written to: bring ${inPlace.path} back as it was, then verify it again`
  const isOwn = state.images.onContent(content).some(({ sealed }) => sealed.manifest.origin === selfId)
  const command = `"ingot verify image --image ${ref} --repair"`
  return isOwn
    ? `${command} takes it from a peer that has it, with --path FILE|DIR from a copy; nothing of it is served until then`
    : `${command} fetches the leaves again from its origin; look at the disk`
}
