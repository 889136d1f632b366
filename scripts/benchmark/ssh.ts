import { mkdir, readFile, rmdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { freePorts, until, type Processes, type Service } from './processes.ts'
import { pathOf } from './tools.ts'

/** Directory that an sshd of root wants for the part of it that has no rights. */
const privilegeSeparation = '/run/sshd'

/** Its name in the file of known hosts, whichever port leads to it. */
const alias = 'bench'

/** An sshd of our own on loopback, with its own keys, for the user who runs the benchmark. */
export class Ssh {
  readonly port: number
  /** Process of the listener; sessions descend from it. */
  readonly pid: number
  /** Options of ssh and scp, without the port. */
  readonly options: readonly string[]
  readonly #service: Service
  readonly #madeDirectory: boolean

  private constructor(
    service: Service,
    at: { port: number; options: readonly string[]; madeDirectory: boolean },
  ) {
    this.#service = service
    this.pid = service.pid
    this.port = at.port
    this.options = at.options
    this.#madeDirectory = at.madeDirectory
  }

  /** Starts it and logs in once; rejects with the reason where that does not go. */
  static async start(directory: string, processes: Processes, signal: AbortSignal): Promise<Ssh> {
    await mkdir(directory, { recursive: true, mode: 0o700 })
    const file = (name: string) => join(directory, name)
    for (const key of ['host', 'user']) {
      await processes.run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', file(key)])
    }
    const [port = 0] = await freePorts(1)
    await writeFile(file('authorized'), await readFile(file('user.pub')), { mode: 0o600 })
    await writeFile(
      file('known'),
      `${alias} ${(await readFile(file('host.pub'), 'utf8')).split(' ').slice(0, 2).join(' ')}\n`,
    )
    await writeFile(
      file('sshd_config'),
      [
        `Port ${port}`,
        'ListenAddress 127.0.0.1',
        `HostKey ${file('host')}`,
        'PidFile none',
        `AuthorizedKeysFile ${file('authorized')}`,
        'AuthenticationMethods publickey',
        'PermitRootLogin prohibit-password',
        'StrictModes no',
        'UsePAM no',
        'PrintLastLog no',
        'Subsystem sftp internal-sftp',
        '',
      ].join('\n'),
    )
    const madeDirectory =
      process.getuid?.() === 0 &&
      (await mkdir(privilegeSeparation, { mode: 0o755 }).then(
        () => true,
        () => false, // it is there
      ))
    const service = processes.start(pathOf('sshd') ?? 'sshd', ['-D', '-e', '-f', file('sshd_config')], {
      log: file('sshd.log'),
    })
    const options = [
      ['-F', 'none'],
      ['-i', file('user')],
      ...[`UserKnownHostsFile=${file('known')}`, 'StrictHostKeyChecking=yes', 'BatchMode=yes'].map((text) => [
        '-o',
        text,
      ]),
      ['-o', 'IdentitiesOnly=yes'],
      ['-o', `HostKeyAlias=${alias}`],
    ].flat()
    const ssh = new Ssh(service, { port, options, madeDirectory })
    const entered = async () =>
      await processes.run('ssh', [...options, '-p', String(port), '127.0.0.1', 'true']).then(
        () => true,
        () => false, // it does not listen yet, or never will
      )
    try {
      await until(entered, { what: 'a login at the own sshd', signal, timeoutMs: 10_000 })
    } catch (error) {
      await ssh.stop()
      signal.throwIfAborted()
      const log = await readFile(file('sshd.log'), 'utf8')
      throw new Error(`no login at an own sshd: ${log.trim().split('\n').slice(-3).join('; ')}`, {
        cause: error,
      })
    }
    return ssh
  }

  /** The command that rsync takes with -e; to another port when a slow line leads here. */
  command(port = this.port): string {
    return ['ssh', ...this.options, '-p', String(port)].join(' ')
  }

  async stop(): Promise<void> {
    await this.#service.stop()
    if (this.#madeDirectory) await rmdir(privilegeSeparation)
  }
}
