import type { PlanDocument } from '../control/documents.ts'
import type { Output } from './output.ts'
import { formatBytes } from './text.ts'

/** What a subscription takes now, what it leaves, and what that costs. */
export function printPlan(output: Output, plan: PlanDocument): void {
  const bound = plan.exact ? '' : '≤ '
  output.line(
    plan.dryRun
      ? `plan for ${plan.selector} of ${plan.server}; nothing was changed`
      : `subscribed to ${plan.selector} of ${plan.server}`,
  )
  if (plan.images.length > 0) {
    output.table(
      ['IMAGE', { title: 'SIZE', align: 'right' }, 'HERE'],
      plan.images.map((image) => [image.name, formatBytes(image.size), image.here ? 'yes' : 'no']),
    )
  }
  if (plan.notTaken.length > 0) {
    output.table(
      ['NOT TAKEN', 'WHY'],
      plan.notTaken.map(({ name, reason }) => [name, reason]),
    )
  }
  output.fields([
    ['images', String(plan.images.length)],
    ['to move', `${bound}${formatBytes(plan.bytesToMove)}`],
    ['already here', formatBytes(plan.bytesHere)],
    ['disk needed', `${bound}${formatBytes(plan.diskNeeded)}`],
  ])
}
