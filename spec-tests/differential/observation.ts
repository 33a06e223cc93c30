/** What there is to see of a container, by names with slashes: equal for equal containers. */
export type Observation = Readonly<Record<string, string>>;
