import { bundle } from './bundle.ts';
import { making } from './making.ts';
import type { Rows } from './row.ts';
import { state } from './state.ts';
import { surroundings } from './surroundings.ts';
import { warnings } from './warnings.ts';

/** Of failures and warnings. */
export const rows: Rows = { ...bundle, ...state, ...making, ...surroundings, ...warnings };
