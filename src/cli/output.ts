import { styleText, type InspectColor } from 'node:util'
import { IngotError, describeError, isIngotError, systemCode } from '../core/errors.ts'
import { printable, printableJson } from '../core/printable.ts'
import type { ErrorDocument } from '../control/documents.ts'
import { fieldLines, tableLines, type Cell, type Column, type Paint } from './table.ts'

/** A standard stream; a terminal says so. */
export type OutputStream = NodeJS.WritableStream & { isTTY?: boolean }

export interface OutputOptions {
  stdout: OutputStream
  stderr: OutputStream
  json: boolean
  quiet: boolean
  color: boolean
}

/**
 * Everything the command line prints. Text for people goes through {@link printable}; with `--json` stdout carries JSON
 * and nothing else.
 */
export class Output {
  readonly json: boolean
  readonly quiet: boolean
  readonly stderr: OutputStream
  readonly #stdout: OutputStream
  readonly #paint: Paint
  readonly #paintError: Paint
  #closed = false
  #failure: Error | undefined

  constructor(options: OutputOptions) {
    this.json = options.json
    this.quiet = options.quiet
    this.stderr = options.stderr
    this.#stdout = options.stdout
    this.#paint = painter(options.stdout, options.color)
    this.#paintError = painter(options.stderr, options.color)
    options.stdout.on('error', (error: Error) => {
      this.#closed = true
      if (systemCode(error) !== 'EPIPE') this.#failure = error
    })
    options.stderr.on('error', () => {
      // nobody reads what went wrong; the exit code still says it
    })
  }

  /** True once the reader of stdout has gone. */
  get closed(): boolean {
    return this.#closed
  }

  /** What was asked for: `document` with `--json`, else what `people` prints. */
  data(document: unknown, people: () => void): void {
    if (this.json) this.jsonLine(document)
    else people()
  }

  /** What a command did; like {@link data}, but nothing with `--quiet`. */
  result(document: unknown, people: () => void): void {
    if (!this.quiet) this.data(document, people)
  }

  jsonLine(value: unknown): void {
    this.raw(`${printableJson(value)}\n`)
  }

  /** One line on stdout. */
  line(text: string): void {
    this.raw(`${printable(text)}\n`)
  }

  table(columns: readonly Column[], rows: readonly (readonly Cell[])[]): void {
    this.#lines(tableLines(columns, rows, this.#paint))
  }

  fields(fields: readonly (readonly [string, Cell])[]): void {
    this.#lines(fieldLines(fields, this.#paint))
  }

  /** Exactly this text on stdout: a file's content, help. */
  raw(text: string): void {
    if (!this.#closed) this.#stdout.write(text)
  }

  /** One line on stderr that is not an error; nothing with `--json` or `--quiet`. */
  note(text: string): void {
    if (!this.json && !this.quiet) this.stderr.write(`${printable(text)}\n`)
  }

  error(error: IngotError): void {
    const hint = error.hint ?? null
    if (this.json) {
      const document: ErrorDocument = { error: { code: error.code, message: error.message, hint } }
      this.stderr.write(`${printableJson(document)}\n`)
      return
    }
    this.stderr.write(`${this.#paintError('red', 'ingot:')} ${printable(error.message)}\n`)
    if (hint !== null) this.stderr.write(`${this.#paintError('dim', `  ${printable(hint)}`)}\n`)
  }

  /** Waits until stdout has taken everything; throws when it could not. A reader that has gone is no error. */
  async flush(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#stdout.write('', () => setImmediate(resolve)) // the stream tells of its error after the callback
    })
    if (this.#failure === undefined) return
    throw new IngotError('failed', `cannot write the output: ${this.#failure.message}`, {
      cause: this.#failure,
    })
  }

  #lines(lines: readonly string[]): void {
    for (const line of lines) this.raw(`${line}\n`)
  }
}

/** Anything thrown, as an IngotError; a connection that broke in the middle of an answer is the daemon's. */
export function toIngotError(error: unknown): IngotError {
  if (isIngotError(error)) return error
  const code = systemCode(error)
  if (code === 'ECONNRESET' || code === 'EPIPE') {
    return new IngotError('daemon-unreachable', 'the daemon ended in the middle of the answer', {
      cause: error,
      hint: 'see its log, and "ingot status" once it runs again',
    })
  }
  return new IngotError('failed', describeError(error), { cause: error })
}

/** Colours as the stream and NO_COLOR allow them. */
function painter(stream: OutputStream, color: boolean): Paint {
  return (style: InspectColor, text: string) => (color ? styleText(style, text, { stream }) : text)
}
