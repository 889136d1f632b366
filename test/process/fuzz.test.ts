import { expect, test } from 'vitest'
import { checkoutPath, testBed } from '../support/daemon.ts'
import { printedSeed } from '../support/random.ts'

const MESSAGES = 5_000
const LIMIT_MS = 170_000

test(
  'messages that nobody should send, asked and answered, leave a server running, answering and as large as it was',
  async () => {
    const seed = printedSeed('fuzz')
    const bed = await testBed()
    const args = ['--messages', `${MESSAGES}`, '--seed', `${seed}`, '--json']
    const { code, stdout, stderr } = await bed.run(checkoutPath('scripts/fuzz'), args, {
      timeoutMs: LIMIT_MS,
    })
    expect(code, `${stdout}\n${stderr}`).toBe(0)
    const report = JSON.parse(stdout) as { messages: number; sent: Record<string, number>; cuts: number }
    expect(report.messages).toBeGreaterThanOrEqual(MESSAGES)
    // Nothing was left out: both roles, with and without registration, and connections that were cut for what was sent on them.
    for (const kind of [
      'request for content',
      'receipt',
      'hello',
      'subscriptions',
      'opening of a journal',
      'entry of a journal',
      'answer with content',
      'knock without registration',
    ])
      expect(report.sent[kind], `${kind}: ${stdout}`).toBeGreaterThan(0)
    expect(report.cuts).toBeGreaterThan(0)
  },
  LIMIT_MS,
)
