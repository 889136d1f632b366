import { given } from './given.ts'
import type { Grammar, Invocation } from './grammar.ts'
import { collect, nameOf } from './options.ts'

interface DaemonOptions {
  name?: string
  listen?: string[]
  advertise?: string[]
  images?: string
  config?: string
}

/** `daemon`: the only command that loads the server itself. */
export function addDaemonCommands(grammar: Grammar): void {
  grammar
    .command('daemon', {
      summary: 'run the server in the foreground',
      example: 'ingot daemon --name hq --listen /ip4/0.0.0.0/tcp/4160',
    })
    .option('--name <N>', 'the name of this server', nameOf('server name'))
    .option('--listen <MULTIADDR>', 'where to listen; again for more', collect)
    .option('--advertise <MULTIADDR>', 'where peers reach it, if not there; again for more', collect)
    .option('--images <DIR>', 'where images are kept')
    .option('--config <FILE>', 'the configuration file')
    .action(grammar.action(runServer))
}

async function runServer(options: DaemonOptions, invocation: Invocation): Promise<void> {
  const { output } = invocation
  const path = (value: string | undefined, option: string) =>
    value === undefined ? undefined : invocation.path(value, option)
  const settings = given({
    home: invocation.daemonHome,
    name: options.name,
    listen: options.listen,
    advertise: options.advertise,
    images: path(options.images, '--images'),
    config: path(options.config, '--config'),
  })
  const { runDaemon } = await import('../daemon/run.ts')
  await runDaemon({
    ...settings,
    onReady: (ready) => {
      output.result({ ready: true, ...ready }, () => {
        const addresses = ready.addresses.join(', ')
        output.line(
          `ingot ${ready.name} ready: ${ready.peerId} listening on ${addresses}; control socket ${ready.socket}`,
        )
      })
    },
  })
}
