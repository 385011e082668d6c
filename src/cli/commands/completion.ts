/** Scripts by which shells complete command lines, made from the commands themselves. */
import { Argument, type Command } from 'commander';
import type { Terminal } from '../terminal';

/** What may stand at one place of a command line: behind these words. */
interface Place {
  /** As `room show`; '': behind `parlour`. */
  readonly path: string;
  readonly words: readonly { readonly word: string; readonly what: string }[];
}

/** Every command, with what may follow it. */
function placesOf(command: Command, path = ''): Place[] {
  const subcommands = command.commands.map((one) => ({ word: one.name(), what: one.description() }));
  const options = command.options
    .filter((option) => option.long != null)
    .map((option) => ({ word: option.long ?? '', what: option.description }));
  const choices = command.registeredArguments.flatMap((one) => (one.argChoices ?? []).map((word) => ({ word, what: one.description })));
  const under = command.commands.flatMap((one) => placesOf(one, `${path} ${one.name()}`.trim()));
  return [{ path, words: [...subcommands, ...choices, ...options, { word: '--help', what: 'say what there is' }] }, ...under];
}

/** In single quotes, for any of the three. */
const quoted = (text: string): string => `'${text.replace(/'/g, "'\\''")}'`;

const pathsOf = (places: readonly Place[]): string[] => places.map(({ path }) => path).filter((path) => path !== '');

function bash(places: readonly Place[]): string {
  const cases = places.map(({ path, words }) => `    ${quoted(path)}) words=${quoted(words.map(({ word }) => word).join(' '))} ;;`);
  return `_parlour() {
  local at='' words='' next i
  for ((i = 1; i < COMP_CWORD; i++)); do
    next="\${at:+$at }\${COMP_WORDS[i]}"
    case "$next" in
    ${pathsOf(places).map(quoted).join(' | ')}) at="$next" ;;
    esac
  done
  case "$at" in
${cases.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _parlour parlour
`;
}

function zsh(places: readonly Place[]): string {
  const entry = ({ word, what }: Place['words'][number]): string => quoted(`${word.replace(/:/g, '\\:')}:${what}`);
  const cases = places.map(({ path, words }) => `  ${quoted(path)}) entries=(${words.map(entry).join(' ')}) ;;`);
  return `#compdef parlour
_parlour() {
  local at='' next i
  local -a entries
  for ((i = 2; i < CURRENT; i++)); do
    next="\${at:+$at }\${words[i]}"
    case "$next" in
    ${pathsOf(places).map(quoted).join(' | ')}) at="$next" ;;
    esac
  done
  case "$at" in
${cases.join('\n')}
  esac
  _describe parlour entries || _files
}
compdef _parlour parlour
`;
}

function fish(places: readonly Place[]): string {
  const lines = places.flatMap(({ path, words }) =>
    words.map(({ word, what }) => {
      const is = word.startsWith('--') ? `-l ${word.slice(2)}` : `-f -a ${quoted(word)}`;
      return `complete -c parlour -n ${quoted(`__parlour_at ${quoted(path)}`)} ${is} -d ${quoted(what)}`;
    }),
  );
  return `function __parlour_at
    set -l at ''
    for word in (commandline -opc)[2..-1]
        set -l next (string trim "$at $word")
        contains -- "$next" ${pathsOf(places).map(quoted).join(' ')}; and set at "$next"
    end
    test "$at" = "$argv[1]"
end
${lines.join('\n')}
`;
}

const SHELLS: Readonly<Record<string, (places: readonly Place[]) => string>> = { bash, zsh, fish };

export function completion(program: Command, { out }: Terminal): void {
  program.commandsGroup('This program:');
  program
    .command('completion')
    .addArgument(new Argument('<shell>', 'the shell').choices(Object.keys(SHELLS)))
    .description('print a script by which the shell completes commands')
    .action((shell: string) => out(SHELLS[shell]?.(placesOf(program)) ?? ''));
}
