import { databaseFaults } from './database-faults.ts'
import { diskFaults } from './disk-faults.ts'
import type { FaultMaker } from './fault.ts'
import { networkFaults } from './network-faults.ts'
import { rotFaults } from './rot-faults.ts'
import { serverFaults } from './server-faults.ts'

const makers = { ...networkFaults, ...serverFaults, ...databaseFaults, ...rotFaults, ...diskFaults }
export type FaultKind = keyof typeof makers

/** Every kind of fault, by its name. */
export const faultMakers: Readonly<Record<FaultKind, FaultMaker>> = makers
export const faultKinds = Object.keys(makers) as FaultKind[]
