/** Ports that the system does not give to connections: a server that is started again finds its own free. */
const FIRST_PORT = 10_000
const PORTS = 22_000
// Processes that start one after the other begin far apart.
let next = (process.pid * 5003) % PORTS

/** A port that this process did not take yet. Another one may have: then the next is to be tried. */
export function nextPort(): number {
  return FIRST_PORT + (next++ % PORTS)
}
