/** ipsec.conf as strongSwan's manual page describes it: sections at the margin, `key=value` below them, indented. */
export const parseConf = (text: string): Record<string, Record<string, string>> => {
  const sections: Record<string, Record<string, string>> = {};
  let current: Record<string, string> | undefined;
  for (const line of text.split("\n")) {
    if (line.trim() === "" || line.startsWith("#")) continue;
    if (/^\S/.test(line)) {
      current = {};
      sections[line] = current;
      continue;
    }
    const [, key = "", value = ""] = /^\s+([a-z]+)=(\S+)$/.exec(line) ?? [];
    if (!current || key === "") throw new Error(`not a setting: ${JSON.stringify(line)}`);
    if (key in current) throw new Error(`${key} is set twice`);
    current[key] = value;
  }
  return sections;
};
