import { IngotError } from '../core/errors.ts'
import type { Head } from '../image/journal.ts'
import type { Digest } from '../image/digest.ts'
import type { Database, Row } from './database.ts'

/**
 * registered: an exchange takes place once the other side has registered us too. suspended: the other side ended the
 * relation; it goes on when that side registers again. unregistered: ended here; kept only for the name.
 */
export type PeerStatus = 'registered' | 'suspended' | 'unregistered'

/** Bytes per second over all content streams with a peer, received and sent; undefined: no bound. */
export interface LinkRates {
  rateIn: number | undefined
  rateOut: number | undefined
}

export interface Peer extends LinkRates {
  id: string
  /** The name under which it was registered here. */
  name: string
  addresses: string[]
  status: PeerStatus
  registeredAt: number
  lastContact: number | undefined
  wrongLeaves: number
  /** Why intake from this peer stands still; undefined when it does not. */
  fault: string | undefined
  /** The entry that is at fault, where it is not the journal as a whole. */
  faultSeq: number | undefined
  /** The entry at fault that the operator decided to pass over. */
  passedSeq: number | undefined
}

function toPeer(row: Row): Peer {
  return {
    id: row['id'] as string,
    name: row['name'] as string,
    addresses: JSON.parse(row['addresses'] as string) as string[],
    status: row['status'] as PeerStatus,
    registeredAt: row['registered_at'] as number,
    lastContact: (row['last_contact'] as number | null) ?? undefined,
    wrongLeaves: row['wrong_leaves'] as number,
    fault: (row['fault'] as string | null) ?? undefined,
    faultSeq: (row['fault_seq'] as number | null) ?? undefined,
    passedSeq: (row['passed_seq'] as number | null) ?? undefined,
    rateIn: (row['rate_in'] as number | null) ?? undefined,
    rateOut: (row['rate_out'] as number | null) ?? undefined,
  }
}

/** Peers and what is held of their journals. */
export class Peers {
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
  }

  /** All peers that are registered or suspended, by name. */
  list(): Peer[] {
    return this.#db.all("SELECT * FROM peer WHERE status <> 'unregistered' ORDER BY name").map(toPeer)
  }

  /** Also finds one that is unregistered and only keeps its name. */
  byId(id: string): Peer | undefined {
    const row = this.#db.get('SELECT * FROM peer WHERE id = ?', id)
    return row && toPeer(row)
  }

  /** Also finds one that is unregistered and only keeps its name. */
  byName(name: string): Peer | undefined {
    const row = this.#db.get('SELECT * FROM peer WHERE name = ?', name)
    return row && toPeer(row)
  }

  /** The registered peer of that name. Throws `not-found`. */
  require(name: string): Peer {
    const peer = this.byName(name)
    if (peer !== undefined && peer.status !== 'unregistered') return peer
    throw new IngotError('not-found', `no peer ${JSON.stringify(name)} is registered here`, {
      hint: '"ingot query peerserver" lists the peers; "ingot register server" makes one',
    })
  }

  /** True for a key to which the gate opens. */
  isRegistered(id: string): boolean {
    const peer = this.byId(id)
    return peer !== undefined && peer.status !== 'unregistered'
  }

  register(peer: { id: string; name: string; addresses: string[]; registeredAt: number }): void {
    this.#db.run(
      `INSERT INTO peer (id, name, addresses, status, registered_at) VALUES (?, ?, ?, 'registered', ?)
       ON CONFLICT (id) DO UPDATE SET name = excluded.name, addresses = excluded.addresses, status = 'registered',
         registered_at = excluded.registered_at`,
      peer.id,
      peer.name,
      JSON.stringify(peer.addresses),
      peer.registeredAt,
    )
  }

  setStatus(id: string, status: PeerStatus): void {
    this.#db.run('UPDATE peer SET status = ? WHERE id = ?', status, id)
  }

  setAddresses(id: string, addresses: string[]): void {
    this.#db.run('UPDATE peer SET addresses = ? WHERE id = ?', JSON.stringify(addresses), id)
  }

  setRates(id: string, { rateIn, rateOut }: LinkRates): void {
    this.#db.run(
      'UPDATE peer SET rate_in = ?, rate_out = ? WHERE id = ?',
      rateIn ?? null,
      rateOut ?? null,
      id,
    )
  }

  setLastContact(id: string, time: number): void {
    this.#db.run('UPDATE peer SET last_contact = ? WHERE id = ?', time, id)
  }

  countWrongLeaf(id: string): void {
    this.#db.run('UPDATE peer SET wrong_leaves = wrong_leaves + 1 WHERE id = ?', id)
  }

  /** `seq`: of the entry that is at fault, where it is not the journal as a whole. */
  setFault(id: string, fault: string, seq: number | undefined): void {
    this.#db.run('UPDATE peer SET fault = ?, fault_seq = ? WHERE id = ?', fault, seq ?? null, id)
  }

  /** Takes the fault away; an entry that was at fault is passed over. */
  acceptFault(id: string): void {
    this.#db.run('UPDATE peer SET fault = NULL, passed_seq = fault_seq, fault_seq = NULL WHERE id = ?', id)
  }

  /** Forgets the peer; its cursor and the mirror of its announcements stay. */
  delete(id: string): void {
    this.#db.run('DELETE FROM peer WHERE id = ?', id)
  }

  /** Newest verified head that is held of a peer's journal. */
  cursor(id: string): Head | undefined {
    const row = this.#db.get("SELECT * FROM cursor WHERE peer = ? AND journal_id <> ''", id)
    if (row === undefined) return undefined
    return {
      journalId: row['journal_id'] as string,
      seq: row['seq'] as number,
      hash: row['hash'] as Digest,
      time: row['time'] as number,
      signature: row['signature'] as Uint8Array,
    }
  }

  /** How many entries were ever taken of that peer. */
  taken(id: string): number {
    return (this.#db.get('SELECT taken FROM cursor WHERE peer = ?', id)?.['taken'] as number | undefined) ?? 0
  }

  /** `taken`: how many entries were ever taken of that peer. */
  setCursor(id: string, head: Head, taken: number): void {
    this.#db.run(
      `INSERT INTO cursor (peer, journal_id, seq, hash, time, signature, taken) VALUES (?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (peer) DO UPDATE SET journal_id = excluded.journal_id, seq = excluded.seq, hash = excluded.hash,
         time = excluded.time, signature = excluded.signature, taken = excluded.taken`,
      id,
      head.journalId,
      head.seq,
      head.hash,
      head.time,
      head.signature,
      taken,
    )
  }

  /** Forgets where in its journal the peer was: the next one is taken from its start. What was taken is still counted. */
  forgetCursor(id: string): void {
    this.#db.run("UPDATE cursor SET journal_id = '', seq = 0 WHERE peer = ?", id)
  }
}
