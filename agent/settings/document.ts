import {
  type Document,
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  visit,
  type YAMLError,
} from "yaml";
import { exampleAt } from "./example.ts";
import type { Path } from "./path.ts";

/** A place in the file, 1-based. */
interface Position {
  readonly line: number;
  readonly column: number;
}

/** What the text is as YAML, before anyone asks whether it is right as settings. */
interface SyntaxFinding extends Position {
  readonly path: Path;
  readonly message: string;
  readonly example?: string;
}

export interface ParsedDocument {
  /** undefined when the text is too broken to look inside. */
  readonly data: unknown;
  readonly empty: boolean;
  readonly findings: readonly SyntaxFinding[];
  /** Of the value at the path, or of its key, or of the nearest thing around it that is there. */
  positionOf(path: Path, keyAtFault: boolean): Position;
}

/** More references than this are a bomb, not settings. */
const MAX_ALIASES = 100;

const PLAIN_WORDS: Readonly<Record<string, { message: string; example?: string }>> = {
  TAB_AS_INDENT: { message: "tabs cannot indent YAML", example: "two spaces" },
  MULTIPLE_DOCS: { message: "there must be one document only: remove the line ---" },
  BLOCK_AS_IMPLICIT_KEY: {
    message: "two keys on one line, or a value with a colon and without quotes",
    example: 'key: "a: b"',
  },
  RESOURCE_EXHAUSTION: { message: "is nested too deeply" },
  NON_STRING_KEY: { message: "a key must be plain text" },
};

const keyText = (key: unknown): string => String(isScalar(key) ? key.value : key);

const keyAtOffset = (document: Document, offset: number): Path | undefined => {
  let found: Path | undefined;
  visit(document, {
    Pair: (_, pair, ancestors) => {
      const key = pair.key as Node | null;
      if (key?.range?.[0] !== offset) return undefined;
      found = pathOf([...ancestors, pair]);
      return visit.BREAK;
    },
  });
  return found;
};

/** The path that a chain of nodes, outermost first, stands for. */
const pathOf = (chain: readonly unknown[]): Path =>
  chain.flatMap((node, depth): Path => {
    if (isPair(node)) return [keyText(node.key)];
    const child = chain[depth + 1];
    return isSeq(node) && child !== undefined ? [node.items.indexOf(child)] : [];
  });

const fromYamlError = (document: Document, lines: LineCounter, error: YAMLError): SyntaxFinding => {
  const at = lines.linePos(error.pos[0]);
  const place = { line: at.line, column: at.col };
  const path = error.code === "DUPLICATE_KEY" ? keyAtOffset(document, error.pos[0]) : undefined;
  if (path) {
    return { ...place, path, message: "is written twice: keep one", example: `${path.at(-1)}: ${exampleAt(path) ?? "…"}` };
  }
  return { ...place, path: [], ...(PLAIN_WORDS[error.code] ?? { message: `is not YAML: ${error.message}` }) };
};

const aliasFindings = (document: Document, lines: LineCounter): SyntaxFinding[] => {
  const findings: SyntaxFinding[] = [];
  let count = 0;
  visit(document, {
    Alias: (_, alias) => {
      count += 1;
      const at = lines.linePos(alias.range?.[0] ?? 0);
      const add = (message: string) => findings.push({ line: at.line, column: at.col, path: [], message });
      if (alias.resolve(document) === undefined) add(`the reference *${alias.source} has no anchor &${alias.source} above it`);
      else if (count === MAX_ALIASES + 1) add(`has more than ${MAX_ALIASES} references to anchors`);
    },
  });
  return findings;
};

const toData = (document: Document): { data: unknown; findings: SyntaxFinding[] } => {
  try {
    return { data: document.toJS({ maxAliasCount: MAX_ALIASES }), findings: [] };
  } catch {
    const message = "its anchors and references expand too far";
    return { data: undefined, findings: [{ line: 1, column: 1, path: [], message }] };
  }
};

const startOf = (node: unknown): number | undefined =>
  typeof node === "object" && node !== null && "range" in node && Array.isArray(node.range) ? Number(node.range[0]) : undefined;

/** One step down: the offsets of key and value, and the value itself; undefined where the key is not there. */
const step = (document: Document, node: unknown, segment: string | number) => {
  const held = isAlias(node) ? node.resolve(document) : node;
  if (isSeq(held) && typeof segment === "number") {
    const value = held.items[segment];
    return value === undefined ? undefined : { key: startOf(value), value };
  }
  const pair = isMap(held) ? held.items.find((entry) => keyText(entry.key) === String(segment)) : undefined;
  return pair && { key: startOf(pair.key), value: pair.value };
};

const offsetOf = (document: Document, path: Path, keyAtFault: boolean): number => {
  let node: unknown = document.contents;
  let offset = startOf(node) ?? 0;
  for (const [depth, segment] of path.entries()) {
    const next = step(document, node, segment);
    // What is missing is missed at the key that should hold it.
    if (next === undefined) return offset;
    const last = depth === path.length - 1;
    const valueStart = last && !keyAtFault && !isEmptyScalar(next.value) ? startOf(next.value) : undefined;
    offset = valueStart ?? next.key ?? offset;
    node = next.value;
  }
  return offset;
};

const isEmptyScalar = (node: unknown): boolean => isScalar(node) && node.value === null && (node.source ?? "") === "";

/** Only these leave a document whose content can still be judged. */
const HARMLESS = new Set(["DUPLICATE_KEY"]);

/** Reads YAML 1.2 with positions. Never throws. */
export const parseYaml = (text: string): ParsedDocument => {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, stringKeys: true, logLevel: "error" });
  const broken = [...document.errors, ...document.warnings];
  const exhausted = broken.filter(({ code }) => code === "RESOURCE_EXHAUSTION").slice(0, 1);
  const reported = exhausted.length > 0 ? exhausted : broken;
  const findings = reported.map((error) => fromYamlError(document, lines, error));
  const usable = reported.every(({ code }) => HARMLESS.has(code));
  const aliases = usable ? aliasFindings(document, lines) : [];
  const content = usable && aliases.length === 0 ? toData(document) : { data: undefined, findings: [] };
  return {
    data: content.data,
    empty: broken.length === 0 && (document.contents === null || isEmptyScalar(document.contents)),
    findings: [...findings, ...aliases, ...content.findings],
    positionOf: (path, keyAtFault) => {
      const at = lines.linePos(offsetOf(document, path, keyAtFault));
      return { line: at.line, column: at.col };
    },
  };
};
