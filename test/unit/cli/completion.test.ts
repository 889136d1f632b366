import { execFile, spawnSync } from 'node:child_process'
import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { systemClock } from '../../../src/core/clock.ts'
import { shells, type Shell } from '../../../src/cli/shells.ts'
import { checkoutPath } from '../../support/daemon.ts'
import { cli, FakeDaemon, imageDocument, jobDocument, peerDocument, type Answer } from './fake-daemon.ts'

const run = promisify(execFile)

const answers: Record<string, Answer> = {
  'GET /v1/peers': () => ({ peers: [peerDocument(), peerDocument({ name: 'branch' })] }),
  'GET /v1/images': ({ line }) => ({
    images: line.includes('server=hq')
      ? [imageDocument({ name: 'offered', ref: 'hq/offered', type: 'ORAHOME' })]
      : [
          imageDocument(),
          imageDocument({ name: 'own', ref: './own', local: true }),
          imageDocument({ name: '$(touch x)', ref: 'hq/$(touch x)' }),
        ],
  }),
  'GET /v1/series': ({ line }) => ({ series: [{ name: line.includes('server=hq') ? 'theirs' : 'ours' }] }),
  'GET /v1/imagetypes': () => ({ imageTypes: [{ name: 'DISK' }, { name: 'MINE' }] }),
  'GET /v1/jobs': () => ({ jobs: [jobDocument(), jobDocument({ id: 31 })] }),
  'GET /v1/clients': () => ({ clients: [{ name: 'edge4' }] }),
  'GET /v1/targets': () => ({ targets: [{ name: 'kvm12' }] }),
}

/** What is told to the shell to have it complete the words in `$@`, the last of which is under the cursor. */
const drivers: Record<Shell, string> = {
  // As readline calls it: the function that is registered for the command, with the words and the place of the cursor.
  bash: `
    read -ra registration < <(complete -p ingot)
    [[ \${registration[*]} == 'complete -o default -F _ingot ingot' ]] || exit 9
    COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMP_LINE="$*" COMP_POINT=\${#COMP_LINE}
    _ingot ingot "\${COMP_WORDS[COMP_CWORD]}" "\${COMP_WORDS[COMP_CWORD - 1]}"
    (( \${#COMPREPLY[@]} )) && printf '%s\\n' "\${COMPREPLY[@]}"
    exit 0`,
  // What the script calls of the completion system of zsh stands in for it here: it matches by the beginning of the word.
  zsh: `
    _files() { print -r -- "<files $*>" }
    compset() { prefixed=1 }
    compadd() {
      local word=\${(Q)words[CURRENT]} each
      (( prefixed )) && word=\${word#*=}
      shift
      for each in "$@"; do [[ $each == "$word"* ]] && print -r -- "$each"; done
    }
    prefixed=0 words=("$@") CURRENT=$#
    _ingot
    exit 0`,
}

/** The words as the shell gives them: bash takes `=` for a word of its own. */
function wordsOf(shell: Shell, line: string): string[] {
  const words = line.split(' ')
  if (shell !== 'bash') return words
  return words.flatMap((word) => (word === '' ? [''] : word.split(/(=)/).filter((part) => part !== '')))
}

/** A shell that has read the script, and a daemon that it finds. */
class CompletingShell implements AsyncDisposable {
  readonly daemon: FakeDaemon
  readonly shell: Shell
  readonly #script: string

  private constructor(daemon: FakeDaemon, shell: Shell, script: string) {
    this.daemon = daemon
    this.shell = shell
    this.#script = script
  }

  static async start(shell: Shell): Promise<CompletingShell> {
    const daemon = await FakeDaemon.start(answers)
    const { stdout } = await cli(['completion', '--shell', shell])
    const script = join(daemon.home, 'completion')
    await writeFile(script, shell === 'bash' ? stdout : `compdef() { : }\n${stdout}`)
    await mkdir(join(daemon.home, 'bin'))
    await symlink(checkoutPath('scripts/ingot'), join(daemon.home, 'bin', 'ingot'))
    return new CompletingShell(daemon, shell, script)
  }

