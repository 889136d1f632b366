/** The module to preload, as `node --import` takes it: faults of a disk can come from then on. */
export const preloadUrl: string = new URL('./preload.ts', import.meta.url).href
