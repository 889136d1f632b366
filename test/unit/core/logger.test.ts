import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'

const logger = new URL('../../../src/core/logger.ts', import.meta.url)

test('a line of the log stays one line of JSON that no terminal acts on, whatever a peer calls itself', () => {
  const fields = {
    peer: '\u001b]0;owned\u0007\u009b2J\u202egold\u2028',
    error: 'first\nsecond {"level":60,"msg":"forged"}\r',
    ['key\u001b[2J']: 1,
  }
  const script = `const { createLogger } = await import(${JSON.stringify(logger.href)})
    createLogger('info').warn(${JSON.stringify(fields)}, 'a fixed text')
    process.stdout.write('done')`
  const args = [
    '--input-type=module',
    '--disable-warning=ExperimentalWarning',
    '-e',
    `(async () => { ${script} })()`,
  ]
  // What goes to stderr comes to stdout here.
  const said = execFileSync('sh', ['-c', 'exec "$0" "$@" 2>&1 >/dev/null', process.execPath, ...args], {
    encoding: 'utf8',
  })
  expect(said).toMatch(/^[ -~]+\n$/)
  expect(JSON.parse(said)).toMatchObject({ level: 40, msg: 'a fixed text', ...fields })
})
