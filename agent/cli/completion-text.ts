import { allCommands, type CommandNode, type OptionNode } from "./command-tree.ts";

/** In single quotes of a shell. */
const quote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

const pathOf = ({ path }: CommandNode): string => path.join(" ");

/** "at word": what leads from one command to the next. */
const steps = (root: CommandNode): string[] =>
  allCommands(root)
    .filter(({ path }) => path.length > 0)
    .map(({ path }) => `${path.slice(0, -1).join(" ")} ${path.at(-1)}`);

const flagsOf = ({ long, short }: OptionNode): string[] => [long, short].filter((flag) => flag !== "");

const choicesOf = (node: CommandNode): string[] => [
  ...node.commands.flatMap(({ path }) => path.slice(-1)),
  ...node.arguments.flatMap(({ words }) => words),
  ...node.options.flatMap(flagsOf),
];

const bashValue = ({ value, words }: OptionNode): string => {
  if (value === "file") return `mapfile -t COMPREPLY < <(compgen -f -- "$cur"); compopt -o filenames 2>/dev/null`;
  if (value === "directory") return `mapfile -t COMPREPLY < <(compgen -d -- "$cur"); compopt -o filenames 2>/dev/null`;
  return words.length > 0 ? `mapfile -t COMPREPLY < <(compgen -W ${quote(words.join(" "))} -- "$cur")` : ":";
};

const bashValues = (node: CommandNode): string[] =>
  node.options
    .filter(({ takesValue }) => takesValue)
    .map((option) => {
      const patterns = flagsOf(option).map((flag) => quote(`${pathOf(node)} ${flag}`));
      return `    ${patterns.join("|")}) ${bashValue(option)}; return ;;`;
    });

const bash = (root: CommandNode): string => `# bash completion for spacegate: source <(spacegate completion bash)
_spacegate() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} at= word i
  COMPREPLY=()
  # bash takes --config=FILE apart at the equals sign.
  if [[ $cur == = ]]; then cur=; elif [[ $prev == = ]]; then prev=\${COMP_WORDS[COMP_CWORD-2]}; fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    case "$at $word" in
      ${steps(root).map(quote).join("|")}) at="\${at:+$at }$word" ;;
    esac
  done
  case "$at $prev" in
${allCommands(root).flatMap(bashValues).join("\n")}
  esac
  case "$at" in
${allCommands(root)
  .map(
    (node) => `    ${quote(pathOf(node))}) mapfile -t COMPREPLY < <(compgen -W ${quote(choicesOf(node).join(" "))} -- "$cur") ;;`,
  )
  .join("\n")}
  esac
}
complete -F _spacegate spacegate
`;

/** "word:description", in which a colon of the word's own is escaped. */
const zshEntry = (word: string, description: string): string => quote(`${word.replaceAll(":", "\\:")}:${description}`);

const zshEntries = (node: CommandNode): string[] => [
  ...node.commands.map((child) => zshEntry(child.path.at(-1) ?? "", child.description)),
  ...node.arguments.flatMap(({ words, description }) => words.map((word) => zshEntry(word, description))),
  ...node.options.flatMap((option) => flagsOf(option).map((flag) => zshEntry(flag, option.description))),
];

const zshValue = ({ value, words }: OptionNode): string => {
  if (value === "file") return "_files";
  if (value === "directory") return "_files -/";
  return words.length > 0 ? `compadd -- ${words.map(quote).join(" ")}` : "_message value";
};

const zshValues = (node: CommandNode): string[] =>
  node.options
    .filter(({ takesValue }) => takesValue)
    .map((option) => {
      const patterns = flagsOf(option).map((flag) => quote(`${pathOf(node)} ${flag}`));
      return `    ${patterns.join("|")}) ${zshValue(option)}; return ;;`;
    });

const zsh = (root: CommandNode): string => `#compdef spacegate
# zsh completion for spacegate: spacegate completion zsh >"\${fpath[1]}/_spacegate"
_spacegate() {
  local at= word
  local -a entries
  for word in "\${(@)words[2,CURRENT-1]}"; do
    case "$at $word" in
      ${steps(root).map(quote).join("|")}) at="\${at:+$at }$word" ;;
    esac
  done
  case "$at \${words[CURRENT-1]}" in
${allCommands(root).flatMap(zshValues).join("\n")}
  esac
  case "$at" in
${allCommands(root)
  .map((node) => `    ${quote(pathOf(node))}) entries=(${zshEntries(node).join(" ")}) ;;`)
  .join("\n")}
  esac
  _describe -t spacegate spacegate entries
}
if [ "\${funcstack[1]}" = _spacegate ]; then _spacegate "$@"; else compdef _spacegate spacegate; fi
`;

/** In single quotes fish knows two escapes. */
const fishQuote = (text: string): string => `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;

const fishOption = (at: string, option: OptionNode): string => {
  const flags = [
    ...(option.long === "" ? [] : [`-l ${option.long.replace(/^--/, "")}`]),
    ...(option.short === "" ? [] : [`-s ${option.short.replace(/^-/, "")}`]),
  ];
  const values = {
    file: "-r -F",
    directory: "-x -a '(__fish_complete_directories)'",
    words: `-x -a ${fishQuote(option.words.join(" "))}`,
    free: "-x",
  } as const;
  const value = option.takesValue ? ` ${values[option.value]}` : "";
  return `complete -c spacegate -n ${at} ${flags.join(" ")}${value} -d ${fishQuote(option.description)}`;
};

const fishLines = (node: CommandNode): string[] => {
  const at = fishQuote(`__spacegate_at ${fishQuote(pathOf(node))}`);
  const word = (name: string, description: string): string =>
    `complete -c spacegate -n ${at} -a ${fishQuote(name)} -d ${fishQuote(description)}`;
  return [
    ...node.commands.map((child) => word(child.path.at(-1) ?? "", child.description)),
    ...node.arguments.flatMap(({ words, description }) => words.map((one) => word(one, description))),
    ...node.options.map((option) => fishOption(at, option)),
  ];
};

const fish = (root: CommandNode): string => `# fish completion for spacegate: spacegate completion fish | source
function __spacegate_at
    set -l at
    for word in (commandline -opc)[2..]
        switch "$at $word"
            case ${steps(root).map(fishQuote).join(" ")}
                set at (string trim -- "$at $word")
        end
    end
    test "$at" = "$argv[1]"
end
complete -c spacegate -f
${allCommands(root).flatMap(fishLines).join("\n")}
`;

export const SHELLS = { bash, zsh, fish } as const;

export type Shell = keyof typeof SHELLS;

/** A script that completes the program's commands and options in that shell. */
export const completionText = (root: CommandNode, shell: Shell): string => SHELLS[shell](root);
