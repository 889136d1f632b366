import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { resolve } from 'node:path'
import { parse } from 'smol-toml'
import { Type, type Static } from 'typebox'
import { Value } from 'typebox/value'
import { homePaths } from '../core/home-paths.ts'
import { IngotError, describeError, systemCode } from '../core/errors.ts'
import { modeOf } from '../core/home-faults.ts'
import { defaultLimits, type Limits } from '../core/limits.ts'
import { logLevels, type LogLevel } from '../core/logger.ts'
import { checkName } from '../core/names.ts'
import { printable } from '../core/printable.ts'
import { Window } from '../core/window.ts'
import { checkAddress } from '../net/host.ts'
import type { ScrubOptions } from '../replicate/scrub.ts'

const DEFAULT_LISTEN = '/ip4/0.0.0.0/tcp/4160'

/** Bytes per second that the scrub reads, at least and where the file does not say: a terabyte in 14 hours. */
const LEAST_SCRUB_RATE = 64 * 1024
const SCRUB_RATE = 20_000_000
const SCRUB_EVERY = '30d'
const unitMs = { m: 60_000, h: 3_600_000, d: 86_400_000 }

/** Limits that are shares of something. */
const shares: ReadonlySet<keyof Limits> = new Set(['freeSpaceFloor', 'patchWorth'])
const limitKeys = Object.keys(defaultLimits) as (keyof Limits)[]

const ConfigFile = Type.Object(
  {
    name: Type.Optional(Type.String()),
    listen: Type.Optional(Type.Array(Type.String(), { minItems: 1 })),
    advertise: Type.Optional(Type.Array(Type.String())),
    images: Type.Optional(Type.String({ minLength: 1 })),
    logLevel: Type.Optional(Type.Union(logLevels.map((level) => Type.Literal(level)))),
    socketGroup: Type.Optional(Type.String()),
    imagesGroup: Type.Optional(Type.String()),
    scrub: Type.Optional(
      Type.Object(
        {
          enabled: Type.Optional(Type.Boolean()),
          rate: Type.Optional(Type.Integer({ minimum: LEAST_SCRUB_RATE })),
          window: Type.Optional(Type.String({ maxLength: 1024 })),
          every: Type.Optional(Type.String({ pattern: '^[1-9][0-9]{0,5}[mhd]$' })),
        },
        { additionalProperties: false },
      ),
    ),
    limits: Type.Optional(
      Type.Object(
        Object.fromEntries(
          limitKeys.map((key) => [
            key,
            Type.Optional(
              shares.has(key) ? Type.Number({ minimum: 0, maximum: 0.9 }) : Type.Integer({ minimum: 1 }),
            ),
          ]),
        ),
        { additionalProperties: false },
      ),
    ),
  },
  { additionalProperties: false },
)
type ConfigFile = Static<typeof ConfigFile>

/** Everything that a server can be told before it starts. */
export interface Config {
  home: string
  /** Undefined: as in the last run, else the host name. */
  name: string | undefined
  listen: string[]
  advertise: string[]
  /** Absolute path of the images directory. */
  images: string
  logLevel: LogLevel
  socketGroup: string | undefined
  imagesGroup: string | undefined
  scrub: ScrubOptions
  limits: Limits
}

/** What the command line says; it goes before the file. Paths are absolute. */
export interface ConfigOptions {
  home: string
  name?: string
  listen?: string[]
  advertise?: string[]
  images?: string
  config?: string
}

/** Reads the configuration file (`ingot.toml` in the home, where there is one) and puts the options over it. */
export async function loadConfig(options: ConfigOptions): Promise<Config> {
  const path = options.config ?? homePaths(options.home).config
  const file = await readConfig(path, options.config !== undefined)
  const listen = options.listen ?? file.listen ?? [DEFAULT_LISTEN]
  const advertise = options.advertise ?? file.advertise ?? []
  const name = options.name ?? file.name
  for (const address of [...listen, ...advertise]) checkAddress(address)
  return {
    home: options.home,
    name: name === undefined ? undefined : checkName(name, 'server name'),
    listen,
    advertise,
    images: resolve(options.home, checkPath(options.images ?? file.images ?? 'images', 'images')),
    logLevel: (file.logLevel as LogLevel | undefined) ?? 'info',
    socketGroup: file.socketGroup,
    imagesGroup: file.imagesGroup,
    scrub: scrubOptions(file.scrub, path),
    limits: { ...defaultLimits, ...(file.limits as Partial<Limits> | undefined) },
  }
}

