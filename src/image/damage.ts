/** Leaves in a row, numbered through a file or through all files of a tree. */
export interface LeafRange {
  first: number
  count: number
}

/** What of a content on this disk is not as its digest says. */
export interface Damage {
  /** Wrong leaves, also those that stand in no range. */
  leaves: number
  /** Where they are, ascending; not all when there are too many. */
  ranges: LeafRange[]
  /** The content index is wrong: what lies under the wrong part of it could not be checked. */
  index: boolean
  /** What else is wrong, for people; not all when there is too much. */
  other: string[]
}

/**
 * Who found a damage: an operator, or the start where a content is gone; the background scrub, or the repair of another damage of the
 * same content.
 */
export type FoundBy = 'verify' | 'scrub' | 'repair'

/** What {@link Damage.other} says of a content that is gone altogether. */
export function missingText(kind: 'file' | 'tree'): string {
  return `the ${kind} is missing`
}

/** Gathers damage as it is found, in the order of the leaves; bounded. */
export class DamageList {
  readonly #most: { damageRanges: number; damageNotes: number }
  readonly #damage: Damage = { leaves: 0, ranges: [], index: false, other: [] }

  constructor(most: { damageRanges: number; damageNotes: number }) {
    this.#most = most
  }

  addLeaves(first: number, count = 1): void {
    const { ranges } = this.#damage
    const isFull = this.#damage.leaves > listedLeaves(this.#damage)
    this.#damage.leaves += count
    if (isFull) return
    const last = ranges.at(-1)
    if (last !== undefined && last.first + last.count === first) last.count += count
    else if (ranges.length < this.#most.damageRanges) ranges.push({ first, count })
  }

  addIndex(what: string): void {
    this.#damage.index = true
    this.addOther(what)
  }

  addOther(what: string): void {
    if (this.#damage.other.length < this.#most.damageNotes) this.#damage.other.push(what)
  }

  /** Undefined when nothing was added. */
  get found(): Damage | undefined {
    const { leaves, index, other } = this.#damage
    return leaves > 0 || index || other.length > 0 ? this.#damage : undefined
  }
}

/** How many wrong leaves stand in ranges. */
export function listedLeaves({ ranges }: Pick<Damage, 'ranges'>): number {
  return ranges.reduce((sum, { count }) => sum + count, 0)
}

/** True when nothing but leaves is wrong. */
export function isLeavesOnly({ index, other }: Damage): boolean {
  return !index && other.length === 0
}

/** One line for people: "3 leaves are wrong; the file is missing". */
export function damageText({ leaves, other }: Pick<Damage, 'leaves' | 'other'>): string {
  const count = leaves === 1 ? '1 leaf is wrong' : `${leaves} leaves are wrong`
  return [...(leaves === 0 ? [] : [count]), ...other].join('; ')
}

/** Most ranges that a text for people names. */
const SHOWN_RANGES = 8

/** Where wrong leaves are, for people: "leaves 3, 7-9 …". */
export function rangesText({ ranges }: Pick<Damage, 'ranges'>): string {
  const shown = ranges
    .slice(0, SHOWN_RANGES)
    .map(({ first, count }) => (count === 1 ? String(first) : `${first}-${first + count - 1}`))
  return `${shown.join(', ')}${ranges.length > SHOWN_RANGES ? ' …' : ''}`
}
