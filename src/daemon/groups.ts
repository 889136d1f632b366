import { readFile } from 'node:fs/promises'
import { IngotError } from '../core/errors.ts'

/** Numeric id of a group named in the configuration under `key`; undefined stays undefined. */
export async function groupId(name: string | undefined, key: string): Promise<number | undefined> {
  if (name === undefined) return undefined
  const groups = await readFile('/etc/group', 'utf8')
  const line = groups.split('\n').find((entry) => entry.split(':')[0] === name)
  const id = Number(line?.split(':')[2] ?? Number.NaN)
  if (Number.isInteger(id)) return id
  throw new IngotError('usage', `${key}: there is no group ${JSON.stringify(name)} on this machine`, {
    hint: 'name one of /etc/group, or leave it out',
  })
}
