import { randomUUID } from 'node:crypto'
import type { JobPace } from '../net/pace.ts'
import { removeTree } from '../store/remove-tree.ts'
import type { Measured } from './subscribe.ts'
import { Obtain, type ObtainComponents } from './obtain.ts'

/** Bytes of an image that would have to travel now, exactly: fetches its index, and no leaf. Leaves nothing behind. */
export async function measureMissing(
  components: ObtainComponents,
  of: Measured & { pace: JobPace },
): Promise<number> {
  const staging = components.layout.staging(`measure-${randomUUID()}`)
  const nothing = () => {}
  try {
    return await new Obtain(components, {
      ...of,
      staging,
      trustPrivileged: false,
      onNeeds: nothing,
      onLocal: nothing,
      onReuse: nothing,
      onSource: nothing,
      onFetching: nothing,
      onEnabling: nothing,
      onWrongLeaf: nothing,
      onProgress: nothing,
    }).measure()
  } finally {
    await removeTree(staging)
  }
}
