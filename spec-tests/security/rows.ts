/** One published hole, or several with one cause. A test is about it when its title has one of the ids. */
export interface Row {
  readonly ids: readonly string[];
  /** What went wrong, where it did. */
  readonly hole: string;
}

export const rows: readonly Row[] = [
  {
    ids: ['CVE-2015-3627', 'CVE-2015-3629'],
    hole: 'links of the image were followed to the host, for streams and mounts, also when a container began again',
  },
  { ids: ['CVE-2015-3630', 'CVE-2015-3631'], hole: 'files of /proc could be written to, and volumes mounted over it' },
  { ids: ['CVE-2016-3697'], hole: 'a number was looked up as a name in /etc/passwd of the image' },
  { ids: ['CVE-2016-8867'], hole: 'a user had ambient capabilities that nobody had asked for' },
  { ids: ['CVE-2016-9962'], hole: 'descriptors of the runtime could be had through a process that joined the container' },
  { ids: ['CVE-2019-5736'], hole: 'the executable of the runtime could be written to from the container' },
  { ids: ['CVE-2019-18837'], hole: 'links of the image were followed to the host, where there were many' },
  { ids: ['CVE-2019-16884'], hole: 'labels were written to a /proc that the image brought along' },
  {
    ids: ['CVE-2019-19921', 'CVE-2023-27561', 'CVE-2023-28642', 'CVE-2025-54867'],
    hole: 'protections were lost where /proc or /sys of the image is a link',
  },
  { ids: ['CVE-2020-15257'], hole: 'an abstract socket was open to the network namespace of the host' },
  { ids: ['CVE-2021-30465', 'CVE-2024-45310'], hole: 'a mount point was exchanged with a link before it was used' },
  { ids: ['CVE-2021-43784'], hole: 'lengths above 65 535 were cut' },
  {
    ids: ['CVE-2022-29162', 'CVE-2022-27650', 'CVE-2022-24769', 'CVE-2025-27612'],
    hole: 'exec and the default configuration gave inheritable capabilities',
  },
  { ids: ['CVE-2022-0492'], hole: 'release_agent of a cgroup hierarchy could be written to' },
  { ids: ['CVE-2022-0811'], hole: 'a sysctl had another one in its name or value' },
  { ids: ['CVE-2023-25173'], hole: 'groups of the caller stayed' },
  { ids: ['CVE-2023-25809'], hole: 'cgroups of the host could be written to' },
  { ids: ['runc#4103'], hole: 'texts of the configuration led to other files' },
  { ids: ['CVE-2024-21626'], hole: 'a descriptor of the runtime was the working directory' },
  { ids: ['CVE-2024-3154'], hole: 'an annotation had systemd do on the host what it named' },
  { ids: ['CVE-2024-40635', 'CVE-2026-46680'], hole: 'an id that is too large became root' },
  { ids: ['CVE-2025-24965'], hole: 'a file that the runtime writes into the image went where a link led' },
  { ids: ['CVE-2025-23266'], hole: 'a hook ran with the environment of the image, LD_PRELOAD too' },
  { ids: ['CVE-2025-31133', 'CVE-2025-62161'], hole: 'paths were masked with what the image had at /dev/null' },
  { ids: ['CVE-2025-52565', 'CVE-2025-62596'], hole: 'links were followed for /dev/console and what it is made of' },
  { ids: ['CVE-2025-52881'], hole: 'what the runtime writes to /proc was led to other files there' },
  { ids: ['GHSA-3q8j-pf29-vwv8'], hole: 'read-only paths and masked directories were exchanged between two steps' },
  { ids: ['CVE-2026-30892'], hole: 'exec --user took other texts for root' },
  { ids: ['CVE-2026-41579', 'CVE-2026-47766'], hole: 'devices were made, and ptmx removed, on the host where /dev of the image is a link' },
  { ids: ['runc#5474'], hole: '--preserve-fds passes descriptors of the runtime when there are fewer than it says' },
  { ids: ['crun@1.28'], hole: 'ids were taken for paths; exec --cgroup led out of the cgroup' },
];
