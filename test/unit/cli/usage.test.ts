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
    [['add', 'image', '--image', 'x', '--path', 'y'], "required option '--parent <I>' not specified"],
    [['import', 'image', '--image', 'x', '--path', 'y', '--series', 'a/b'], 'series name "a/b" is not valid'],
    [['query', 'image', '--image', 'a/b/c'], 'image name "b/c" is not valid'],
    [['delete', 'image', '--image', '../x'], 'server name ".." is not valid'],
    [['promote', 'image', '--image', 'x', '--state', 'up'], '"up" is not a state'],
    [['adopt', 'image', '--image', 'hq/x', '--as', './y'], 'image name "./y" is not valid'],
    [
      ['instantiate', 'image', '--server', 'hq', '--series', 's', '--imagetype', 'T'],
      'more than one selector',
    ],
    [['instantiate', 'image', '--server', 'hq', '--all', '--keep', '0'], '"0" is not a number of images'],
    [
      ['instantiate', 'image', '--server', 'hq', '--all', '--keep', 'none'],
      '"none" is not a number of images',
    ],
    [['instantiate', 'image', '--server', 'hq', '--all', '--max-bytes', '20 XB'], '"20 XB" is not a size'],
    [['instantiate', 'image', '--server', 'hq', '--all', '--priority', '1001'], '"1001" is not a priority'],
    [['instantiate', 'image', '--server', 'hq', '--all', '--priority', '-1'], '--priority needs a value'],
    [['modify', 'subscription', '--server', 'hq', '--keep', '3'], 'no selector is given'],
    [
      ['modify', 'subscription', '--server', 'hq', '--all', '--trust-privileged', 'maybe'],
      '"maybe" is not yes or no',
    ],
    [['resolve', 'job', '--job', '1'], 'no resolution is given'],
    [['resolve', 'job', '--job', '1', '--keep', '--rename', 'x'], 'more than one resolution is given'],
    [['resolve', 'job', '--job', '1', '--rename', 'a/b'], 'image name "a/b" is not valid'],
    [['pause', 'job'], "required option '--job <ID>' not specified"],
    [['modify', 'peerserver', '--server', 'hq'], 'no change is given'],
    [['modify', 'server'], 'no change is given'],
    [['modify', 'server', '--rate-in', '10'.repeat(12)], 'is not a rate'],
    [['instantiate', 'image', '--server', 'hq', '--all', '--rate', 'none'], '"none" is not a rate'],
    [['instantiate', 'image', '--server', 'hq', '--all', '--window', 'none'], '"none" is not a window'],
    [['modify', 'subscription', '--server', 'hq', '--all', '--window', '22:00-06:00'], 'name of a time zone'],
    [['add', 'imagetype', '--imagetype', 'T', '--basetype', 'X'], '"X" is not a base type'],
    [['add', 'client', '--client', 'a b'], 'client name "a b" is not valid'],
    [['delete', 'target', '--target', 'x', '--target', 'y'], '--target is given twice'],
    [['query', 'audit', '--limit', '0'], '"0" is not a number of entries'],
    [['query', 'audit', '--to', 'soon'], '"soon" is not a time'],
    [['completion', '--shell', 'fish'], '"fish" is not a shell'],
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
