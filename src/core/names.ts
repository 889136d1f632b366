import { IngotError } from './errors.ts'

/** Names of servers, images, series and image types. As a JSON schema pattern too, hence no flags. */
export const namePattern = '^[A-Za-z0-9][A-Za-z0-9._+-]{0,127}$'
const nameExpression = new RegExp(namePattern)

/** Names that `images/` uses for itself, so that no peer's directory can take their place. */
const reservedPeerNames = ['content', 'staging', 'own', 'patches']

export function isName(value: string): boolean {
  return nameExpression.test(value)
}

/** Returns `value` when it is a name; throws a usage error that says what a name is. `what` is as in "image name". */
export function checkName(value: string, what: string): string {
  if (isName(value)) return value
  throw new IngotError('usage', `${what} ${JSON.stringify(value)} is not valid`, {
    hint: 'a name has 1 to 128 of A-Z a-z 0-9 . _ + - and begins with a letter or digit',
  })
}

/** Like {@link checkName} for the name under which a peer is registered here. */
export function checkPeerName(value: string): string {
  checkName(value, 'server name')
  if (!reservedPeerNames.includes(value.toLowerCase())) return value
  throw new IngotError('conflict', `the name ${value} is taken by a directory of the image store`, {
    hint: 'register the peer under another name with --server NAME',
  })
}
