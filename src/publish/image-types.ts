import type { Clock } from '../core/clock.ts'
import { IngotError } from '../core/errors.ts'
import type { Limits } from '../core/limits.ts'
import { checkName } from '../core/names.ts'
import { builtInTypes, checkBuiltInType, isBuiltInType, type BuiltInType } from '../image/manifest.ts'
import type { State } from '../state/state.ts'

/** A type with the built-in one that it stands on; a built-in type is its own base type. */
export interface ResolvedType {
  type: string
  baseType: BuiltInType
}

/** The type of that name, built in or defined here. Throws `not-found` with the list. */
export function resolveImageType(state: State, name: string): ResolvedType {
  if (isBuiltInType(name)) return { type: name, baseType: name }
  const own = state.imageTypes.get(name)
  if (own !== undefined) return { type: own.name, baseType: own.baseType }
  const all = [...builtInTypes, ...state.imageTypes.list().map((type) => type.name)]
  throw new IngotError('not-found', `no image type ${JSON.stringify(name)}`, {
    hint: `use one of ${all.join(', ')}; "ingot add imagetype" defines another`,
  })
}

/** A foreign image's type as it is called here: the same where it is known here with the same base type, else its base type. */
export function localImageType(state: State, { type, baseType }: ResolvedType): ResolvedType {
  const known = isBuiltInType(type) || state.imageTypes.get(type)?.baseType === baseType
  return known ? { type, baseType } : { type: baseType, baseType }
}

/** This server's own image types. */
export class ImageTypeEditor {
  readonly #components: { selfId: string; state: State; clock: Clock; limits: Limits }

  constructor(components: { selfId: string; state: State; clock: Clock; limits: Limits }) {
    this.#components = components
  }

  /** Defines a type. Throws `conflict` when there is one of that name, in whatever case. */
  add(name: string, baseType: string): void {
    const { state, clock, limits } = this.#components
    checkName(name, 'image type')
    const base = checkBuiltInType(baseType)
    const own = state.imageTypes.list()
    const taken = [...builtInTypes, ...own.map((type) => type.name)]
    const same = taken.find((other) => other.toLowerCase() === name.toLowerCase())
    if (same !== undefined) {
      throw new IngotError('conflict', `there is an image type ${same} already`, {
        hint: '"ingot query imagetype" lists the types; names that differ only in case count as the same',
      })
    }
    if (own.length >= limits.imageTypes) {
      throw new IngotError('conflict', `${limits.imageTypes} image types are defined; no more are taken`, {
        hint: '"ingot delete imagetype" deletes one that no image has',
      })
    }
    state.db.durably(() => state.imageTypes.add({ name, baseType: base }, clock.now()))
  }

  /** Throws `conflict` for a built-in type and for one that own images have. */
  delete(name: string): void {
    const { selfId, state } = this.#components
    if (isBuiltInType(name)) {
      throw new IngotError('conflict', `${name} is built in; it cannot be deleted`, {
        hint: 'only types that "ingot add imagetype" defined can be deleted',
      })
    }
    if (state.imageTypes.get(name) === undefined) resolveImageType(state, name)
    const images = state.images.countOfType(selfId, name)
    if (images > 0) {
      throw new IngotError('conflict', `${images} own images are of type ${name}`, {
        hint: `"ingot query image --imagetype ${name}" lists them; delete them first`,
      })
    }
    state.db.durably(() => state.imageTypes.delete(name))
  }
}
