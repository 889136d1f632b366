import { chmod, mkdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createNetwork, type TestServer } from '../support/network.ts'
import { tempDir } from '../support/temp-dir.ts'

/** Permission bits, with the set-id bits, of a file in a replica. */
async function modeOf(server: TestServer, image: string, file: string): Promise<number> {
  const { path } = await server.waitImage(image)
  return (await stat(join(path as string, file))).mode & 0o7777
}

test('set-id bits of a tree are applied only where the subscription says so; elsewhere the job says that they were dropped', async () => {
  const { server, peer } = await createNetwork(['a', 'b', 'c'])
  await peer('a', 'b')
  await peer('a', 'c')
  const path = join(await tempDir(), 'home')
  await mkdir(join(path, 'bin'), { recursive: true })
  await writeFile(join(path, 'bin', 'tool'), 'x')
  await chmod(join(path, 'bin', 'tool'), 0o4755)
  await server('a').importImage('home', { path })
  await server('b').subscribeAll('a')
  const selector = { kind: 'all' } as const
  await server('c').client.subscribe({ server: 'a', selector, trustPrivileged: true })
  expect(await modeOf(server('b'), 'a/home', 'bin/tool')).toBe(0o755)
  expect(await server('b').job('a/home')).toMatchObject({ reason: '1 privileged attribute was dropped' })
  expect(await modeOf(server('c'), 'a/home', 'bin/tool')).toBe(0o4755)
  expect(await server('c').job('a/home')).toMatchObject({ reason: null })
  // Trusted later: asked for by name it comes again, with its bits and without its bytes.
  await server('b').client.modifySubscription({ server: 'a', selector, trustPrivileged: true })
  await server('b').client.deleteImage('a/home')
  await server('b').client.subscribe({
    server: 'a',
    selector: { kind: 'image', image: 'home' },
    trustPrivileged: true,
  })
  expect(await modeOf(server('b'), 'a/home', 'bin/tool')).toBe(0o4755)
})
