// Completion for fish.
import { type Argument, type Completion, globals, notice, type ShownFlag, shownCommands, spellings, takesValue } from './table.ts';

const quoted = (text: string): string => `'${text.replaceAll('\\', String.raw`\\`).replaceAll("'", String.raw`\'`)}'`;

/** What is offered in place of files. */
function offered(completion: Completion): string {
  if (completion.kind === 'words') return `-f -a ${quoted(completion.words.join(' '))}`;
  if (completion.kind === 'container') return `-f -a ${quoted(`(${['__runts_containers', ...completion.states].join(' ')})`)}`;
  if (completion.kind === 'directory') return `-f -a '(__fish_complete_directories (commandline -ct))'`;
  if (completion.kind === 'program') return `-f -a '(__fish_complete_subcommand)'`;
  return completion.kind === 'file' ? '-F' : '-f';
}

function flagLine(condition: string, flag: ShownFlag): string {
  const { name, alias, description, completion } = flag;
  const value = takesValue(flag) ? ` -r ${offered(completion)}` : '';
  return `complete -c runts -n ${quoted(condition)} -l ${name}${alias === undefined ? '' : ` -s ${alias}`} -d ${quoted(description)}${value}`;
}

function argumentLine(command: string, { completion, description, variadic }: Argument, index: number): string {
  return `complete -c runts -n ${quoted(`__runts_at ${command} ${index + 1}${variadic ? ' more' : ''}`)} ${offered(completion)} -d ${quoted(description)}`;
}

const values = (flags: readonly ShownFlag[]): string => flags.filter(takesValue).flatMap(spellings).join(' ');

/** The file for fish's vendor_completions.d. */
export const fishCompletion = (): string => `# Completion of runts(8) for fish.
# ${notice}

# Flags that take a value: of a command, or of none those before it.
function __runts_values
  switch "$argv[1]"
    case ''
      string split ' ' -- ${quoted(values(globals))}
${shownCommands
  .filter(({ flags }) => values(flags) !== '')
  .map(({ name, flags }) => `    case ${name}\n      string split ' ' -- ${quoted(values(flags))}`)
  .join('\n')}
  end
end

# What has been typed before the word that is completed: the command or nothing, the number of its arguments, and then the words before the command.
function __runts_typed
  set -l words (commandline -opc)
  set -l program $words[1]
  set -l command ''
  set -l count 0
  set -l value ''
  for word in $words[2..-1]
    if test -n "$value"
      test -n "$command"; or set -a program $value $word
      set value ''
    else if string match -q -- '-*' $word
      if contains -- $word (__runts_values "$command")
        set value $word
      else if test -z "$command"
        set -a program $word
      end
    else if test -z "$command"
      set command $word
    else
      set count (math $count + 1)
    end
  end
  printf '%s\\n' "$command" $count $program
end

# Whether the argument of this number of the command is completed, or with "more" one after it.
function __runts_at
  set -l typed (__runts_typed)
  test "$typed[1]" = "$argv[1]"; or return 1
  set -l number (math $typed[2] + 1)
  test $number -eq $argv[2]; or begin
    test "$argv[3]" = more; and test $number -gt $argv[2]
  end
end

# Whether the command has this name; without one: is still to come.
function __runts_is
  set -l typed (__runts_typed)
  test "$typed[1]" = "$argv[1]"
end

# Ids of the containers that are in one of the states, with their states.
function __runts_containers
  set -l typed (__runts_typed)
  set -l program $typed[3..-1]
  $program list 2> /dev/null | tail -n +2 | while read -l line
    set -l columns (string split -n ' ' -- $line)
    test (count $argv) -eq 0; or contains -- $columns[3] $argv; or continue
    printf '%s\\t%s\\n' $columns[1] $columns[3]
  end
end

complete -c runts -f
${globals.map((flag) => flagLine('__runts_is ""', flag)).join('\n')}
${[
  ...shownCommands.map(({ name, command }): [string, string] => [name, command.summary]),
  ['help', 'show help, also of one command'] as const,
]
  .map(([name, summary]) => `complete -c runts -n ${quoted('__runts_is ""')} -f -a ${name} -d ${quoted(summary)}`)
  .join('\n')}
complete -c runts -n '__runts_at help 1' -f -a ${quoted(shownCommands.map(({ name }) => name).join(' '))}
${shownCommands
  .flatMap(({ name, flags, args }) => [
    '',
    ...flags.map((flag) => flagLine(`__runts_is ${name}`, flag)),
    ...args.map((argument, index) => argumentLine(name, argument, index)),
  ])
  .join('\n')}
`;
