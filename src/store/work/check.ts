import { checkLeavesHere, type CheckLeaves } from '../check-leaves.ts'
import type { WorkPool } from './pool.ts'

/** So few bytes are read and hashed where they are: the way to another thread would cost more. */
const HERE_BYTES = 128 * 1024

/** Checks leaves on the threads of a pool; few of them, which come through the page cache anyway, here. */
export function checkWith(work: WorkPool): CheckLeaves {
  return async (leaves) =>
    leaves.file.direct === undefined && leaves.length <= HERE_BYTES
      ? await checkLeavesHere(leaves)
      : await work.run('checkLeaves', leaves)
}
