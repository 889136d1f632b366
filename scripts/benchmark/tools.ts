import { accessSync, constants } from 'node:fs'
import { join } from 'node:path'

/** Programs that are measured or used, and the Debian package that has each. */
export const packages = {
  scp: 'openssh-client',
  sshd: 'openssh-server',
  rsync: 'rsync',
  syncthing: 'syncthing',
  casync: 'casync',
  openssl: 'openssl',
  mke2fs: 'e2fsprogs',
  debugfs: 'e2fsprogs',
} as const

export type Tool = keyof typeof packages

/** Where a program lies; undefined where it is not. */
export function pathOf(tool: Tool | 'ssh' | 'ssh-keygen'): string | undefined {
  const directories = [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin', '/sbin']
  return directories
    .filter((directory) => directory !== '')
    .map((directory) => join(directory, tool))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK)
        return true
      } catch {
        return false // not there
      }
    })
}
