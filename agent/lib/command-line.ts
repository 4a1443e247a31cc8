const argument = (value: string): string => (/^[\w./:@,-]+$/.test(value) ? value : `'${value.replaceAll("'", "'\\''")}'`);

/** A command as a person types it into a shell. */
export const commandLine = (words: readonly string[]): string => words.map(argument).join(" ");
