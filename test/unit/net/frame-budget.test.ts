import { expect, test } from 'vitest'
import { defaultLimits as limits } from '../../../src/core/limits.ts'
import { FrameBudget, FrameBudgets } from '../../../src/net/frame-budget.ts'

/** A budget as in service, and a clock that stands still until it is turned. */
function budgeted() {
  const clock = { now: 0 }
  return { clock, budget: new FrameBudget(limits.framesPerSecond, () => clock.now) }
}

/** The payload of the largest frame in a window as it begins, and what such a frame leaves of the window. */
const WINDOW = 256 * 1024
const LEFT = 12
const TWO_GB = 2_000_000_000

test('small frames are taken as far as the budget goes, and again as time passes', () => {
  const { clock, budget } = budgeted()
  const taken = () => {
    let count = 0
    while (budget.take(1, 0)) count++
    return count
  }
  expect(taken()).toBe(limits.framesPerSecond)
  clock.now = 500
  expect(taken()).toBe(limits.framesPerSecond / 2)
  clock.now = 3_600_000
  expect(taken()).toBe(limits.framesPerSecond)
})

test('two gigabytes that come within a second in the smallest windows are no flood', () => {
  const { budget } = budgeted()
  for (let bytes = 0; bytes < TWO_GB; bytes += WINDOW) {
    expect(budget.take(1, WINDOW - LEFT)).toBe(true)
    expect(budget.take(1, LEFT)).toBe(true)
  }
})

test('the answers to two gigabytes that are sent within a second are no flood', () => {
  const { budget } = budgeted()
  for (let bytes = 0; bytes < TWO_GB; bytes += WINDOW) {
    budget.earn(WINDOW)
    expect(budget.take(1, 0)).toBe(true) // the window, for each of the two frames
    expect(budget.take(1, 0)).toBe(true)
  }
})

test('as many requests as are read in a second are no flood', () => {
  const { budget } = budgeted()
  for (let i = 0; i < limits.messagesPerSecond; i++) {
    expect(budget.take(1, 100)).toBe(true)
    for (let part = 0; part < 2; part++) expect(budget.take(1, 0)).toBe(true) // the windows for head and payload
  }
})

test('a peer has one budget, however often it comes again', () => {
  const budgets = new FrameBudgets(10)
  expect(budgets.of('P').take(8, 0)).toBe(true)
  expect(budgets.of('P').take(8, 0)).toBe(false)
  expect(budgets.of('Q').take(8, 0)).toBe(true)
})
