import type { HostFacts } from '../../host/facts.ts';
import { formerProperties, updatedProperties } from '../../plan/cgroups/systemd/scope.ts';
import type { LinuxResources } from '../../spec/types.ts';
import type { Context } from '../context.ts';
import type { ContainerRecord } from '../state/container-record.ts';
import { loadSpec, save } from '../state/store.ts';
import { setProperties } from './scope.ts';

/** What systemd has to know of an update: it writes the limits and device rules that it knows of again at each reload. */
export class UnitChange {
  private readonly context: Context;
  private readonly record: ContainerRecord;
  private readonly resources: LinuxResources;
  private readonly facts: HostFacts;
  private told = false;

  constructor(context: Context, record: ContainerRecord, resources: LinuxResources, facts: HostFacts) {
    this.context = context;
    this.record = record;
    this.resources = resources;
    this.facts = facts;
  }

  /** @throws RuntimeError SYSTEMD_FAILED; then nothing has changed */
  apply(): void {
    const { systemdUnit } = this.record;
    if (systemdUnit === undefined) return;
    setProperties(systemdUnit, updatedProperties(this.resources, this.facts));
    this.told = true;
  }

  /**
   * Takes back what was told.
   * @param files what the control files held before
   * @throws RuntimeError SYSTEMD_FAILED
   */
  undo(files: Readonly<Record<string, string>>): void {
    const { systemdUnit, updatedDevices, id } = this.record;
    if (systemdUnit === undefined || !this.told) return;
    const devices = updatedDevices ?? loadSpec(this.context, id).linux?.resources?.devices;
    setProperties(systemdUnit, formerProperties(files, devices, this.facts));
  }

  /** Notes what a later undo has to go back to. */
  keep(): void {
    const { devices = [] } = this.resources;
    if (this.told && devices.length > 0) save(this.context, { ...this.record, updatedDevices: devices });
  }
}
