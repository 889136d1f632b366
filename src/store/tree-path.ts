const SLASH = Buffer.from('/')

/** A path under a directory, as bytes: names need not be UTF-8. */
export function joinBytes(directory: Uint8Array, name: Uint8Array): Buffer {
  return name.length === 0 ? Buffer.from(directory) : Buffer.concat([directory, SLASH, name])
}
