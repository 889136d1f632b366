import type { Digest } from '../image/digest.ts'
import type { JobComponents } from '../replicate/job.ts'
import { Repair } from '../replicate/repair.ts'
import { RepairQueue } from '../replicate/repair-queue.ts'
import { Scrub, type ScrubOptions } from '../replicate/scrub.ts'
import { Verification } from '../replicate/verification.ts'
import type { WorkPool } from '../store/work/pool.ts'

/** What finds and mends damage of this disk. */
export interface IntegrityServices {
  verification: Verification
  repair: Repair
  repairs: RepairQueue
  scrub: Scrub
}

/** Puts together what keeps contents as their digests say. `isBusy`: transfers run, and the scrub stands back. */
export function createIntegrity(
  jobs: JobComponents,
  init: { selfId: string; background: WorkPool; isBusy: () => boolean; scrub: ScrubOptions },
): IntegrityServices {
  const { selfId, background, isBusy } = init
  const verification = new Verification({ ...jobs, selfId })
  const repair = new Repair({ ...jobs, selfId, verification })
  const repairs = new RepairQueue(jobs, repair)
  const onDamage = (content: Digest) => repairs.add(content)
  const scrub = new Scrub({ ...jobs, verification, background, isBusy, onDamage }, init.scrub)
  return { verification, repair, repairs, scrub }
}
