import { defaultLimits, type Limits } from '../core/limits.ts'
import type { OpenManifest } from '../image/manifest.ts'
import { AnnouncedSeries } from './announced-series.ts'
import { Announced } from './announced.ts'
import { Audit } from './audit.ts'
import { Database } from './database.ts'
import { DeclinedImages } from './declined.ts'
import { ImageTypes } from './image-types.ts'
import { Images } from './images.ts'
import { Integrity } from './integrity.ts'
import { JournalRows } from './journal.ts'
import { Jobs } from './jobs.ts'
import { Members } from './members.ts'
import { PeerSubscriptions } from './peer-subscriptions.ts'
import { Peers } from './peers.ts'
import { Receipts } from './receipts.ts'
import { SeriesRows } from './series.ts'
import { Settings } from './settings.ts'
import { UnknownEvents } from './unknown-events.ts'
import { Subscriptions } from './subscriptions.ts'

/** All repositories over one database. */
export interface State {
  db: Database
  settings: Settings
  peers: Peers
  journal: JournalRows
  images: Images
  integrity: Integrity
  imageTypes: ImageTypes
  series: SeriesRows
  announced: Announced
  announcedSeries: AnnouncedSeries
  declined: DeclinedImages
  subscriptions: Subscriptions
  peerSubscriptions: PeerSubscriptions
  members: Members
  unknownEvents: UnknownEvents
  jobs: Jobs
  receipts: Receipts
  audit: Audit
}

/** Opens (and migrates) the database at `path`. `open` decodes stored manifests. */
export function openState(
  path: string,
  open: OpenManifest,
  limits: Pick<Limits, 'auditRecords'> = defaultLimits,
): State {
  const db = new Database(path)
  return {
    db,
    settings: new Settings(db),
    peers: new Peers(db),
    journal: new JournalRows(db),
    images: new Images(db, open),
    integrity: new Integrity(db),
    imageTypes: new ImageTypes(db),
    series: new SeriesRows(db),
    announced: new Announced(db, open),
    announcedSeries: new AnnouncedSeries(db),
    declined: new DeclinedImages(db),
    subscriptions: new Subscriptions(db),
    peerSubscriptions: new PeerSubscriptions(db),
    members: new Members(db),
    unknownEvents: new UnknownEvents(db),
    jobs: new Jobs(db),
    receipts: new Receipts(db),
    audit: new Audit(db, limits.auditRecords),
  }
}
