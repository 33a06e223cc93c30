// Completion for zsh.
import { type Argument, type Completion, globals, notice, type ShownCommand, type ShownFlag, shownCommands, takesValue } from './table.ts';

const quoted = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;
/** In a description, and in what stands for a value, a colon ends it. */
const escaped = (text: string): string => text.replaceAll('\\', String.raw`\\`).replaceAll(/[[\]:]/g, String.raw`\$&`);

/** The action of _arguments. */
function action(completion: Completion): string {
  if (completion.kind === 'words') return `(${completion.words.join(' ')})`;
  if (completion.kind === 'container') return `{ ${['_runts_containers', ...completion.states].join(' ')} }`;
  if (completion.kind === 'directory') return '_files -/';
  if (completion.kind === 'file') return '_files';
  return completion.kind === 'program' ? '_normal' : ' ';
}

function flagWords(flag: ShownFlag): string {
  const { name, alias, type, value, description, completion } = flag;
  const argument = takesValue(flag) ? `:${escaped(value ?? 'VALUE')}:${action(completion)}` : '';
  const rest = `${quoted(`[${escaped(description)}]${argument}`)}`;
  const [long, short] = takesValue(flag) ? [`--${name}=`, `-${alias}+`] : [`--${name}`, `-${alias}`];
  const repeats = type === 'array';
  if (alias === undefined) return `${repeats ? "'*'" : ''}${long}${rest}`;
  return `${quoted(repeats ? '*' : `(--${name} -${alias})`)}{${long},${short}}${rest}`;
}

function argumentWords({ name, completion, variadic }: Argument, index: number, stops: boolean): string {
  // Of what belongs to another program nothing is a flag of this one.
  const place = variadic ? (stops ? '*::' : '*:') : `${index + 1}:`;
  return quoted(`${place}${escaped(name)}:${action(completion)}`);
}

function commandCase({ name, command, flags, args }: ShownCommand): string {
  const stops = command.stopAtPositional === true;
  const lines = [...flags.map(flagWords), ...args.map((argument, index) => argumentWords(argument, index, stops))];
  return `    ${name})\n      _arguments ${stops ? '-A "-*" ' : ''}-s -S${lines.map((line) => ` \\\n        ${line}`).join('')}\n      ;;`;
}

/** The file for a directory of zsh's fpath. */
export const zshCompletion = (): string => `#compdef runts
# Completion of runts(8) for zsh.
# ${notice}

# Ids of the containers that are in one of the states, with their states.
_runts_containers() {
  local line
  local -a columns containers
  for line in \${(f)"$("\${program[@]}" list 2> /dev/null)"}; do
    columns=(\${=line})
    [[ $columns[1] == ID ]] && continue
    if (( $# == 0 || \${@[(Ie)$columns[3]]} )); then containers+=("$columns[1]:$columns[3]"); fi
  done
  _describe -t containers container containers
}

_runts_command() {
  case $1 in
${shownCommands.map(commandCase).join('\n')}
    help)
      _arguments ${quoted(`1:command:(${shownCommands.map(({ name }) => name).join(' ')})`)}
      ;;
  esac
}

_runts() {
  local curcontext=$curcontext state line
  local -a commands program=("$words[1]")
  local -A opt_args
  commands=(
${shownCommands.map(({ name, command }) => `    ${quoted(`${name}:${command.summary}`)}`).join('\n')}
    'help:show help, also of one command'
  )
  _arguments -C -s -S -A '-*' \\
${globals.map((flag) => `    ${flagWords(flag)} \\\n`).join('')}    '1:command:->command' '*::argument:->argument' && return
  [[ -n \${opt_args[--root]} ]] && program+=(--root "\${(Q)opt_args[--root]}")
  case $state in
    command) _describe -t commands command commands ;;
    argument) _runts_command "$words[1]" ;;
  esac
}

_runts "$@"
`;
