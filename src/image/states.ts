/** How an own image stands to the outside; see docs/operations. */
export const imageStates = ['TESTABLE', 'RESTRICTED', 'PUBLISHED'] as const
export type ImageState = (typeof imageStates)[number]
