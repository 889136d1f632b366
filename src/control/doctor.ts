import { statSync } from 'node:fs'
import type { FastifyInstance } from 'fastify'
import { describeError } from '../core/errors.ts'
import { NO_SPACE } from '../replicate/space-watch.ts'
import { WINDOW } from '../replicate/windows.ts'
import { freeBytes, totalBytes } from '../store/space.ts'
import type { RouteContext } from './context.ts'
import type { CheckDocument } from './documents.ts'

type Finding = Omit<CheckDocument, 'check'>

const fine = (message: string): Finding => ({ result: 'ok', message, advice: null })
const warning = (message: string, advice: string): Finding => ({ result: 'warning', message, advice })
const failure = (message: string, advice: string): Finding => ({ result: 'failure', message, advice })

/** Looks at everything that an operator would, and says what to do. */
export function doctorRoutes(app: FastifyInstance, context: RouteContext): void {
  app.get('/v1/doctor', async (): Promise<{ checks: CheckDocument[] }> => {
    const checks: [string, () => Finding | Promise<Finding>][] = [
      ['home', () => checkHome(context)],
      ['database', () => checkDatabase(context)],
      ['disk', async () => await checkDisk(context)],
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

function checkHome({ home }: RouteContext): Finding {
  const mode = statSync(home).mode & 0o777
  if ((mode & 0o022) === 0) return fine(home)
  return failure(`${home} can be written by others (mode ${mode.toString(8)})`, `chmod go-w ${home}`)
}

function checkDatabase({ state }: RouteContext): Finding {
  const answer = state.db.check()
  if (answer === undefined) return fine('in order')
  return failure(
    answer,
    'restore the home from a backup; docs/operations.md says what that means for the peers',
  )
}

async function checkDisk({ layout, limits, state }: RouteContext): Promise<Finding> {
  const free = await freeBytes(layout.images)
  const share = free / (await totalBytes(layout.images))
  const text = `${Math.round(share * 100)} % of the file system of ${layout.images} are free`
  const waiting = state.jobs.countWaitingFor(NO_SPACE)
  const advice = 'delete images that nobody needs, or put the images on a larger disk with --images DIR'
  if (waiting > 0)
    return failure(`${text}; ${waiting} ${waiting === 1 ? 'job waits' : 'jobs wait'} for space`, advice)
  if (share > limits.freeSpaceFloor * 2) return fine(text)
  return share > limits.freeSpaceFloor ? warning(text, advice) : failure(text, advice)
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

function checkPeer({ state, links }: RouteContext, name: string): Finding {
  const peer = state.peers.require(name)
  if (peer.fault !== undefined) {
    return failure(
      `nothing is taken in from it: ${peer.fault}`,
      `ask its operator what happened; then "ingot accept peerserver --server ${name}"`,
    )
  }
  if (peer.wrongLeaves > 0) {
    return warning(
      `${peer.wrongLeaves} leaves from it did not verify`,
      'check the disk and memory of that server',
    )
  }
  const link = links.state(peer.id)
  if (link.state === 'up') return fine('the link is up')
  if (link.state === 'suspended') {
    return warning(
      'it ended the relation',
      `it goes on when that server registers this one again; "ingot unregister server --server ${name}" ends it here`,
    )
  }
  const reason = link.state === 'down' ? link.reason : 'connecting'
  return warning(
    `no link: ${reason}`,
    'check its addresses with "ingot query peerserver", the network, and that it has registered this server',
  )
}
