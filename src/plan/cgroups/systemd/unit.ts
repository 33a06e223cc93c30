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
