import type { ImageDocument } from '../control/documents.ts'
import { damageText, rangesText } from '../image/damage.ts'
import type { Output } from './output.ts'
import { stateCell, type Cell } from './table.ts'
import { formatBytes, formatTime, listText } from './text.ts'

/** A line for each image. */
export function imageTable(output: Output, images: readonly ImageDocument[]): void {
  output.table(
    ['IMAGE', 'TYPE', { title: 'SIZE', align: 'right' }, 'STATE', 'STATUS', 'VERSION'],
    images.map((image) => [
      image.ref,
      image.type,
      formatBytes(image.size),
      stateText(image),
      statusCell(image),
      image.version,
    ]),
  )
}

/** A line for each peer that has told of one of the images. */
export function holderTable(output: Output, images: readonly ImageDocument[]): void {
  const rows = images.flatMap((image) =>
    (image.holders ?? []).map((holder): Cell[] => [
      image.ref,
      holder.peer,
      stateCell(holder.state),
      formatTime(holder.since),
      holder.reason ?? '',
    ]),
  )
  if (rows.length === 0) {
    output.note('no peer has told of these images')
    return
  }
  output.line('')
  output.table(['IMAGE', 'HOLDER', 'STATE', 'SINCE', 'REASON'], rows)
}

/** One image in full. */
export function imageFields(image: ImageDocument): [string, Cell][] {
  const labels = Object.entries(image.labels).map(([key, value]) => `${key}=${value}`)
  return [
    ['image', image.ref],
    ['image id', image.id],
    ['origin', `${image.origin} (${image.originId})`],
    ['type', image.type === image.baseType ? image.type : `${image.type} (${image.baseType})`],
    ['kind', image.kind],
    ['version', image.version],
    ['state', stateText(image)],
    ['status', stateCell(image.status)],
    ...damageFields(image),
    ['at origin', image.atOrigin ?? '-'],
    ['size', `${formatBytes(image.size)} (${image.size} bytes)`],
    ['sha256', sha256Text(image)],
    ['content', image.content],
    ['path', image.path ?? '-'],
    ['link', image.link ?? '-'],
    ['series', listText(image.series)],
    ['ancestors', listText(image.ancestors.map(({ id, ref }) => ref ?? id))],
    ['descendants', listText((image.descendants ?? []).map(({ ref }) => ref))],
    ['created', formatTime(image.createdAt)],
    ['enabled', formatTime(image.enabledAt)],
    ['verified', formatTime(image.verifiedAt)],
    ['labels', listText(labels)],
    ['description', image.description],
  ]
}

/** What is damaged, and why it is not repaired. */
function damageFields({ damage }: ImageDocument): [string, Cell][] {
  if (damage === null) return []
  const { since, foundBy, ranges, reason } = damage
  const where = ranges.length === 0 ? '' : ` (leaves ${rangesText(damage)})`
  return [
    ['damage', { text: `${damageText(damage)}${where}`, style: 'red' }],
    ['found', `${formatTime(since)} by ${foundBy}`],
    ['not repaired', reason ?? 'not tried yet'],
  ]
}

/** How it stands here, and in brackets that its origin took it back. */
function statusCell({ status, atOrigin }: ImageDocument): Cell {
  return stateCell(status, atOrigin === 'withdrawn' || atOrigin === 'deleted' ? atOrigin : null)
}

function stateText(image: ImageDocument): string {
  return image.private ? `${image.state} (private)` : image.state
}

/** The digest that the origin signed, and whether what is here was found to have it. */
function sha256Text({ sha256, sha256Checked, status }: ImageDocument): string {
  if (sha256 === null) return '-'
  return status === 'enabled' && sha256Checked === false ? `${sha256} (being checked)` : sha256
}