  /** Candidates for the last of the words of `line`. */
  async complete(line: string): Promise<string[]> {
    const command = `source "$1"; shift; ${drivers[this.shell]}`
    const noStartFiles = this.shell === 'bash' ? ['--norc', '--noprofile'] : ['-f']
    const args = [...noStartFiles, '-c', command, this.shell, this.#script, ...wordsOf(this.shell, line)]
    const { stdout, stderr } = await run(this.shell, args, {
      cwd: this.daemon.home,
      env: {
        PATH: `${join(this.daemon.home, 'bin')}:${process.env['PATH']}`,
        HOME: this.daemon.home,
        INGOT_HOME: this.daemon.home,
      },
    })
    expect(stderr).toBe('')
    return stdout.split('\n').filter((each) => each !== '')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.daemon[Symbol.asyncDispose]()
  }
}

const installed = (shell: Shell) => spawnSync(shell, ['--version']).status === 0
const globals = ['--home', '--json', '--quiet', '--no-color', '--help']

describe.each(shells)('completion in %s', (shell) => {
  // Each value from the daemon is a process of its own.
  const test = (name: string, body: () => Promise<void>) =>
    it.skipIf(!installed(shell))(name, { timeout: 60_000 }, body)

  test('offers verbs, then nouns, then options', async () => {
    await using bench = await CompletingShell.start(shell)
    expect(await bench.complete('ingot ')).toEqual(
      expect.arrayContaining(['daemon', 'query', 'insertimage', 'status']),
    )
    expect(await bench.complete('ingot in')).toEqual(['insertimage', 'instantiate'])
    expect(await bench.complete('ingot delete ')).toEqual([
      'image',
      'series',
      'imagetype',
      'client',
      'target',
    ])
    expect(await bench.complete('ingot query im')).toEqual(['image', 'imagetype'])
    expect(await bench.complete('ingot unregister server ')).toEqual(['--server', '--force', ...globals])
    expect(await bench.complete('ingot query image --s')).toEqual(['--server', '--series', '--state'])
    expect(await bench.complete('ingot query image -s')).toEqual(['-server', '-series', '-state'])
    expect(await bench.complete('ingot status --j')).toEqual(['--json'])
    expect(await bench.complete('ingot --q')).toEqual(['--quiet'])
  })

  test('goes on behind options before the verb, and behind values that are words of the grammar', async () => {
    await using bench = await CompletingShell.start(shell)
    expect(await bench.complete('ingot --json query imaget')).toEqual(['imagetype'])
    expect(await bench.complete('ingot --home query imp')).toEqual(['import'])
    expect(await bench.complete('ingot --home=query imp')).toEqual(['import'])
    expect(await bench.complete('ingot import image --description query --pr')).toEqual(['--private'])
  })

  test('offers the values that are fixed, and nothing for free text and new names', async () => {
    await using bench = await CompletingShell.start(shell)
    expect(await bench.complete('ingot promote image --state ')).toEqual([
      'TESTABLE',
      'RESTRICTED',
      'PUBLISHED',
    ])
    expect(await bench.complete('ingot promote image -state=P')).toEqual(['PUBLISHED'])
    expect(await bench.complete('ingot add imagetype --basetype D')).toEqual(['DISK', 'DATABASE'])
    expect(await bench.complete('ingot modify subscription --trust-privileged ')).toEqual(['yes', 'no'])
    expect(await bench.complete('ingot completion --shell ')).toEqual(['bash', 'zsh'])
    expect(await bench.complete('ingot import image --version ')).toEqual([])
    expect(await bench.complete('ingot add series --series ')).toEqual([])
    expect(bench.daemon.received).toEqual([])
  })

  test('offers what the daemon knows, of the peer that the line names', async () => {
    await using bench = await CompletingShell.start(shell)
    expect(await bench.complete('ingot unregister server --server ')).toEqual(['hq', 'branch'])
    expect(await bench.complete('ingot unregister server -server=b')).toEqual(['branch'])
    expect(await bench.complete('ingot query image --image ')).toEqual(['hq/ol9', 'own'])
    expect(await bench.complete('ingot query image --image ./')).toEqual(['./own'])
    expect(await bench.complete('ingot instantiate image --server hq --image ')).toEqual(['offered'])
    expect(await bench.complete('ingot instantiate image --server=hq --image hq/')).toEqual(['hq/offered'])
    expect(await bench.complete('ingot instantiate image --server hq --series ')).toEqual(['theirs'])
    expect(await bench.complete('ingot instantiate image --server hq --imagetype ')).toEqual(['ORAHOME'])
    expect(await bench.complete('ingot delete series --series ')).toEqual(['ours'])
    expect(await bench.complete('ingot delete imagetype --imagetype M')).toEqual(['MINE'])
    expect(await bench.complete('ingot pause job --job 3')).toEqual(['3', '31'])
    expect(await bench.complete('ingot delete client --client ')).toEqual(['edge4'])
    expect(await bench.complete('ingot delete target --target ')).toEqual(['kvm12'])
  })

  test('leaves paths to the shell', async () => {
    await using bench = await CompletingShell.start(shell)
    for (const line of ['ingot import image --image x --path ', 'ingot register server --serverdata a']) {
      expect(await bench.complete(line)).toEqual(shell === 'bash' ? [] : ['<files >'])
    }
    expect(await bench.complete('ingot --home ')).toEqual(shell === 'bash' ? [] : ['<files -/>'])
  })

  test('is silent when there is no daemon', async () => {
    await using bench = await CompletingShell.start(shell)
    expect(await bench.complete('ingot --home /nonexistent unregister server --server ')).toEqual([])
  })
})

describe('__complete', () => {
  /** A daemon that takes a request and never answers it. */
  const mute: Answer = () => undefined

  it('never prints an error: without a daemon, an answer, or a peer of that name', async () => {
    const nothing = { code: 0, stdout: '', stderr: '' }
    expect(await cli(['__complete', '--kind', 'peer'])).toEqual(nothing)
    expect(await cli(['__complete', '--kind', 'moon'])).toEqual(nothing)
    await using daemon = await FakeDaemon.start({ 'GET /v1/peers': mute })
    expect(await daemon.cli(['__complete', '--kind', 'peer'])).toEqual(nothing)
    expect(await daemon.cli(['__complete', '--kind', 'image', '--server', 'a b'])).toEqual(nothing)
  })

  it('prints each candidate once, and nothing that a shell could act on', async () => {
    await using daemon = await FakeDaemon.start({
      'GET /v1/images': () => ({
        images: ['a', 'a', '$(x)', '-rf', 'b c', '`x`', 'b'].map((name) =>
          imageDocument({ name, local: true }),
        ),
      }),
    })
    expect((await daemon.cli(['__complete', '--kind', 'image'], { clock: systemClock })).stdout).toBe(
      'a\nb\n',
    )
  })
})
