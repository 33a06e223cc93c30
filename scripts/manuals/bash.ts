// Completion for bash.
import { type Completion, globals, notice, type ShownCommand, type ShownFlag, shownCommands, spellings, takesValue } from './table.ts';

/** What `_runts_complete` understands. */
function words(completion: Completion): string {
  if (completion.kind === 'words') return `words ${completion.words.join(' ')}`;
  if (completion.kind === 'container') return ['containers', ...completion.states].join(' ');
  return completion.kind;
}

const patterns = (command: string, flags: readonly ShownFlag[]): string[] =>
  flags.filter(takesValue).map(
    (flag) =>
      `    ${spellings(flag)
        .map((each) => `${command},${each}`)
        .join('|')}) echo ${quoted(words(flag.completion))} ;;`,
  );

const quoted = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;

const flagWords = (flags: readonly ShownFlag[]): string => flags.map(({ name }) => `--${name}`).join(' ');

const args = ({ name, args: all }: ShownCommand): string[] =>
  all.map(({ completion, variadic }, index) => `    ${name},${variadic ? '*' : index + 1}) echo ${quoted(words(completion))} ;;`);

/** The file for bash-completion(7); it needs nothing of that. */
export const bashCompletion = (): string => `# Completion of runts(8) for bash.                                  -*- shell-script -*-
# ${notice}

# The flags of a command; of none: those before it.
_runts_flags() {
  case $1 in
    '') echo ${quoted(flagWords(globals))} ;;
${shownCommands.map(({ name, flags }) => `    ${name}) echo ${quoted(flagWords(flags))} ;;`).join('\n')}
  esac
}

# How the value of a flag is completed: COMMAND,FLAG. False when it takes none.
_runts_value() {
  case $1 in
${[...patterns('', globals), ...shownCommands.flatMap(({ name, flags }) => patterns(name, flags))].join('\n')}
    *) return 1 ;;
  esac
}

# How an argument is completed: COMMAND,NUMBER.
_runts_argument() {
  case $1 in
    help,1) echo ${quoted(`words ${shownCommands.map(({ name }) => name).join(' ')}`)} ;;
${shownCommands.flatMap(args).join('\n')}
  esac
}

# Whether flags end at the first argument: what follows belongs to another program.
_runts_stops() {
  case $1 in
    ${shownCommands
      .filter(({ command }) => command.stopAtPositional)
      .map(({ name }) => name)
      .join('|')}) ;;
    *) return 1 ;;
  esac
}

# Ids of the containers that are in one of the states; with their states when bash shows a list.
_runts_containers() {
  local id pid status rest matches=() shown=()
  while read -r id pid status rest; do
    [[ $id == "$current"* && ( $# -eq 0 || " $* " == *" $status "* ) ]] || continue
    matches+=("$id") shown+=("$id  ($status)")
  done < <("\${program[@]}" list 2> /dev/null | tail -n +2)
  if (( COMP_TYPE == 63 && \${#matches[@]} > 1 )); then COMPREPLY=("\${shown[@]}"); else COMPREPLY=("\${matches[@]}"); fi
}

_runts_complete() {
  local kind=$1
  shift
  case $kind in
    words) mapfile -t COMPREPLY < <(compgen -W "$*" -- "$current") ;;
    containers) _runts_containers "$@" ;;
    directory) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -d -- "$current") ;;
    file) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$current") ;;
    program) mapfile -t COMPREPLY < <(compgen -c -- "$current") ;;
  esac
}

_runts() {
  local word command='' value='' current=\${COMP_WORDS[COMP_CWORD]} index count=0 ended=
  local -a program=("\${COMP_WORDS[0]}")
  COMPREPLY=()
  for (( index = 1; index < COMP_CWORD; index++ )); do
    word=\${COMP_WORDS[index]}
    # bash makes three words of --flag=value.
    if [[ $word == = ]]; then continue; fi
    if [[ $value ]]; then
      [[ $command || $value == --help ]] || program+=("$value" "$word")
      value=
    elif [[ $word == -- && ! $ended ]]; then ended=1
    elif [[ $word == -* && ! $ended ]]; then
      if _runts_value "$command,$word" > /dev/null; then value=$word
      elif [[ ! $command ]]; then program+=("$word"); fi
    elif [[ ! $command ]]; then command=$word
    else
      (( ++count ))
      if _runts_stops "$command"; then ended=1; fi
    fi
  done
  [[ $current != = ]] || current=
  if [[ $value ]]; then _runts_complete $(_runts_value "$command,$value")
  elif [[ $current == -* && ! $ended ]]; then mapfile -t COMPREPLY < <(compgen -W "$(_runts_flags "$command")" -- "$current")
  elif [[ ! $command ]]; then mapfile -t COMPREPLY < <(compgen -W ${quoted([...shownCommands.map(({ name }) => name), 'help'].join(' '))} -- "$current")
  else _runts_complete $(_runts_argument "$command,$(( count + 1 ))"); fi
}

complete -F _runts runts
`;
