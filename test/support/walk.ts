/** The walk of docs/operations.md: a transcript of commands and what they say, in code blocks with prose between. */

/** A command behind its prompt, and what it says. */
export interface WalkStep {
  /** `hq$ ingot status` */
  command: string
  said: string
}

const prompt = /^(?:hq|branch7)\$ /m
const heading = '## A walk through the whole life'

/** The steps of a transcript, as `scripts/walk` prints it or a code block shows it. */
export function stepsOf(transcript: string): WalkStep[] {
  return transcript.split(/^(?=(?:hq|branch7)\$ )/m).flatMap((text) => {
    const [command = '', ...said] = text.trimEnd().split('\n')
    return prompt.test(command) ? [{ command, said: said.join('\n') }] : []
  })
}

/** The document with each code block of the walk replaced. */
export function replaceBlocks(docs: string, replace: (block: string) => string): string {
  const begin = docs.indexOf(heading)
  if (begin === -1) throw new Error(`no "${heading}" in the document`)
  const end = docs.indexOf('\n## ', begin + 1)
  const section = docs
    .slice(begin, end === -1 ? undefined : end)
    .replace(/^```\n(.*?)^```$/gms, (_, block: string) => `\`\`\`\n${replace(block)}\`\`\``)
  return docs.slice(0, begin) + section + (end === -1 ? '' : docs.slice(end))
}

/** A step without what differs from one walk to the next. Images of several servers come in the order of random peer ids: their lines are sorted. */
export function comparable(step: WalkStep): WalkStep {
  const [command, said] = [masked(step.command), masked(step.said)]
  if (!/ ingot query image(?!.* --image )/.test(command)) return { command, said }
  return { command, said: said.split('\n').sort().join('\n') }
}

/** Ids, times, ports, processes, free space, and what a race decides, masked. */
function masked(text: string): string {
  return text
    .replace(/\b[0-9a-f]{12}…/g, 'DIGEST…')
    .replace(/\b12D3KooW\w{4}…/g, 'PEER…')
    .replace(/\b[0-9a-f]{8}…/g, 'JOURNAL…')
    .replace(/\b\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ/g, 'TIME')
    .replace(/\/tcp\/\d+/g, '/tcp/PORT')
    .replace(/^(\w+\$ kill) \d+$/gm, '$1 PID')
    .replace(/^process: .*$/gm, 'process: PID')
    .replace(/^(disk free:).*$/gm, '$1 FREE')
    .replace(/^disk .*% of the file system.*$/gm, 'disk FREE')
    .replace(/^(database .*), [\d.]+ MiB$/gm, '$1, SIZE')
    .replace(/^(file system .*files: )\w+(; .*: )\w+$/gm, '$1ABLE$2ABLE')
    .replace(/^(job \d+:) (?:QUEUED|PLANNING|FETCHING)$/gm, '$1 RUNS')
}
