import { accessSync, constants } from 'node:fs'
import { join, resolve } from 'node:path'
import { homePaths } from '../core/home-paths.ts'
import { IngotError } from '../core/errors.ts'

/** Where a daemon's home may be, from the strongest wish to the weakest. */
export interface HomePlaces {
  /** `--home`. */
  option: string | undefined
  /** `$INGOT_HOME`; empty counts as unset. */
  environment: string | undefined
  /** The home of an installed daemon. */
  system: string
  /** The home directory of the calling user. */
  user: string
  /** What relative paths start from. */
  cwd: string
}

/** The home of the daemon to talk to: the system's if its socket is accessible, else the user's. Absolute. */
export function clientHome(places: HomePlaces): string {
  return namedHome(places) ?? defaultHome(places, homePaths(places.system).socket)
}

/** The home of a daemon that is about to run: the system's if it is writable, else the user's. Absolute. */
export function daemonHome(places: HomePlaces): string {
  return namedHome(places) ?? defaultHome(places, places.system)
}

/** `value` as an absolute path; `option` is named in the usage error for an empty one. */
export function absolutePath(value: string, cwd: string, option: string): string {
  if (value !== '') return resolve(cwd, value)
  throw new IngotError('usage', `${option} is empty`, { hint: `give a path: ${option} PATH` })
}

function namedHome({ option, environment, cwd }: HomePlaces): string | undefined {
  if (option !== undefined) return absolutePath(option, cwd, '--home')
  return environment === undefined || environment === '' ? undefined : resolve(cwd, environment)
}

function defaultHome({ system, user }: HomePlaces, needed: string): string {
  try {
    accessSync(needed, constants.R_OK | constants.W_OK)
    return system
  } catch {
    return join(user, '.local', 'share', 'ingot') // not installed, or not for this user: both mean the user's own
  }
}
