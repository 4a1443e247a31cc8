/** Run as a child by atomic-file.test.ts, and killed: replaces a file again and again, a line of one letter each time. */
import { writeAtomically } from "../../agent/lib/atomic-file.ts";

const [path = ""] = process.argv.slice(2);
const LENGTH = 300_000;

for (let turn = 0; ; turn += 1) {
  const letter = String.fromCharCode("a".charCodeAt(0) + (turn % 26));
  await writeAtomically({ path, text: `${letter.repeat(LENGTH)}\n`, mode: 0o600 });
  if (turn === 0) process.stdout.write("written\n");
}
