import { pino } from 'pino'
import { escapeJson } from './printable.ts'

/** Structured log: a fixed message and fields (`peer`, `image`, `job` …). Never payloads, never secrets. */
export interface Logger {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

export const logLevels = ['debug', 'info', 'warn', 'error', 'silent'] as const
export type LogLevel = (typeof logLevels)[number]

/**
 * JSON lines on stderr; the service manager that keeps them bounds their size. What a terminal could act on is escaped: names,
 * reasons and details come from peers, and logs are read on terminals.
 */
export function createLogger(level: LogLevel): Logger {
  const stderr = pino.destination({ dest: 2, sync: true })
  const escaped = { write: (line: string) => stderr.write(`${escapeJson(line.trimEnd())}\n`) }
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, escaped)
}

/** A logger that says nothing. */
export const silentLogger: Logger = { debug() {}, info() {}, warn() {}, error() {} }
