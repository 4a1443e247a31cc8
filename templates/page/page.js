// Keeps the status page up to date: asks for the page anew and changes only what differs, so that focus, scrolling, open
// parts and selections stay. Without it the page works by reloading.

const EVERY = Number(document.body.dataset.every);
const PATIENCE = 5000;

const away = document.getElementById("away");
const say = document.getElementById("say");
let answeredAt = new Date();

/** What tells one child from another across two versions of the page. */
const keyOf = (node) => (node.nodeType === Node.ELEMENT_NODE ? node.id || node.dataset.key || "" : "");

const isSame = (old, fresh) => old.nodeType === fresh.nodeType && old.nodeName === fresh.nodeName && keyOf(old) === keyOf(fresh);

const patchAttributes = (old, fresh) => {
  // Whoever opened or closed a part wants it to stay so.
  for (const { name } of [...old.attributes])
    if (!fresh.hasAttribute(name) && !(old.nodeName === "DETAILS" && name === "open")) old.removeAttribute(name);
  for (const { name, value } of fresh.attributes)
    if (old.getAttribute(name) !== value && !(old.nodeName === "DETAILS" && name === "open")) old.setAttribute(name, value);
};

const patchChildren = (old, fresh) => {
  let place = old.firstChild;
  for (const child of [...fresh.childNodes]) {
    let match = place;
    while (match && !isSame(match, child)) match = match.nextSibling;
    // Only what has a name of its own is looked for further on: other nodes are alike.
    if (match !== place && keyOf(child) === "") match = null;
    if (!match) {
      old.insertBefore(document.importNode(child, true), place);
      continue;
    }
    while (place !== match) {
      const gone = place;
      place = place.nextSibling;
      gone.remove();
    }
    patch(match, child);
    place = match.nextSibling;
  }
  while (place) {
    const gone = place;
    place = place.nextSibling;
    gone.remove();
  }
};

const patch = (old, fresh) => {
  if (old.isEqualNode(fresh)) return;
  if (old.nodeType !== Node.ELEMENT_NODE) {
    old.data = fresh.data;
    return;
  }
  patchAttributes(old, fresh);
  patchChildren(old, fresh);
};

const show = (html) => {
  const fresh = new DOMParser().parseFromString(html, "text/html");
  const page = document.getElementById("page");
  const next = fresh.getElementById("page");
  if (!next) throw new Error("the answer is not this page");
  const changed = page.dataset.say !== next.dataset.say;
  patch(page, next);
  document.title = fresh.title;
  patchAttributes(document.querySelector("link[rel=icon]"), fresh.querySelector("link[rel=icon]"));
  if (changed) say.textContent = next.dataset.say;
};

const sayAway = (why) => {
  const since = answeredAt.toISOString().slice(11, 19);
  const text = `The agent has not answered since ${since} UTC (${why}); what you see is as it was then. Tunnels stay up without the agent: systemctl status spacegate tells about it.`;
  if (away.textContent !== "") return;
  document.documentElement.classList.add("away");
  away.textContent = text;
  document.title = `No answer – ${document.title}`;
};

const sayBack = () => {
  document.documentElement.classList.remove("away");
  answeredAt = new Date();
  if (away.textContent === "") return;
  away.textContent = "";
  say.textContent = "The agent answers again.";
};

const look = async () => {
  try {
    const answer = await fetch(location.pathname + location.search, { signal: AbortSignal.timeout(PATIENCE), cache: "no-store" });
    if (!answer.ok) throw new Error(`it answers ${answer.status}`);
    const html = await answer.text();
    sayBack();
    show(html);
  } catch (thrown) {
    sayAway(thrown instanceof TypeError ? "no connection" : thrown.name === "TimeoutError" ? "too slow" : thrown.message);
  }
};

const keepLooking = async () => {
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, EVERY));
    // Nobody looks at a hidden page; it is brought up to date as soon as somebody does.
    if (!document.hidden) await look();
  }
};

document.addEventListener("visibilitychange", () => {
  if (!document.hidden) void look();
});
void keepLooking();
