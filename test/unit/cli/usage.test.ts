import { describe, expect, it } from 'vitest'
import { cli } from './fake-daemon.ts'

describe('usage errors end with 2 and say what to do', () => {
  it.each([
    [[], 'no verb is given'],
    [['query'], '"query" needs a noun'],
    [['qurey', 'image'], "unknown command 'qurey'"],
    [['query', 'images'], "unknown command 'images'"],
    [['delete', 'job', '--job', '1'], "unknown command 'job'"],
    [['status', 'now'], 'too many arguments'],
    [['query', 'server', '--version'], "unknown option '--version'"],
    [['query', 'image', '-foo'], "unknown option '--foo'"],
    [['import', 'image', '--image', 'x'], "required option '--path <FILE|DIR>' not specified"],
    [['import', 'image', '--image', 'a/b', '--path', 'x'], 'image name "a/b" is not valid'],
    [['import', 'image', '--image', 'x', '--path='], '--path is empty'],
    [['import', 'image', '--image', 'x', '--path', 'y', '--label', 'z'], '"z" is not a label'],
    [['instantiate', 'image', '--server', 'hq'], 'no selector is given'],
    [['instantiate', 'image', '--server', 'hq', '-all', '--image', 'x'], 'more than one selector is given'],
    [
      ['uninstantiate', 'image', '--server', 'hq', '--image', 'x', '--imagetype', 'OS'],
      'more than one selector',
    ],
    [['instantiate', 'image', '--all'], "required option '--server <PEER>' not specified"],
    [['wait', 'image', '--image', 'x', '--timeout', '60'], '"60" is not a duration'],
    [['query', 'job', '--job', 'x'], '"x" is not a job'],
    [['register', 'server'], "required option '--serverdata <FILE>' not specified"],
  ])('%j', async (argv, message) => {
    const { code, stdout, stderr } = await cli(argv)
    const [first, second] = stderr.split('\n')
    expect(first).toMatch(/^ingot: /)
    expect(first).toContain(message)
    expect(second).toMatch(/^ {2}\S/)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  })

  it('suggest what was meant', async () => {
    expect((await cli(['qurey', 'image'])).stderr).toContain('did you mean query?')
    expect((await cli(['query', 'images'])).stderr).toContain('did you mean image?')
    expect((await cli(['query', 'image', '--serer', 'hq'])).stderr).toContain('did you mean --server?')
  })

  it('are one JSON line with --json, wherever that stands', async () => {
    for (const argv of [
      ['--json', 'query', 'images'],
      ['query', 'images', '-json'],
    ]) {
      const { code, stderr } = await cli(argv)
      expect(code).toBe(2)
      expect(JSON.parse(stderr)).toEqual({
        error: {
          code: 'usage',
          message: "unknown command 'images'",
          hint: expect.stringContaining('image?'),
        },
      })
    }
  })
})

describe('--version', () => {
  it('counts before the verb', async () => {
    expect(await cli(['--version'])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^ingot \d+\.\d+\.\d+\n$/),
    })
    const { stdout } = await cli(['--json', '--version'])
    expect(JSON.parse(stdout)).toEqual({ version: expect.any(String) })
  })
})

describe('the daemon', () => {
  it('that does not run ends with 3', async () => {
    const { code, stderr } = await cli(['status', '--home', '/nonexistent/home'])
    expect(code).toBe(3)
    expect(stderr).toContain('no ingot daemon listens on /nonexistent/home/run/control.sock')
    expect(stderr).toContain('ingot daemon')
  })

  it('is looked for where the environment says', async () => {
    const { stderr } = await cli(['status'], { env: { INGOT_HOME: 'here' }, cwd: '/nonexistent' })
    expect(stderr).toContain('/nonexistent/here/run/control.sock')
  })
})
