import type { CommandName } from './commands.ts';

/** Command lines for help and manual, each with what it does. */
export const examples: Readonly<Record<CommandName, readonly (readonly [line: string, words: string])[]>> = {
  create: [['runts create --bundle web --pid-file web.pid web', 'create the container web and note the process id of its first process']],
  start: [['runts start web', 'let its program run']],
  run: [
    ['runts run --bundle web web', 'run the program in the foreground, then delete the container'],
    ['runts run --detach --bundle web web', 'let it run in the background'],
  ],
  state: [['runts state web | jq -r .status', 'creating, created, running, paused or stopped']],
  kill: [
    ['runts kill web', 'ask the program to end'],
    ['runts kill web KILL', 'have the kernel end it'],
  ],
  delete: [['runts delete --force web', 'whatever state it is in']],
  list: [['runts list --format json', 'for a program to read']],
  ps: [['runts ps web -o pid,rss,args', 'choose the columns, as for ps(1)']],
  exec: [
    ['runts exec --tty web sh', 'a shell in the container'],
    ['runts exec --user 1000:1000 --env TERM=dumb web id', 'as somebody else'],
  ],
  spec: [['runts spec --bundle web', 'write web/config.json']],
  plan: [['runts plan --bundle web', 'what create would do']],
  validate: [['runts validate --format sarif web > findings.sarif', 'for tools that show findings beside the text']],
  seccomp: [
    ['runts seccomp explain web ptrace', 'what happens to ptrace(2), and which rule says so'],
    ['runts seccomp dump web', 'the program that the kernel gets'],
    ['runts seccomp record --bundle web --output web.json web', 'run it, and write the profile that it needs'],
    ['runts seccomp compare web.json web', 'what its own profile refuses of that, and permits beside it'],
  ],
  doctor: [
    ['runts doctor', 'what is lacking, and what mends it'],
    ['runts doctor web', 'whether the container of this bundle can be made here'],
  ],
  errors: [
    ['runts errors EXEC_NOT_FOUND', 'what it means, and how to mend it'],
    ['runts errors --format json', 'all of them, for a program to read'],
  ],
  features: [['runts features | jq .linux.namespaces', 'one part of the answer']],
  pause: [['runts pause web', 'suspend it']],
  resume: [['runts resume web', 'let it go on']],
  update: [
    ['runts update --memory 512m --pids-limit 100 web', 'other limits from now on'],
    ['runts update --resources - web < limits.json', 'as JSON, like linux.resources of config.json'],
  ],
  events: [
    ['runts events --stats web', 'the figures of this moment'],
    ['runts events --interval 1s web', 'one line each second'],
    ['runts events --follow web', 'with its exit status in the end'],
  ],
  stats: [
    ['runts stats --no-stream', 'all that run, once'],
    ['runts stats --format json --interval 10s web', 'a line of JSON each ten seconds'],
  ],
  top: [
    ['runts top', 'until Ctrl-C'],
    ['runts top --sort memory --rounds 1', 'a table of this moment'],
  ],
  checkpoint: [['runts checkpoint --image-path images web', 'save it, and stop it']],
  restore: [['runts restore --detach --bundle web --image-path images web', 'have it go on in the background']],
};
