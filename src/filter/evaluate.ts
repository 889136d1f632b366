import type { Digest } from '../image/digest.ts'
import type { SealedManifest } from '../image/manifest.ts'
import { selectorText, type Selector } from './selector.ts'

/**
 * One image of a peer as selectors see it. Ordinals number what was taken in of that peer, over all its journals: what came
 * later has a higher one.
 */
export interface Candidate {
  sealed: SealedManifest
  /** When it was published. */
  ordinal: number
  /** The series of its origin in which it is, and when it was inserted. */
  series: readonly { series: string; ordinal: number }[]
}

/** A selector with what its subscription says besides. */
export interface Standing {
  selector: Selector
  /** Takes only what came after `ordinal`. */
  newOnly: boolean
  ordinal: number
  /** With a bound on how many stay: the newest of what the selector matches; undefined without. */
  kept: ReadonlySet<Digest> | undefined
}

/** Whether one selector wants an image, and why or why not. */
export interface Match {
  matches: boolean
  why: string
}

/** The outcome for one image: wanted by the most specific selector that matches, or by none. */
export interface Verdict<S extends Standing = Standing> {
  wanted: boolean
  /** Text of the selector that wants it; why not, otherwise. */
  rule: string
  by: S | undefined
}

const yes = (why: string): Match => ({ matches: true, why })
const no = (why: string): Match => ({ matches: false, why })

/** Whether the selector alone takes this image, whatever its subscription says besides. */
export function matchSelector(selector: Selector, { sealed, series }: Candidate): Match {
  const { manifest, id } = sealed
  switch (selector.kind) {
    case 'all':
      return yes('it takes every image of this peer')
    case 'image':
      if (id === selector.image) return yes('it is this image')
      return manifest.ancestors.includes(selector.image)
        ? yes('the image is a descendant of it')
        : no('the image is neither this one nor a descendant of it')
    case 'series':
      return series.some((each) => each.series === selector.series)
        ? yes('the image is in this series')
        : no('the image is not in this series')
    case 'imagetype':
      return manifest.type === selector.imageType
        ? yes('the image is of this type')
        : no(`the image is of type ${manifest.type}`)
  }
}

/** Evaluates one standing selector for one image. */
export function match(standing: Standing, candidate: Candidate): Match {
  const { selector, newOnly, ordinal, kept } = standing
  const matched = matchSelector(selector, candidate)
  if (!matched.matches) return matched
  const inserted =
    selector.kind === 'series'
      ? (candidate.series.find((each) => each.series === selector.series)?.ordinal ?? 0)
      : 0
  if (newOnly && Math.max(candidate.ordinal, inserted) <= ordinal)
    return no(`${matched.why}, but it came before the subscription, which takes only what is new`)
  if (kept !== undefined && !kept.has(candidate.sealed.id))
    return no(`${matched.why}, but newer ones fill the number that is kept`)
  return matched
}

const specificity: Record<Selector['kind'], number> = { image: 0, series: 1, imagetype: 2, all: 3 }

/** Most specific first (image, series, image type, all); among equals the one that was made first. */
export function bySpecificity(one: Standing, other: Standing): number {
  return specificity[one.selector.kind] - specificity[other.selector.kind]
}

/**
 * The wanted set is the union of a peer's selectors. Of those that match, the most specific decides how an image arrives;
 * `standings` come sorted by {@link bySpecificity}.
 */
export function evaluate<S extends Standing>(standings: readonly S[], candidate: Candidate): Verdict<S> {
  const by = standings.find((standing) => match(standing, candidate).matches)
  if (by !== undefined) return { wanted: true, rule: selectorText(by.selector), by }
  return { wanted: false, rule: whyNot(standings, candidate), by: undefined }
}

/** The nearest miss: a selector that takes the image, but for what its subscription says besides. */
function whyNot(standings: readonly Standing[], candidate: Candidate): string {
  const near = standings.find(({ selector }) => matchSelector(selector, candidate).matches)
  if (near !== undefined) return `${selectorText(near.selector)}: ${match(near, candidate).why}`
  return standings.length === 0 ? 'no subscription' : 'no selector matches'
}
