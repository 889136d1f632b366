import { createReadStream } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { IngotError, describeError, systemCode } from '../core/errors.ts'
import { defaultLimits } from '../core/limits.ts'

/**
 * Text of the server-data file `path`, of `stdin` for `-`. Throws `not-found`, `failed` (cannot be read), `too-large` or
 * `invalid` (empty, or no text).
 */
export async function readServerData(
  path: string,
  stdin: AsyncIterable<Uint8Array | string>,
): Promise<string> {
  const name = path === '-' ? 'standard input' : path
  const bytes = await readBounded(path === '-' ? stdin : createReadStream(path), name)
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (error) {
    throw notServerData(`${name} is not text`, error)
  }
  if (text.trim() === '') throw notServerData(`${name} is empty`)
  return text
}

/** Writes the server data to `path`, 0644 (it is no secret); overwrites. Throws `not-found` or `failed`. */
export async function writeServerData(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text, { mode: 0o644 })
  } catch (error) {
    throw new IngotError(
      systemCode(error) === 'ENOENT' ? 'not-found' : 'failed',
      `cannot write ${path}: ${reason(error)}`,
      { cause: error, hint: 'name a file in a directory that exists and that you may write to' },
    )
  }
}

async function readBounded(source: AsyncIterable<Uint8Array | string>, name: string): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  let size = 0
  try {
    for await (const part of source) {
      const bytes = Buffer.from(part)
      size += bytes.length
      if (size > defaultLimits.serverDataBytes) {
        throw new IngotError('too-large', `${name} is larger than ${defaultLimits.serverDataBytes} bytes`, {
          hint: 'that is not a server-data file; "ingot export server" on the other server writes one',
        })
      }
      parts.push(bytes)
    }
  } catch (error) {
    if (error instanceof IngotError) throw error
    throw new IngotError(
      systemCode(error) === 'ENOENT' ? 'not-found' : 'failed',
      `cannot read ${name}: ${reason(error)}`,
      { cause: error, hint: 'name the file that "ingot export server" wrote on the other server' },
    )
  }
  return Buffer.concat(parts)
}

function notServerData(message: string, cause?: unknown): IngotError {
  return new IngotError('invalid', message, {
    cause,
    hint: 'run "ingot export server" on the other server again and bring the file here unchanged',
  })
}

function reason(error: unknown): string {
  switch (systemCode(error)) {
    case 'ENOENT':
      return 'it does not exist'
    case 'EACCES':
    case 'EPERM':
      return 'permission denied'
    case 'EISDIR':
      return 'it is a directory'
    default:
      return describeError(error)
  }
}
