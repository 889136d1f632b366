/** Time as everything in ingot sees it; handed in, so that tests can turn it. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number
  /** Resolves after `ms` milliseconds; rejects with the signal's reason when that is aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

/** A timer of Node takes no more than 24 days: a clock that was set back must not make a busy loop of it. Milliseconds. */
export const MOST_PAUSE_MS = 86_400_000

export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted === true) {
        reject(signal.reason as Error)
        return
      }
      const onAbort = () => {
        clearTimeout(timer)
        reject(signal?.reason as Error)
      }
      const timer = setTimeout(() => {
        signal?.removeEventListener('abort', onAbort)
        resolve()
      }, ms)
      signal?.addEventListener('abort', onAbort, { once: true })
    }),
}

/**
 * A growing, jittered pause in milliseconds for attempt 0, 1, 2 …: doubles from `minMs` to `maxMs`, times
 * 0.5 to 1.5 by `random` (uniform in [0, 1)), so that many peers that lost the same site do not return as one.
 */
export function backoff(attempt: number, minMs: number, maxMs: number, random: () => number): number {
  const base = Math.min(maxMs, minMs * 2 ** Math.min(attempt, 30))
  return Math.round(base * (0.5 + random()))
}
