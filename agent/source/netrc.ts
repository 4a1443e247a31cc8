/** Words with their comments and macros (a macro ends at the first empty line) taken out. */
const words = (text: string): string[] =>
  text
    .replaceAll("\r\n", "\n")
    .replaceAll(/^[ \t]*#.*$/gm, "")
    .replaceAll(/(^|\s)macdef[ \t]+\S+[^\n]*\n(?:[^\n]+\n?)*/g, "$1")
    .split(/\s+/)
    .filter((word) => word !== "");

/** ~/.netrc's password for `machine`, else for `default`; undefined when neither is there. Entries may span lines or share one. */
export const netrcPassword = (text: string, machine: string): string | undefined => {
  const found = new Map<string, string>();
  const list = words(text);
  let entry: string | undefined;
  for (let place = 0; place < list.length; place += 1) {
    const word = list[place];
    const value = list[place + 1];
    if (word === "default") entry = "default";
    else if (value === undefined) break;
    else {
      if (word === "machine") entry = `machine ${value}`;
      // The first entry of a machine counts, as for every reader of this file.
      if (word === "password" && entry !== undefined && !found.has(entry)) found.set(entry, value);
      place += 1;
    }
  }
  return found.get(`machine ${machine}`) ?? found.get("default");
};
