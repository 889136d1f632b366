/** What is seen of a run: messages that were sent, by kind, and what should not have been. */
export class Tally {
  readonly sent: Record<string, number> = {}
  /** What a server did that it must not. */
  readonly problems: string[] = []
  total = 0
  /** Connections that were made. */
  connections = 0
  /** Messages after which the server cut the connection. */
  cuts = 0

  /** Counts messages that a server got. */
  add(kind: string, count = 1): void {
    this.sent[kind] = (this.sent[kind] ?? 0) + count
    this.total += count
  }

  problem(what: string): void {
    if (this.problems.length < 20) this.problems.push(what)
  }
}
