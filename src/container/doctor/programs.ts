import type { Check, Machine } from './check.ts';

const topic = 'Ids and programs';

function ranges({ facts, ranges: { uids, gids, lacking } }: Machine): Check {
  const check = { topic, subject: 'subordinate ids', why: 'a user namespace with more than one id, for images with several users' };
  if (facts.euid === 0) return { ...check, state: 'ok', found: 'not needed: root maps any id that it has' };
  if (uids === 0 || gids === 0) {
    return {
      ...check,
      state: 'limited',
      found: 'none in /etc/subuid and /etc/subgid for this user',
      mend: 'usermod --add-subuids 100000-165535 --add-subgids 100000-165535 USER',
    };
  }
  const found = `${uids} uids, ${gids} gids`;
  if (lacking.length === 0) return { ...check, state: 'ok', found };
  return {
    ...check,
    state: 'limited',
    found: `${found}, but no ${lacking.join(' and ')}`,
    mend: 'apt-get install uidmap (elsewhere: shadow-utils)',
  };
}

function criu({ criu: version }: Machine): Check {
  const check = { topic, subject: 'CRIU', why: 'runts checkpoint and restore' };
  if (version === undefined)
    return { ...check, state: 'limited', found: 'not in PATH', mend: 'apt-get install criu (not in Debian 12), or see criu.org' };
  return { ...check, state: 'ok', found: version };
}

function resctrl({ facts }: Machine): Check {
  const check = { topic, subject: 'resctrl', why: 'linux.intelRdt' };
  return facts.resctrl === undefined ? { ...check, state: 'note', found: 'not mounted' } : { ...check, state: 'ok', found: facts.resctrl };
}

export const programChecks = (machine: Machine): Check[] => [ranges(machine), criu(machine), resctrl(machine)];
