import type { FastifyInstance } from "fastify";
import type { History } from "../model/history.ts";
import type { Status } from "../model/status.ts";
import { icon } from "./page-icon.ts";

/** In the order in which they apply. */
const STYLES = ["base.css", "picture.css", "hour.css", "parts.css", "links.css"] as const;

/** The files that the page is made of. */
export type PageAsset = "page.hbs" | "page.js" | (typeof STYLES)[number];

export interface PageDeps {
  readonly status: () => Status;
  readonly history: History;
  /** The text of one of the built-in files. */
  readonly asset: (name: PageAsset) => Promise<string>;
  /** This machine's name. */
  readonly host: string;
}

type ShowPage = (only: string | undefined) => string;

/** The page's code and template are loaded when somebody first asks: a gateway that nobody looks at does not pay for them. */
const openPage = async ({ status, history, asset, host }: PageDeps): Promise<ShowPage> => {
  const [{ createRender }, { pageView }, template] = await Promise.all([
    import("./page-render.ts"),
    import("./page-view.ts"),
    asset("page.hbs"),
  ]);
  const render = createRender(template);
  return (only) => render(pageView(status(), history, host, only));
};

/** Adds the status page and its events to the server. */
export const addPage = (app: FastifyInstance, deps: PageDeps): void => {
  let page: Promise<ShowPage> | undefined;
  const show = async (only: string | undefined): Promise<string> => {
    page ??= openPage(deps);
    // What failed is tried again: the files may be there next time.
    page.catch(() => {
      page = undefined;
    });
    return (await page)(only);
  };
  app.get<{ Querystring: { readonly connection?: unknown } }>("/", async ({ query }, reply) => {
    const only = typeof query.connection === "string" ? query.connection : undefined;
    return reply.type("text/html; charset=utf-8").send(await show(only));
  });
  app.get("/page.css", async (_request, reply) =>
    reply.type("text/css; charset=utf-8").send((await Promise.all(STYLES.map(deps.asset))).join("\n")),
  );
  app.get("/page.js", async (_request, reply) => reply.type("text/javascript; charset=utf-8").send(await deps.asset("page.js")));
  app.get("/page.svg", async (_request, reply) => reply.type("image/svg+xml").send(icon(deps.status().status)));
  app.get("/api/events", async () => ({ events: deps.history.events().toReversed() }));
};
