import { existsSync } from 'node:fs'
import { hostname } from 'node:os'
import type { Clock } from '../core/clock.ts'
import { homePaths } from '../core/home-paths.ts'
import type { Logger } from '../core/logger.ts'
import { isName } from '../core/names.ts'
import { version } from '../core/version.ts'
import type { Digest } from '../image/digest.ts'
import type { OpenManifest } from '../image/manifest.ts'
import { openState, type State } from '../state/state.ts'
import { Layout } from '../store/layout.ts'
import { openManifest } from '../wire/manifest.ts'
import type { Config } from './config.ts'
import { groupId } from './groups.ts'
import { lockHome, prepareHome, prepareImages, unlockHome } from './home.ts'
import { loadIdentity, type Identity } from './identity.ts'
import { reconcile } from './reconcile.ts'

/** What a server is and has before anything of it runs. */
export interface OpenHome {
  identity: Identity
  /** What this server is called. */
  name: string
  state: State
  layout: Layout
  /** Contents that are gone though images stand on them. */
  missing: Digest[]
  /** Group that may open the control socket. */
  socketGroup: number | undefined
}

/**
 * Takes the home for this process: makes what is missing of it, loads the key, opens the database, and brings the disk of the images to
 * what that says. `onStop` takes what gives it back, in the order in which it was taken. Throws `conflict` for a home that is held, or is
 * not as ingot left it.
 */
export async function openHome(
  config: Config,
  { clock, logger }: { clock: Clock; logger: Logger },
  onStop: (stop: () => Promise<void> | void) => void,
): Promise<OpenHome> {
  const { home, images, limits } = config
  const paths = homePaths(home)
  const socketGroup = await groupId(config.socketGroup, 'socketGroup')
  const imagesGroup = await groupId(config.imagesGroup, 'imagesGroup')
  await prepareHome(home, { images, socketGroup })
  const lock = await lockHome(home)
  onStop(async () => await unlockHome(home, lock))

  const identity = await loadIdentity(paths.key, existsSync(paths.database))
  const selfId = identity.peerId
  const open: OpenManifest = (bytes, signature) => openManifest(bytes, signature, limits)
  const state = openState(paths.database, open, limits)
  onStop(() => state.db.close())
  const name = serverName(state, config.name)
  state.settings.set('written-by', version)

  const layout = new Layout(images)
  const hasMarked = state.settings.get('images-marked') !== undefined || isEmptied(state, layout)
  await prepareImages(images, { selfId, hasMarked, group: imagesGroup })
  state.settings.set('images-marked', 'yes')
  const missing = await reconcile({ selfId, state, layout, clock, limits, logger })
  return { identity, name, state, layout, missing, socketGroup }
}

/** True where copied images are recorded, by a version that made no mark perhaps, and none of them is there. */
function isEmptied(state: State, layout: Layout): boolean {
  const copied = state.images.contents().filter(({ inPlace }) => inPlace === undefined)
  return copied.length > 0 && !copied.some(({ digest }) => existsSync(layout.file(digest)))
}

/** The name that this server was told, else that of the last run, else the host's. Remembered for the next run. */
function serverName(state: State, told: string | undefined): string {
  const [host = ''] = hostname().split('.')
  const name = told ?? state.settings.get('server-name') ?? (isName(host) ? host : 'ingot')
  state.settings.set('server-name', name)
  return name
}
