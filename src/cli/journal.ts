import type { Grammar, Invocation } from './grammar.ts'

/** `renew journal`. */
export function addJournalCommands(grammar: Grammar): void {
  grammar
    .command('renew journal', {
      summary: 'start a new journal, after a restore from a backup, and publish again what is published',
      example: 'ingot renew journal',
    })
    .option('--force', 'do so even if nothing is wrong with the journal')
    .action(grammar.action(renewJournal))
}

async function renewJournal(options: { force?: boolean }, { client, output }: Invocation): Promise<void> {
  const server = await client.renewJournal(options.force === true)
  output.result(server, () => {
    output.line(`the journal is ${server.journalId} now, with ${server.journalSeq} entries`)
    output.line('each peer goes on once its operator runs "ingot accept peerserver"')
  })
}
