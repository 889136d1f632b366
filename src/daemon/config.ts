import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { parse } from 'smol-toml'
import { Type, type Static } from 'typebox'
import { Value } from 'typebox/value'
import { homePaths } from '../core/home-paths.ts'
import { IngotError, describeError, systemCode } from '../core/errors.ts'
import { defaultLimits, type Limits } from '../core/limits.ts'
import { logLevels, type LogLevel } from '../core/logger.ts'
import { checkName } from '../core/names.ts'
import { checkAddress } from '../net/host.ts'

const DEFAULT_LISTEN = '/ip4/0.0.0.0/tcp/4160'

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
    limits: Type.Optional(
      Type.Object(
        Object.fromEntries(
          limitKeys.map((key) => [
            key,
            Type.Optional(
              key === 'freeSpaceFloor'
                ? Type.Number({ minimum: 0, maximum: 0.9 })
                : Type.Integer({ minimum: 1 }),
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
    images: resolve(options.home, options.images ?? file.images ?? 'images'),
    logLevel: (file.logLevel as LogLevel | undefined) ?? 'info',
    socketGroup: file.socketGroup,
    imagesGroup: file.imagesGroup,
    limits: { ...defaultLimits, ...(file.limits as Partial<Limits> | undefined) },
  }
}

async function readConfig(path: string, required: boolean): Promise<ConfigFile> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if (!required && systemCode(error) === 'ENOENT') return {}
    throw new IngotError('usage', `cannot read the configuration ${path}: ${describeError(error)}`, {
      cause: error,
    })
  }
  let config: unknown
  try {
    config = parse(text)
  } catch (cause) {
    throw new IngotError('usage', `${path} is not TOML: ${describeError(cause).split('\n')[0]}`, { cause })
  }
  // An unknown key is reported twice: as "schema is false" and by its name.
  const error = Value.Errors(ConfigFile, config).find(({ keyword }) => keyword !== 'boolean')
  if (error === undefined) return config as ConfigFile
  throw new IngotError('usage', `${path}: ${keyOf(error)}`, {
    hint: 'docs/operations.md lists the keys and what they take',
  })
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
