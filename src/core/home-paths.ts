import { join } from 'node:path'

/** Places in a home directory. */
export function homePaths(home: string) {
  return {
    config: join(home, 'ingot.toml'),
    state: join(home, 'state'),
    key: join(home, 'state', 'key'),
    database: join(home, 'state', 'ingot.db'),
    run: join(home, 'run'),
    socket: join(home, 'run', 'control.sock'),
    lock: join(home, 'run', 'lock'),
    holder: join(home, 'run', 'holder.json'),
    preseed: join(home, 'preseed'),
    preseedIndexes: join(home, 'state', 'preseed'),
    images: join(home, 'images'),
  }
}
