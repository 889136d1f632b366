import type { ErrorCode } from '../../core/errors.ts'
import type { TaskName } from './tasks.ts'

/** What a thread is asked. */
export interface WorkRequest {
  id: number
  task: TaskName
  argument: unknown
}

/** An error as it crosses threads. */
export interface WorkError {
  message: string
  /** Of ingot's own errors. */
  code: ErrorCode | undefined
  /** Of the system's: ENOSPC, EIO. */
  system: string | undefined
}

/** What a thread answers. */
export type WorkAnswer = { id: number; result: unknown } | { id: number; error: WorkError }
