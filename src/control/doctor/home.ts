import { lstatIf } from '../../core/absent.ts'
import {
  faultsOfContents,
  faultsOfHome,
  faultsOfImages,
  modeOf,
  type HomeFault,
} from '../../core/home-faults.ts'
import { faultsOfMark } from '../../core/images-mark.ts'
import { homePaths } from '../../core/home-paths.ts'
import type { RouteContext } from '../context.ts'
import { failure, fine, type Finding } from './finding.ts'

/** The home: what a start would refuse, and what was changed since the last one. */
export async function checkHome({ selfId, home, layout }: RouteContext): Promise<Finding> {
  const faults = [
    ...(await faultsOfHome(home)),
    ...(await faultsOfContents(home)),
    ...(await faultsOfImages(home, layout.images)),
    ...(await faultsOfMark(layout.images, { selfId, isExpected: true })),
    ...(await faultsOfPrivacy(home)),
  ]
  const [first, ...more] = faults
  if (first === undefined) return fine(home)
  const others = more.length === 0 ? '' : `; and ${more.length} more`
  return failure(`${first.message}${others}`, first.hint)
}

/** What only this user may read, and what has to be there. */
async function faultsOfPrivacy(home: string): Promise<HomeFault[]> {
  const paths = homePaths(home)
  const faults: HomeFault[] = []
  for (const path of [paths.state, paths.key, paths.database]) {
    const found = await lstatIf(path)
    if (found === undefined) {
      faults.push({
        message: `${path} is gone; this daemon goes on with what it has in memory`,
        hint: 'bring it back from a backup before the daemon is stopped; docs/operations.md says what to do',
      })
    } else if ((found.mode & 0o077) !== 0) {
      faults.push({
        message: `${path} can be read by others (mode ${modeOf(found)})`,
        hint: `chmod go= ${path}; who has the key is this server to its peers: if it may have been copied, see docs/operations.md`,
      })
    }
  }
  return faults
}
