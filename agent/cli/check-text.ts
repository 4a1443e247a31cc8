import { paint, plain, type Screen, type Style, wrap } from "./screen.ts";

/** One check's outcome, as far as it is printed. */
export interface ShownCheck {
  readonly title: string;
  readonly group: string;
  readonly status: "ok" | "failed" | "warning" | "skipped";
  readonly text: string;
  readonly fix?: string;
  readonly connection?: string;
  readonly tunnel?: 1 | 2;
  readonly link?: string;
}

const MARKS: Readonly<Record<ShownCheck["status"], readonly [word: string, style: Style]>> = {
  ok: ["ok     ", "green"],
  failed: ["FAILED ", "red"],
  warning: ["warning", "yellow"],
  skipped: ["skipped", "dim"],
};

/** "acme-space/office tunnel 1: ", "orders-redis: "; a connection's name only where there are several. */
const aboutText = ({ connection, tunnel, link }: ShownCheck, several: boolean): string => {
  const words = [several ? (connection ?? "") : "", tunnel === undefined ? "" : `tunnel ${tunnel}`, link ?? ""];
  const about = words.filter((word) => word !== "").join(" ");
  return about === "" ? "" : `${about}: `;
};

const line = (screen: Screen, result: ShownCheck, several: boolean): string[] => {
  const [word, style] = MARKS[result.status];
  const said = `${plain(result.title)}: ${aboutText(result, several)}${plain(result.text)}`;
  const first = wrap(screen, `  ${paint(screen, style, word)}  `, said);
  return result.fix === undefined ? [first] : [first, wrap(screen, " ".repeat(11), `→ ${plain(result.fix)}`)];
};

const count = (results: readonly ShownCheck[], status: ShownCheck["status"]): number =>
  results.filter((result) => result.status === status).length;

const summary = (screen: Screen, results: readonly ShownCheck[]): string => {
  const failed = count(results, "failed");
  const warnings = count(results, "warning");
  const rest = `${count(results, "ok")} ok, ${warnings} ${warnings === 1 ? "warning" : "warnings"}, ${count(results, "skipped")} skipped`;
  return failed === 0 ? `Nothing failed: ${rest}.` : `${paint(screen, "red", `${failed} failed`)}, ${rest}.`;
};

/** The results for a terminal, by group, each failure with what to do about it. */
export const checkText = (results: readonly ShownCheck[], screen: Screen): string => {
  const several = new Set(results.flatMap(({ connection }) => connection ?? [])).size > 1;
  const groups = [...new Set(results.map(({ group }) => group))];
  const blocks = groups.flatMap((group) => [
    paint(screen, "bold", group),
    ...results.filter((result) => result.group === group).flatMap((result) => line(screen, result, several)),
    "",
  ]);
  return [...blocks, summary(screen, results)].join("\n");
};
