import type { ControlClient } from '../control/client.ts'
import { given } from './given.ts'

/** What the daemon knows values of. */
export const completionKinds = ['peer', 'image', 'series', 'imagetype', 'job', 'client', 'target'] as const
export type CompletionKind = (typeof completionKinds)[number]

export interface CandidateQuery {
  /** One of {@link completionKinds}; for another there is nothing. */
  kind: string
  /** The peer whose images, series or types are meant. */
  server?: string
  /** What stands there already. */
  word?: string
}

/** Nothing else goes into a shell: names and references have no other characters. */
const harmless = /^[A-Za-z0-9.][A-Za-z0-9._+/-]*$/

/** Values that may stand there, as the daemon knows them now; each once, in the daemon's order. */
export async function completionCandidates(client: ControlClient, query: CandidateQuery): Promise<string[]> {
  const candidates = await namesOf(client, query)
  return [...new Set(candidates)].filter((candidate) => harmless.test(candidate))
}

async function namesOf(
  client: ControlClient,
  { kind, server, word = '' }: CandidateQuery,
): Promise<string[]> {
  const of = given({ server })
  switch (kind as CompletionKind) {
    case 'peer':
      return (await client.peers({})).peers.map(({ name }) => name)
    case 'image':
      return (await client.images(of)).images.map(({ name, ref, local }) => {
        const bare = server === undefined ? local && !word.startsWith('.') : !word.includes('/')
        return bare ? name : ref
      })
    case 'series':
      return (await client.series(of)).series.map(({ name }) => name)
    case 'imagetype':
      if (server !== undefined) return (await client.images(of)).images.map(({ type }) => type)
      return (await client.imageTypes()).imageTypes.map(({ name }) => name)
    case 'job':
      return (await client.jobs({})).jobs.map(({ id }) => String(id))
    case 'client':
    case 'target':
      return ((await client.members(`${kind as 'client' | 'target'}s`, {}))[`${kind}s`] ?? []).map(
        ({ name }) => name,
      )
    default:
      return []
  }
}
