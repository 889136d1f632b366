import { inUnits, sum, type LinkReport, type Report } from './report.ts'

const SIZE = 1000
const RADIUS = 400
const NODE = 16
/** Lines from the thinnest to the widest. */
const WIDTHS = { least: 1, most: 14 } as const
/** Above so many links their labels would hide the picture: only the title of each tells its bytes. */
const LABELLED_LINKS = 60

interface Point {
  x: number
  y: number
}

/** The topology as SVG: servers, and a line for each link, the wider the more bytes it brought. */
export function asPicture(report: Report): string {
  const names = Array.from({ length: report.servers }, (_, index) => `server${index}`)
  const places = new Map(names.map((name, index) => [name, placeOf(index, report)]))
  const most = Math.max(1, ...report.links.map(({ bytes }) => sum(bytes)))
  const links = report.links.map((link) =>
    drawLink(link, places, { most, labelled: report.links.length <= LABELLED_LINKS }),
  )
  const nodes = [...places].map(
    ([name, { x, y }]) =>
      `<g><circle cx="${x}" cy="${y}" r="${NODE}"/><text x="${x}" y="${y + 4}">${name.replace('server', '')}</text></g>`,
  )
  const title = `${report.servers} servers, ${report.topology}, ${report.images} images, ${inUnits(report.bytes.moved)}, ${report.violations.length} violations, seed ${report.seed}`
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${SIZE} ${SIZE}" font-family="sans-serif" font-size="12" text-anchor="middle">`,
    '<style>line { stroke: #47a; stroke-opacity: 0.55 } circle { fill: #fff; stroke: #234; stroke-width: 2 } .bytes { font-size: 10px; fill: #345 }</style>',
    `<rect width="${SIZE}" height="${SIZE}" fill="#fff"/>`,
    `<text x="${SIZE / 2}" y="24" font-size="15">${title}</text>`,
    ...links,
    ...nodes,
    '</svg>',
    '',
  ].join('\n')
}

/** On a circle; the middle of a star in its middle. */
function placeOf(index: number, { servers, topology }: Report): Point {
  if (topology === 'star' && index === 0) return { x: SIZE / 2, y: SIZE / 2 }
  const angle = (2 * Math.PI * index) / (topology === 'star' ? servers - 1 : servers)
  return {
    x: Math.round(SIZE / 2 + RADIUS * Math.sin(angle)),
    y: Math.round(SIZE / 2 - RADIUS * Math.cos(angle)),
  }
}

function drawLink(
  { one, other, bytes, needed }: LinkReport,
  places: ReadonlyMap<string, Point>,
  { most, labelled }: { most: number; labelled: boolean },
): string {
  const from = places.get(one)
  const to = places.get(other)
  if (from === undefined || to === undefined) return ''
  const width = WIDTHS.least + (WIDTHS.most - WIDTHS.least) * (sum(bytes) / most)
  const title = `${one} to ${other}: ${inUnits(bytes[0])} (images ${inUnits(needed[0])}), back: ${inUnits(bytes[1])} (images ${inUnits(needed[1])})`
  const label = labelled
    ? `<text class="bytes" x="${(from.x + to.x) / 2}" y="${(from.y + to.y) / 2}">${inUnits(sum(bytes))}</text>`
    : ''
  return `<g><title>${title}</title><line x1="${from.x}" y1="${from.y}" x2="${to.x}" y2="${to.y}" stroke-width="${width.toFixed(1)}"/>${label}</g>`
}
