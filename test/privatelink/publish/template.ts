/* `npm run function`: puts the function's code, as JavaScript that Lambda runs, into the CloudFormation template. */
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const at = (path: string): string => fileURLToPath(new URL(`../../../${path}`, import.meta.url));

export const TEMPLATE_PATH = at("templates/cloudformation/publish-rds.yaml");

const SOURCE = "agent/privatelink/publish/function";
const HEADER = ["// function:begin", `// Generated from ${SOURCE} by \`npm run function\`: change it there.`];
const END = "// function:end";

/** The function in one file. CommonJS: Lambda calls an inline file index.js, without a package.json that says otherwise. */
export const functionCode = async (): Promise<string> => {
  const { outputFiles } = await build({
    entryPoints: [at(`${SOURCE}/index.ts`)],
    bundle: true,
    write: false,
    platform: "node",
    target: "node24",
    format: "cjs",
    // The runtime brings them.
    external: ["@aws-sdk/*"],
    legalComments: "none",
    logLevel: "silent",
    tsconfigRaw: {},
    absWorkingDir: at(""),
  });
  return outputFiles[0]?.text ?? "";
};

const INDENT = " ".repeat(10);

/** The template's text with the function's code in its place. */
export const withFunction = (template: string, code: string): string => {
  const lines = [...HEADER, ...code.trimEnd().split("\n"), END].map((line) => (line === "" ? "" : INDENT + line));
  return template.replace(/^ *\/\/ function:begin\n[\s\S]*?^ *\/\/ function:end$/m, () => lines.join("\n"));
};

/** What the template has in the function's place, as Lambda gets it. */
export const inlineCode = (template: string): string =>
  (/^ *\/\/ function:begin\n[\s\S]*?^ *\/\/ function:end\n/m.exec(template)?.[0] ?? "").replaceAll(/^ {10}/gm, "");

if (process.argv.includes("--write")) {
  const template = await readFile(TEMPLATE_PATH, "utf8");
  await writeFile(TEMPLATE_PATH, withFunction(template, await functionCode()));
}
