import type { BigIntStats } from 'node:fs'
import { IngotError } from '../core/errors.ts'

import type { FileIdentity } from '../image/content.ts'

export function identityOf(stat: BigIntStats): FileIdentity {
  return {
    inode: `${stat.dev}:${stat.ino}`,
    size: Number(stat.size),
    mtime: String(stat.mtimeNs),
    ctime: String(stat.ctimeNs),
  }
}

/** Throws `changed-on-disk` when the file is not what it was. `when` ends the sentence. */
export function requireSame(path: string, before: FileIdentity, now: FileIdentity, when: string): void {
  const same =
    before.inode === now.inode &&
    before.size === now.size &&
    before.mtime === now.mtime &&
    before.ctime === now.ctime
  if (!same)
    throw new IngotError('changed-on-disk', `${path} changed ${when}`, {
      hint: 'stop what writes to it, then try again',
    })
}
