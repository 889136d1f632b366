import { addAuditCommands } from './audit.ts'
import { addCompletionCommands } from './completion.ts'
import { addDaemonCommands } from './daemon.ts'
import { addDoctorCommands } from './doctor.ts'
import { addEventCommands } from './events.ts'
import { addExplainCommands } from './explain.ts'
import type { Grammar } from './grammar.ts'
import { addImageChangeCommands } from './image-change.ts'
import { addImageCommands } from './image.ts'
import { addImageTypeCommands } from './imagetype.ts'
import { addImportCommands } from './import.ts'
import { addJobChangeCommands } from './job-change.ts'
import { addJobCommands } from './job.ts'
import { addJournalCommands } from './journal.ts'
import { addMemberCommands } from './member.ts'
import { addPeerServerCommands } from './peerserver.ts'
import { addSeriesCommands } from './series.ts'
import { addServerCommands } from './server.ts'
import { addStatusCommands } from './status.ts'
import { addSubscriptionCommands } from './subscription.ts'

/** Every command, in the order in which help shows them. */
export function addCommands(grammar: Grammar): void {
  addDaemonCommands(grammar)
  addServerCommands(grammar)
  addPeerServerCommands(grammar)
  addJournalCommands(grammar)
  addImportCommands(grammar)
  addImageCommands(grammar)
  addImageChangeCommands(grammar)
  addExplainCommands(grammar)
  addSeriesCommands(grammar)
  addImageTypeCommands(grammar)
  addSubscriptionCommands(grammar)
  addJobCommands(grammar)
  addJobChangeCommands(grammar)
  addMemberCommands(grammar)
  addAuditCommands(grammar)
  addEventCommands(grammar)
  addStatusCommands(grammar)
  addDoctorCommands(grammar)
  addCompletionCommands(grammar)
  grammar.finish()
}
