import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import protobuf from 'protobufjs'

/** One text or byte string of a message, however deep it lies. */
export interface Field {
  /** Message and field in which it stands, as in proto/. */
  message: string
  field: string
  value: Uint8Array
}

/** What opens a stream of a protocol and what answers on it. */
const protocols: Readonly<Record<string, { asks: string; answers: string }>> = {
  '/ingot/hello/1': { asks: 'Hello', answers: 'HelloAnswer' },
  '/ingot/journal/1': { asks: 'JournalRequest', answers: 'JournalAnswer' },
  '/ingot/content/1': { asks: 'ContentRequest', answers: 'ContentAnswer' },
  '/ingot/receipt/1': { asks: 'Receipt', answers: 'ReceiptAck' },
  '/ingot/subscriptions/1': { asks: 'Subscriptions', answers: 'SubscriptionsAck' },
  '/ingot/farewell/1': { asks: 'Farewell', answers: 'FarewellAck' },
}

/** Fields that hold an encoded message: what was signed or hashed travels so. */
const embedded: Readonly<Record<string, string>> = {
  'SignedManifest.manifest': 'Manifest',
  'JournalEntry.body': 'Event',
}

const folder = fileURLToPath(new URL('../../../proto/', import.meta.url))
const files = readdirSync(folder).filter((name) => name.endsWith('.proto'))
const schema = protobuf.loadSync(files.map((name) => folder + name)).resolveAll()

const VARINT = 0
const FIXED64 = 1
const BYTES = 2
const FIXED32 = 5

/**
 * Every text and byte string of a frame, found with the schema of proto/ alone: a field that is added there is covered, one that
 * is not there throws. `asks`: sent by the side that opened the stream.
 */
export function fieldsOf(protocol: string, frame: Uint8Array, asks: boolean): Field[] {
  const known = protocols[protocol]
  if (known === undefined) throw new Error(`a frame of ${protocol}, which this check does not know`)
  const fields: Field[] = []
  walk(asks ? known.asks : known.answers, frame, fields)
  return fields
}

function walk(message: string, bytes: Uint8Array, fields: Field[]): void {
  const type = schema.lookupType(`ingot.${message}`)
  const reader = protobuf.Reader.create(bytes)
  while (reader.pos < reader.len) {
    const tag = reader.uint32()
    const field = type.fieldsById[tag >>> 3]
    if (field === undefined) throw new Error(`${message} with a field ${tag >>> 3} that proto/ does not name`)
    switch (tag & 7) {
      case VARINT:
        reader.uint64()
        break
      case FIXED64:
        reader.fixed64()
        break
      case FIXED32:
        reader.fixed32()
        break
      case BYTES: {
        const value = reader.bytes()
        const inner =
          field.resolvedType instanceof protobuf.Type
            ? field.resolvedType.name
            : embedded[`${message}.${field.name}`]
        if (inner !== undefined) walk(inner, value, fields)
        else fields.push({ message, field: field.name, value })
        break
      }
      default:
        throw new Error(`${message} with a field of wire type ${tag & 7}`)
    }
  }
}