/** Returns `value` when it can be a path that a log or a terminal shows as it is; throws a usage error that names the `key`. */
function checkPath(value: string, key: string): string {
  if (printable(value) === value) return value
  throw new IngotError('usage', `${key}: ${JSON.stringify(value)} has control characters`, {
    hint: 'name a directory without them',
  })
}

function scrubOptions(scrub: ConfigFile['scrub'], path: string): ScrubOptions {
  const { enabled = true, rate = SCRUB_RATE, window, every = SCRUB_EVERY } = scrub ?? {}
  const unit = every.at(-1) as keyof typeof unitMs
  return {
    enabled,
    rate,
    window: window === undefined ? undefined : windowOf(window, path),
    everyMs: Number(every.slice(0, -1)) * unitMs[unit],
  }
}

function windowOf(text: string, path: string): Window {
  try {
    return Window.parse(text)
  } catch (cause) {
    throw new IngotError('usage', `${path}: scrub.window: ${describeError(cause)}`, {
      cause,
      hint: 'a window is like "22:00-06:00": see docs/operations.md',
    })
  }
}

async function readConfig(path: string, required: boolean): Promise<ConfigFile> {
  let text: string
  try {
    text = await readText(path)
  } catch (error) {
    if (!required && systemCode(error) === 'ENOENT') return {}
    if (error instanceof IngotError) throw error
    throw new IngotError('usage', `cannot read the configuration ${path}: ${describeError(error)}`, {
      cause: error,
    })
  }
  let config: unknown
  try {
    config = parse(text)
  } catch (cause) {
    throw new IngotError('usage', `${path} is not TOML: ${describeError(cause).split('\n')[0]}`, {
      cause,
      hint: 'docs/operations.md has an example of the file',
    })
  }
  // An unknown key is reported twice: as "schema is false" and by its name.
  const error = Value.Errors(ConfigFile, config).find(({ keyword }) => keyword !== 'boolean')
  if (error === undefined) return config as ConfigFile
  throw new IngotError('usage', `${path}: ${keyOf(error)}`, {
    hint: 'docs/operations.md lists the keys and what they take',
  })
}

/** The text of a regular file that not everybody may write to: it names the groups that may call, and where images lie. */
async function readText(path: string): Promise<string> {
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK) // a fifo must not keep the start waiting
  try {
    const found = await file.stat()
    if (!found.isFile()) throw unfit(path, 'is not a regular file', 'write the configuration to a file')
    if ((found.mode & 0o002) !== 0)
      throw unfit(path, `can be written by all (mode ${modeOf(found)})`, `chmod o-w ${path}`)
    const { configBytes } = defaultLimits
    const bytes = Buffer.alloc(configBytes + 1)
    const { bytesRead } = await file.read(bytes, 0, bytes.length, 0)
    if (bytesRead > configBytes)
      throw unfit(path, `is larger than ${configBytes} bytes`, 'that is no configuration of ingot')
    return bytes.toString('utf8', 0, bytesRead)
  } finally {
    await file.close()
  }
}

function unfit(path: string, what: string, hint: string): IngotError {
  return new IngotError('usage', `the configuration ${path} ${what}`, { hint })
}

/** "limits.jobsRunning must be >= 1": the key, then what is wrong with it. */
function keyOf(error: { instancePath: string; message: string; params?: unknown }): string {
  const path = error.instancePath.slice(1).replaceAll('/', '.')
  const params = error.params as { additionalProperties?: string[] } | undefined
  if (params?.additionalProperties !== undefined) {
    const [extra] = params.additionalProperties
    return `${path === '' ? '' : `${path}.`}${extra} is not a key that ingot knows`
  }
  return `${path === '' ? 'the file' : path} ${error.message}`
}
