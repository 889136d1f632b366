import { readdir } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { checkoutPath, testBed } from '../support/daemon.ts'
import { sha256OfFile, writeRandomFile } from '../support/files.ts'

test('the demo brings a file from one server to the other, says so in one line of JSON, and leaves nothing', async () => {
  const bed = await testBed()
  const file = bed.file('small.raw')
  await writeRandomFile(file, 3_000_001, 'demo')
  const { code, stdout, stderr } = await bed.run(checkoutPath('scripts/demo'), ['--json', file], {
    env: { TMPDIR: bed.path },
    timeoutMs: 120_000,
  })
  expect(code, stderr).toBe(0)
  const lines = stdout.trimEnd().split('\n')
  expect(JSON.parse(lines.at(-1) ?? '')).toEqual({
    ok: true,
    bytes: 3_000_001,
    seconds: expect.any(Number) as number,
    sha256: (await sha256OfFile(file)).slice('sha256:'.length),
  })
  expect(await readdir(bed.path)).toEqual(['small.raw'])
})

test('the demo refuses what is not a file before it starts anything', async () => {
  const bed = await testBed()
  const { code, stderr } = await bed.run(checkoutPath('scripts/demo'), ['--json', bed.file('missing')])
  expect(code).toBe(2)
  expect(stderr).toContain('missing is not a file')
})
