import type { ErrorCode } from '../core/errors.ts'

/** What the process ends with. Scripts rely on these numbers. */
export const exitCode = {
  done: 0,
  failed: 1,
  usage: 2,
  daemonUnreachable: 3,
  notFound: 4,
  /** A conflict, or a precondition that does not hold. */
  conflict: 5,
  peerUnreachable: 6,
  interrupted: 130,
} as const

/**
 * The exit code of every error code. `invalid` and `too-large` are 1, not 2: the command was well formed, what it was
 * given (a damaged server-data file, say) was not.
 */
export const exitCodes: Readonly<Record<ErrorCode, number>> = {
  usage: exitCode.usage,
  'not-found': exitCode.notFound,
  conflict: exitCode.conflict,
  busy: exitCode.conflict,
  'changed-on-disk': exitCode.conflict,
  'peer-unreachable': exitCode.peerUnreachable,
  'daemon-unreachable': exitCode.daemonUnreachable,
  aborted: exitCode.interrupted,
  invalid: exitCode.failed,
  'too-large': exitCode.failed,
  timeout: exitCode.failed,
  'no-space': exitCode.failed,
  'not-announced': exitCode.failed,
  'wrong-content': exitCode.failed,
  protocol: exitCode.failed,
  unsupported: exitCode.failed,
  'link-lost': exitCode.failed,
  'timed-out-waiting': exitCode.failed,
  failed: exitCode.failed,
}

/** The exit code of `code`; 1 for a code of a newer daemon that this command line does not know. */
export function exitCodeOf(code: string): number {
  return Object.hasOwn(exitCodes, code) ? exitCodes[code as ErrorCode] : exitCode.failed
}
