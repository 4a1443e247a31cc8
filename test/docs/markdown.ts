const FENCED = /^( *)```([a-z]*)\n([\s\S]*?)^ *```$/gm;

/** What is in the fenced blocks of that language ("" for none), without the indent of a list. */
export const fencedBlocks = (text: string, language: string): string[] =>
  [...text.matchAll(FENCED)]
    .filter(([, , itsOwn]) => itsOwn === language)
    .map(([, indent = "", , content = ""]) => content.replaceAll(new RegExp(`^${indent}`, "gm"), ""));

/** The code within the lines of prose and tables, each once. */
export const inlineCode = (text: string): string[] => [
  ...new Set([...text.replaceAll(FENCED, "").matchAll(/`([^`\n]+)`/g)].map(([, code = ""]) => code)),
];

/** What is between the markers of that name; "" without them. */
export const generatedBlock = (text: string, name: string): string =>
  text.split(`<!-- ${name}:begin -->`)[1]?.split(`<!-- ${name}:end -->`)[0] ?? "";

/** What `#…` may lead to, as GitHub makes it of the headings. */
export const anchors = (text: string): string[] =>
  [...text.replaceAll(FENCED, "").matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w\s-]/g, "")
      .replaceAll(/\s/g, "-"),
  );

/** The words after `spacegate` of each command that a shell would start, without redirections and comments. */
export const spacegateCommands = (script: string): string[][] =>
  script
    .replaceAll("\\\n", " ")
    .split(/\n|&&|\|\|?|;/)
    .map((part) =>
      part
        .replace(/(^|\s)#.*/, "")
        .replace(/\s[<>]+\s*\S+/g, "")
        .trim()
        .split(/\s+/),
    )
    .map((words) => (words[0] === "sudo" ? words.slice(1) : words))
    .filter(([name]) => name === "spacegate")
    .map(([, ...words]) => words);
