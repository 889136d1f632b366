import { setTimeout as pause } from 'node:timers/promises'
import { inspect } from 'node:util'

export interface WaitOptions {
  /** Milliseconds; default 5 000. */
  timeoutMs?: number
  /** What is waited for, for the error. */
  what: string
  /** The state that shows why it did not come. */
  dump?: () => unknown
}

/** What a condition gives while it does not hold. */
type Falsy = undefined | null | false

/**
 * Resolves to what `condition` gives as soon as that is neither false nor absent. It is asked every few milliseconds: see also {@link pass}.
 */
export async function waitFor<T>(
  condition: () => T | Falsy | Promise<T | Falsy>,
  options: WaitOptions,
): Promise<T> {
  const timeoutMs = options.timeoutMs ?? 5_000
  const deadline = performance.now() + timeoutMs
  for (;;) {
    const value = await condition()
    if (value !== undefined && value !== null && value !== false) return value
    if (performance.now() > deadline) {
      const state =
        options.dump === undefined ? '' : `\n${inspect(await options.dump(), { depth: 8, breakLength: 110 })}`
      throw new Error(`${options.what}: did not come within ${timeoutMs} ms${state}`)
    }
    await pause(5)
  }
}

/** Lets time pass, for tests of rules about time: that nothing ends before its limit, or that a sender is slow. Milliseconds. */
export async function pass(ms: number): Promise<void> {
  await pause(ms)
}
