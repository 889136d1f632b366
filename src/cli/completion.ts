import { globalAgent } from 'node:http'
import { completionCandidates, completionKinds } from './completion-candidates.ts'
import type { Grammar, Invocation } from './grammar.ts'
import { oneOf } from './options.ts'
import { shells, type Shell } from './shells.ts'

/** Milliseconds after which a shell that waits for candidates goes without: a peer that is asked may be slow. */
const CANDIDATES_MS = 2_000

interface CandidateOptions {
  kind: string
  server?: string
  word?: string
}

/** `completion`, and the hidden `__complete` that its scripts call. */
export function addCompletionCommands(grammar: Grammar): void {
  grammar
    .command('completion', {
      summary: 'print what completes the words of ingot in a shell',
      example: 'ingot completion --shell bash > /etc/bash_completion.d/ingot',
    })
    .requiredOption('--shell <SHELL>', 'bash or zsh', (value) => oneOf(shells, value, 'a shell'))
    .action(
      grammar.action(async (options: { shell: Shell }, { output }) => {
        const { completionScript } = await import('./completion-script.ts')
        const script = completionScript(grammar.program, options.shell)
        output.data({ shell: options.shell, script }, () => output.raw(script))
      }),
    )
  grammar
    .command('__complete', {
      summary: 'print candidates for the value of an option, one a line',
      example: 'ingot __complete --kind image --server hq',
      hidden: true,
    })
    .requiredOption('--kind <KIND>', `what is completed: ${completionKinds.join(', ')}`)
    .option('--server <PEER>', 'the peer that the command line names')
    .option('--word <WORD>', 'what stands there already')
    .action(grammar.action(printCandidates))
}

/** Whatever fails, the shell of the operator sees no more than that there are no candidates. */
async function printCandidates(options: CandidateOptions, { client, io, output }: Invocation): Promise<void> {
  const ended = new AbortController()
  const timeout = io.clock.sleep(CANDIDATES_MS, ended.signal).then(
    () => globalAgent.destroy(), // ends the requests of this process, of which there is but ours
    () => {}, // ended in time
  )
  try {
    for (const candidate of await completionCandidates(client, options)) output.line(candidate)
  } catch {
    // no daemon, no such peer, or not in time: no candidates
  } finally {
    ended.abort()
    await timeout
  }
}
