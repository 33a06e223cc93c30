/** A value for the bus: structures and arrays are arrays, "ay" is a Uint8Array. */
export type BusValue = string | boolean | number | bigint | Uint8Array | readonly BusValue[];

/** A property of a unit: its name, and a variant of D-Bus type and value. */
export type UnitProperty = readonly [name: string, variant: readonly [type: string, value: BusValue]];

/** The unit that holds a container. */
export interface SystemdUnit {
  readonly name: string;
  /** Whether it is one of the user's manager, not the system's. */
  readonly user: boolean;
}

/** Where systemd puts a container. */
export interface ScopePlace extends SystemdUnit {
  readonly slice: string;
}
