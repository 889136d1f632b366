import { PassThrough } from 'node:stream'
import type { Io } from '../../src/cli/grammar.ts'
import { systemClock } from '../../src/core/clock.ts'

/** What stands around a command line in tests: nothing of the surroundings of this process, and output that goes nowhere. */
export function testIo(around: Partial<Io> = {}): Io {
  return {
    stdin: new PassThrough().end(),
    stdout: new PassThrough(),
    stderr: new PassThrough(),
    env: {},
    cwd: '/',
    systemHome: '/nonexistent/system',
    userHome: '/nonexistent/user',
    clock: systemClock,
    signal: new AbortController().signal,
    armInterrupt: () => {},
    ...around,
  }
}
