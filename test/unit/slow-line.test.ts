import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { randomBytes } from '../support/files.ts'
import { SlowLine, type SlowLineOptions } from '../support/slow-line.ts'
import { waitFor } from '../support/wait-for.ts'

/** A slow line to a server that does with each connection as the test says. */
async function lineTo(
  serve: (socket: Socket) => void,
  options: Omit<SlowLineOptions, 'target'> = {},
): Promise<SlowLine> {
  const sockets = new Set<Socket>()
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket.on('error', () => {}))
    serve(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const line = await SlowLine.start({ target: (server.address() as AddressInfo).port, ...options })
  onTestFinished(async () => {
    await line.stop()
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return line
}

function dial(line: SlowLine): Socket {
  const socket = connect({ port: line.port, host: '127.0.0.1', allowHalfOpen: true })
  onTestFinished(() => void socket.destroy())
  return socket.on('error', () => {})
}

async function all(socket: Socket): Promise<Buffer> {
  const parts: Buffer[] = []
  for await (const part of socket) parts.push(part as Buffer)
  return Buffer.concat(parts)
}

/** Resolves when a socket is closed, by an error too. */
async function closed(socket: Socket): Promise<void> {
  await new Promise((resolve) => socket.once('close', resolve))
}

const echo = (socket: Socket) => void socket.pipe(socket)

test('bytes pass whole and in order, both ways, on connections side by side', async () => {
  const line = await lineTo(echo, { roundTripMs: 4, bytesPerSecond: 50_000_000 })
  const sent = [1, 2, 3].map((seed) => randomBytes(700_001, `line ${seed}`))
  const got = await Promise.all(
    sent.map(async (bytes) => {
      const socket = dial(line)
      socket.end(bytes)
      return await all(socket)
    }),
  )
  for (const [index, bytes] of sent.entries()) expect(got[index]?.equals(bytes)).toBe(true)
  expect([line.up, line.down]).toEqual([2_100_003, 2_100_003])
})

test('never more comes out than the rate allows, over all connections', async () => {
  const bytesPerSecond = 4_000_000
  const line = await lineTo((socket) => socket.resume(), { bytesPerSecond })
  const began = performance.now()
  const sockets = [1, 2].map(() => dial(line))
  for (const socket of sockets) socket.end(Buffer.alloc(500_000))
  await waitFor(
    () => {
      // read before the clock: what came out by then had at least that much time
      const { up } = line
      expect(up).toBeLessThanOrEqual(((performance.now() - began) / 1000) * bytesPerSecond + 1)
      return up === 1_000_000
    },
    { what: 'all bytes', timeoutMs: 20_000 },
  )
})

test('an answer takes the round trip', async () => {
  const line = await lineTo(echo, { roundTripMs: 120 })
  const socket = dial(line)
  await once(socket, 'connect')
  const began = performance.now()
  socket.write('ping')
  await once(socket, 'data')
  expect(performance.now() - began).toBeGreaterThanOrEqual(119)
})

test('it holds what is on its way and little more when the far side does not read', async () => {
  const bytesPerSecond = 20_000_000
  const line = await lineTo((socket) => socket.pause(), { roundTripMs: 100, bytesPerSecond })
  const socket = dial(line)
  socket.write(Buffer.alloc(64_000_000))
  let most = 0
  let before = { up: -1, held: -1 }
  let looks = 0
  await waitFor(
    () => {
      const { up, held } = line
      most = Math.max(most, held)
      looks = up > 0 && up === before.up && held === before.held ? looks + 1 : 0
      before = { up, held }
      return looks === 20
    },
    { what: 'the line to stand', timeoutMs: 20_000 },
  )
  // half a round trip, the queue, one read of each side of it, what may stay unread
  expect(most).toBeLessThanOrEqual(bytesPerSecond * 0.07 + 4 * 65_536 + 2 * 262_144)
})

test('it cuts all, or each connection after so many bytes', async () => {
  const line = await lineTo(echo)
  const first = dial(line)
  first.write('hello')
  await once(first, 'data')
  line.cut()
  await closed(first)
  line.cutAfter(100_000)
  const second = dial(line)
  second.write(randomBytes(100_000, '4'))
  await closed(second.resume())
  expect(line.up + line.down).toBe(10 + 100_000)
  line.cutAfter(Infinity)
  const third = dial(line)
  third.end(randomBytes(100_000, '5'))
  expect((await all(third)).length).toBe(100_000)
})

test('it refuses until it accepts again', async () => {
  const line = await lineTo(echo)
  line.refuse()
  const refused = dial(line)
  refused.write('hello')
  await closed(refused)
  expect(line.up).toBe(0)
  line.accept()
  const socket = dial(line)
  socket.end('hello')
  expect((await all(socket)).toString()).toBe('hello')
})
