/**
 * Properties of a scope that an annotation may set without being allowed to: they concern the processes of the container, or limit it further, and name no
 * other unit, file or action (systemd.scope(5), systemd.kill(5), systemd.resource-control(5)). All others an image's author or the user of an engine could
 * use against the host: SuccessAction= reboots it, Wants= starts a service, DeviceAllow= opens a device (CVE-2024-3154).
 */
const harmless: ReadonlySet<string> = new Set([
  // What engines set of themselves, of which Delegate is so in any case.
  ...['After', 'Before', 'DefaultDependencies', 'Delegate', 'Documentation'],
  ...['CollectMode', 'TimeoutStopUSec', 'RuntimeMaxUSec', 'RuntimeRandomizedExtraUSec'],
  ...['KillMode', 'KillSignal', 'RestartKillSignal', 'FinalKillSignal', 'WatchdogSignal', 'SendSIGHUP', 'SendSIGKILL'],
  ...['CPUAccounting', 'MemoryAccounting', 'TasksAccounting', 'IOAccounting', 'BlockIOAccounting', 'IPAccounting'],
  ...['CPUWeight', 'StartupCPUWeight', 'CPUShares', 'StartupCPUShares', 'CPUQuotaPerSecUSec', 'CPUQuotaPeriodUSec'],
  ...['AllowedCPUs', 'StartupAllowedCPUs', 'AllowedMemoryNodes', 'StartupAllowedMemoryNodes'],
  ...['MemoryMin', 'MemoryLow', 'MemoryHigh', 'MemoryMax', 'MemorySwapMax', 'MemoryZSwapMax', 'MemoryZSwapWriteback', 'MemoryLimit'],
  ...['StartupMemoryLow', 'StartupMemoryHigh', 'StartupMemoryMax', 'StartupMemorySwapMax', 'StartupMemoryZSwapMax'],
  ...['DefaultMemoryMin', 'DefaultMemoryLow', 'DefaultStartupMemoryLow', 'MemoryPressureWatch', 'MemoryPressureThresholdUSec'],
  ...['TasksMax', 'IOWeight', 'StartupIOWeight', 'BlockIOWeight', 'StartupBlockIOWeight'],
  ...['OOMPolicy', 'ManagedOOMSwap', 'ManagedOOMMemoryPressure', 'ManagedOOMMemoryPressureLimit', 'ManagedOOMPreference'],
]);

export const isHarmless = (property: string): boolean => harmless.has(property);
