import type { FastifyInstance } from 'fastify'
import { describeError } from '../core/errors.ts'
import { WINDOW } from '../replicate/windows.ts'
import type { RouteContext } from './context.ts'
import { ClockWatch } from './doctor/clock.ts'
import { checkDatabase } from './doctor/database.ts'
import { checkDisk, checkFileSystem } from './doctor/disk.ts'
import { failure, fine, warning, type Finding } from './doctor/finding.ts'
import { checkHome } from './doctor/home.ts'
import { checkPeer } from './doctor/peers.ts'
import { checkPorts } from './doctor/ports.ts'
import type { CheckDocument } from './documents.ts'

/** Looks at everything that an operator would, and says what to do. */
export function doctorRoutes(app: FastifyInstance, context: RouteContext): void {
  const clock = new ClockWatch(context.clock)

  app.get('/v1/doctor', async (): Promise<{ checks: CheckDocument[] }> => {
    const checks: [string, () => Finding | Promise<Finding>][] = [
      ['home', async () => await checkHome(context)],
      ['database', () => checkDatabase(context)],
      ['disk', async () => await checkDisk(context)],
      ['file system', async () => await checkFileSystem(context)],
      ['clock', () => clock.check(context)],
      ['ports', async () => await checkPorts(context)],
      ['journal', () => checkJournal(context)],
      ['jobs', () => checkJobs(context)],
      ['images', () => checkImages(context)],
      ...context.state.peers
        .list()
        .map(({ name }): [string, () => Finding] => [`peer ${name}`, () => checkPeer(context, name)]),
    ]
    const findings: CheckDocument[] = []
    for (const [check, look] of checks) findings.push({ check, ...(await lookAt(look)) })
    return { checks: findings }
  })
}

async function lookAt(look: () => Finding | Promise<Finding>): Promise<Finding> {
  try {
    return await look()
  } catch (error) {
    return failure(`could not be looked at: ${describeError(error)}`, 'see the log of the daemon')
  }
}

function checkJournal({ state, journal }: RouteContext): Finding {
  const fault = state.settings.get('journal-fault')
  if (fault === undefined) return fine(`entry ${journal.head().seq}`)
  return failure(
    `this server does not publish: ${fault}`,
    '"ingot renew journal" starts a new journal; then each peer runs "ingot accept peerserver"',
  )
}

function checkJobs({ state }: RouteContext): Finding {
  const { CONFLICT: conflicts = 0, WAITING = 0 } = state.jobs.counts()
  const waiting = WAITING - state.jobs.countWaitingFor(WINDOW) // these do as they are told
  if (conflicts > 0) {
    return warning(
      `${conflicts} in CONFLICT`,
      '"ingot query job" lists them; "ingot resolve job" with --keep, --replace or --rename NAME ends one',
    )
  }
  return waiting === 0
    ? fine('none waits')
    : warning(`${waiting} wait to run again`, '"ingot query job" says why')
}

function checkImages({ state }: RouteContext): Finding {
  const damaged = state.integrity.countDamaged()
  if (damaged === 0) return fine('none is known to be damaged')
  return failure(
    `${damaged} ${damaged === 1 ? 'content is' : 'contents are'} damaged on this disk, and not served`,
    '"ingot query image" shows which images, and why they are not repaired; "ingot verify image --repair" repairs one; look at the disk',
  )
}
