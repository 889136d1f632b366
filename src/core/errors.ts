/**
 * What can go wrong, as a closed list. The edges translate: the CLI to exit codes, the control API to HTTP
 * statuses, the wire to the codes of its own lists. Never match on message text.
 */
export type ErrorCode =
  | 'usage' // the request is not well formed
  | 'not-found' // no such thing here
  | 'conflict' // another thing has that name, or the state does not allow it
  | 'peer-unreachable' // no link to that peer now
  | 'daemon-unreachable' // no daemon behind the socket
  | 'invalid' // what came from outside does not validate
  | 'too-large' // beyond a named limit
  | 'timeout' // a step took longer than its named limit
  | 'no-space' // the disk is full, or would be
  | 'changed-on-disk' // a file is not what it was when it was registered
  | 'not-announced' // the peer does not offer that image (any more)
  | 'busy' // a limit on parallel work is reached; try again later
  | 'wrong-content' // bytes that do not verify
  | 'protocol' // a peer broke the protocol
  | 'unsupported' // the other side speaks another version
  | 'link-lost' // the connection went away in the middle
  | 'aborted' // stopped on request
  | 'timed-out-waiting' // what was waited for did not come
  | 'failed' // everything else

/** The one error class of ingot: what (message), why (cause) and what to do (hint). */
export class IngotError extends Error {
  readonly code: ErrorCode
  readonly hint: string | undefined
  /** Milliseconds after which to try again, as a busy peer asked. */
  readonly retryAfterMs: number | undefined

  constructor(
    code: ErrorCode,
    message: string,
    options: { hint?: string; cause?: unknown; retryAfterMs?: number } = {},
  ) {
    super(message, options.cause === undefined ? {} : { cause: options.cause })
    this.name = 'IngotError'
    this.code = code
    this.hint = options.hint
    this.retryAfterMs = options.retryAfterMs
  }
}

/** True for an IngotError, of one of the codes where some are given. */
export function isIngotError(error: unknown, ...codes: ErrorCode[]): error is IngotError {
  return error instanceof IngotError && (codes.length === 0 || codes.includes(error.code))
}

/** The system's error code (`ENOENT` …) of an error from Node, else undefined. */
export function systemCode(error: unknown): string | undefined {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code
  return undefined
}

/** One line that says what happened, for logs and operators; never a stack. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const text = error.message === '' ? error.name : error.message
  return error.cause instanceof Error && !text.includes(error.cause.message)
    ? `${text}: ${error.cause.message}`
    : text
}

/**
 * Translates an error of the file system, so that an operator reads what to do. `what` begins the sentence,
 * as in "cannot read /srv/x.iso".
 */
export function fileError(error: unknown, what: string): IngotError {
  if (isIngotError(error)) return error
  switch (systemCode(error)) {
    case 'ENOENT':
      return new IngotError('not-found', `${what}: it does not exist`, {
        cause: error,
        hint: 'check the path; a relative one starts from the directory in which you call',
      })
    case 'EACCES':
    case 'EPERM':
      return new IngotError('failed', `${what}: permission denied`, {
        cause: error,
        hint: 'the daemon needs the rights, not the shell from which you call',
      })
    case 'ENOSPC':
    case 'EDQUOT':
      return new IngotError('no-space', `${what}: no space left on the device`, {
        cause: error,
        hint: 'free space on the file system of the images directory',
      })
    case 'EROFS':
      return new IngotError('failed', `${what}: the file system is read-only`, {
        cause: error,
        hint: 'mount it writable, or put the images elsewhere with --images DIR',
      })
    default:
      return new IngotError('failed', `${what}: ${describeError(error)}`, {
        cause: error,
        hint: 'the kernel log may say more about the disk',
      })
  }
}
