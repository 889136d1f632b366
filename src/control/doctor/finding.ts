import type { CheckDocument } from '../documents.ts'

/** What one check found. */
export type Finding = Omit<CheckDocument, 'check'>

export const fine = (message: string): Finding => ({ result: 'ok', message, advice: null })
export const warning = (message: string, advice: string): Finding => ({ result: 'warning', message, advice })
export const failure = (message: string, advice: string): Finding => ({ result: 'failure', message, advice })
