import { given } from './given.ts'
import type { Grammar, Invocation } from './grammar.ts'
import { nameOf } from './options.ts'
import { formatTime } from './text.ts'

/** A kind of member of this server's own domain. */
type Kind = 'client' | 'target'

const kinds: Record<Kind, { what: string; example: string }> = {
  client: { what: 'a server of the own domain that takes images from this one', example: 'edge4' },
  target: { what: 'a machine without ingot that reads images over HTTP', example: 'kvm12' },
}

/** `add`, `query` and `delete` of `client` and `target`. */
export function addMemberCommands(grammar: Grammar): void {
  for (const kind of ['client', 'target'] as const) addKind(grammar, kind)
}

function addKind(grammar: Grammar, kind: Kind): void {
  const { what, example } = kinds[kind]
  const name = nameOf(`${kind} name`)
  const call = `--${kind} ${example}`
  grammar
    .command(`add ${kind}`, { summary: `add ${what}`, example: `ingot add ${kind} ${call}` })
    .requiredOption(`--${kind} <NAME>`, 'its name; no peer has the same', name)
    .action(
      grammar.action(async (options: { [option in Kind]: string }, { client, output }) => {
        const member = await client.addMember(`${kind}s`, options[kind])
        output.result(member, () => output.line(`added the ${kind} ${member.name}`))
      }),
    )
  grammar
    .command(`query ${kind}`, {
      summary: `show the ${kind}s of this server`,
      example: `ingot query ${kind}`,
    })
    .option(`--${kind} <C>`, `only this ${kind}`, name)
    .action(
      grammar.action(async (options: { [option in Kind]?: string }, invocation) => {
        await queryMembers(kind, options[kind], invocation)
      }),
    )
  grammar
    .command(`delete ${kind}`, { summary: `delete a ${kind}`, example: `ingot delete ${kind} ${call}` })
    .requiredOption(`--${kind} <C>`, `the ${kind}`, name)
    .action(
      grammar.action(async (options: { [option in Kind]: string }, { client, output }) => {
        await client.deleteMember(`${kind}s`, options[kind])
        output.result({ [kind]: options[kind], deleted: true }, () =>
          output.line(`deleted the ${kind} ${options[kind]}`),
        )
      }),
    )
}

async function queryMembers(
  kind: Kind,
  name: string | undefined,
  { client, output }: Invocation,
): Promise<void> {
  const document = await client.members(`${kind}s`, given({ name }))
  output.data(document, () => {
    const members = document[`${kind}s`] ?? []
    if (members.length === 0) output.note(`no ${kind}s; "ingot add ${kind}" adds one`)
    else {
      output.table(
        [kind.toUpperCase(), 'SINCE'],
        members.map((member) => [member.name, formatTime(member.createdAt)]),
      )
    }
  })
}
