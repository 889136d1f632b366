import type { SealedManifest } from '../image/manifest.ts'
import { selectorText, type Selector } from './selector.ts'

/** The outcome for one image: wanted by the first selector that matches, or by none. */
export interface Verdict {
  wanted: boolean
  /** Text of the selector that wants it; why not, otherwise. */
  rule: string
}

/** True when the selector takes this image. */
export function matches(selector: Selector, image: SealedManifest): boolean {
  switch (selector.kind) {
    case 'all':
      return true
    case 'image':
      return image.id === selector.image || image.manifest.ancestors.includes(selector.image)
    case 'imagetype':
      return image.manifest.type === selector.imageType
  }
}

/** The wanted set is the union of a peer's selectors. */
export function evaluate(selectors: readonly Selector[], image: SealedManifest): Verdict {
  const first = selectors.find((selector) => matches(selector, image))
  if (first !== undefined) return { wanted: true, rule: selectorText(first) }
  return { wanted: false, rule: selectors.length === 0 ? 'no subscription' : 'no selector matches' }
}
