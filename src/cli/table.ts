import type { InspectColor } from 'node:util'
import { printable } from '../core/printable.ts'

/** Text of one cell, with a colour for terminals that have them. */
export type Cell = string | { text: string; style: InspectColor }

/** Title of a column; numbers are aligned to the right. */
export type Column = string | { title: string; align: 'right' }

/** Applies a style, or does not. */
export type Paint = (style: InspectColor, text: string) => string

/**
 * Lines of a table with aligned columns and a header row. Cells are made {@link printable} here, so that no caller can
 * forget it.
 */
export function tableLines(
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  paint: Paint,
): string[] {
  const header = columns.map((column): Cell => ({ text: titleOf(column), style: 'bold' }))
  const lines = [header, ...rows].map((row) => row.map(clean))
  const widths = columns.map((_, index) => Math.max(...lines.map((row) => widthOf(row[index]?.text ?? ''))))
  return lines.map((row) =>
    row
      .map(({ text, style }, index) => {
        const padding = ' '.repeat((widths[index] ?? 0) - widthOf(text))
        const painted = style === undefined ? text : paint(style, text)
        if (typeof columns[index] === 'object') return padding + painted
        return index === columns.length - 1 ? painted : painted + padding
      })
      .join('  ')
      .trimEnd(),
  )
}

/** Lines of `label: value`, values aligned. */
export function fieldLines(fields: readonly (readonly [string, Cell])[], paint: Paint): string[] {
  const width = Math.max(...fields.map(([label]) => label.length)) + 1
  return fields.map(([label, value]) => {
    const { text, style } = clean(value)
    return `${`${label}:`.padEnd(width)} ${style === undefined ? text : paint(style, text)}`.trimEnd()
  })
}

const styles: Record<string, InspectColor> = {
  enabled: 'green',
  DONE: 'green',
  up: 'green',
  ok: 'green',
  wanted: 'green',
  PAUSED: 'yellow',
  warning: 'yellow',
  WAITING: 'yellow',
  waiting: 'yellow',
  connecting: 'yellow',
  suspended: 'yellow',
  FAILED: 'red',
  CONFLICT: 'red',
  conflict: 'red',
  damaged: 'red',
  CANCELLED: 'red',
  down: 'red',
  refused: 'red',
  failure: 'red',
}

/** A state in the colour of what it means to an operator; `addition` stands behind it in brackets. */
export function stateCell(state: string, addition: string | null = null): Cell {
  const style = Object.hasOwn(styles, state) ? styles[state] : undefined
  const text = addition === null ? state : `${state} (${addition})`
  return style === undefined ? text : { text, style }
}

function titleOf(column: Column): string {
  return typeof column === 'string' ? column : column.title
}

function clean(cell: Cell): { text: string; style: InspectColor | undefined } {
  return typeof cell === 'string'
    ? { text: printable(cell), style: undefined }
    : { text: printable(cell.text), style: cell.style }
}

/** Columns that `text` takes, as far as one per character goes: names are ASCII, other text stands last in its row. */
function widthOf(text: string): number {
  return Array.from(text).length
}
