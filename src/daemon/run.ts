import { once } from 'node:events'
import { systemClock } from '../core/clock.ts'
import { describeError } from '../core/errors.ts'
import { createLogger } from '../core/logger.ts'
import { loadConfig, type ConfigOptions } from './config.ts'
import { Server, type Ready } from './server.ts'

export type { Ready } from './server.ts'

/**
 * Runs a server in this process until SIGTERM or SIGINT, then stops it in order (a second signal cuts that short). Rejects
 * with an IngotError when it cannot start.
 */
export async function runDaemon(options: ConfigOptions & { onReady: (ready: Ready) => void }): Promise<void> {
  // The modes are those that docs/operations.md names, whatever the mask of the shell: what is private says so itself.
  process.umask(0o022)
  const config = await loadConfig(options)
  const logger = createLogger(config.logLevel)
  const server = new Server({ logger, clock: systemClock, random: Math.random }, config)
  const signals = Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT')])
  options.onReady(await server.start())
  await signals
  logger.info({ home: config.home }, 'stopping')
  const exit = (why: string) => {
    logger.warn({ why }, 'the ordered stop was cut short')
    process.exit(1)
  }
  process.once('SIGTERM', () => exit('a second signal'))
  process.once('SIGINT', () => exit('a second signal'))
  const timer = setTimeout(() => exit('it took too long'), config.limits.stopMs)
  try {
    await server.stop()
  } catch (error) {
    logger.error({ error: describeError(error) }, 'the stop was not orderly')
    return exit('a part of it failed')
  }
  clearTimeout(timer)
}
