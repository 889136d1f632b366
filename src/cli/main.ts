import { homedir } from 'node:os'
import { systemClock } from '../core/clock.ts'
import { IngotError } from '../core/errors.ts'
import { run } from './run.ts'

const interruption = new AbortController()

process.exitCode = await run(process.argv.slice(2), {
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  cwd: process.cwd(),
  systemHome: '/var/lib/ingot',
  userHome: homedir(),
  clock: systemClock,
  signal: interruption.signal,
  armInterrupt: () => {
    // Once: a second Ctrl-C ends the process at once.
    process.once('SIGINT', () => interruption.abort(new IngotError('aborted', 'interrupted')))
  },
})
