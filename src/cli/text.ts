const units = ['KiB', 'MiB', 'GiB', 'TiB', 'PiB']

/** A size for people: `512 B`, `1.2 GiB`, `340 MiB`. */
export function formatBytes(bytes: number): string {
  if (bytes < 1024) return `${Math.round(bytes)} B`
  let value = bytes / 1024
  let unit = 0
  while (value >= 1023.5 && unit < units.length - 1) {
    value /= 1024
    unit++
  }
  return `${value.toFixed(value < 99.95 ? 1 : 0)} ${units[unit]}`
}

/** A duration of `ms` milliseconds for people: `12s`, `2m 05s`, `1h 05m`, `3d 4h`. */
export function formatDuration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000))
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0')
  if (seconds < 60) return `${seconds}s`
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m ${two(seconds % 60)}s`
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)}h ${two((seconds % 3600) / 60)}m`
  return `${Math.floor(seconds / 86_400)}d ${Math.floor((seconds % 86_400) / 3600)}h`
}

/** An ISO time of the API for people, in UTC to the second; `-` for none. Peers' times that are no ISO times stay as they are. */
export function formatTime(iso: string | null): string {
  if (iso === null) return '-'
  return iso.replace(/^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.\d+)?Z$/, '$1 $2Z')
}

/** Names one after another; `-` for none. */
export function listText(names: readonly string[]): string {
  return names.length === 0 ? '-' : names.join(', ')
}

/** Like {@link listText}, for a cell: the first, and how many there are besides. */
export function briefText(names: readonly string[]): string {
  const [first, ...rest] = names
  return first === undefined || rest.length === 0 ? listText(names) : `${first} +${rest.length}`
}
