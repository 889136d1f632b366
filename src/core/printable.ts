/** C0, DEL, C1, line and paragraph separators, and the marks that turn the direction of text. */
// oxlint-disable-next-line no-control-regex -- these are what has to go
const unprintable = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g

/**
 * One line of text that is safe on a terminal: reasons, descriptions and labels come from peers. White space of any kind
 * becomes a space; every other control character is dropped.
 */
export function printable(text: string): string {
  return text.replace(/[\t\n\r\u2028\u2029]+/g, ' ').replace(unprintable, '')
}

/** JSON in one line. What a terminal could act on is escaped, so the data stays what it was. */
export function printableJson(value: unknown): string {
  return escapeJson(JSON.stringify(value))
}

/** One line of JSON, without its newline, in which what a terminal could act on is escaped. */
export function escapeJson(line: string): string {
  return line.replace(
    unprintable,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
