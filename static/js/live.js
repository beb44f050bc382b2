import { poll } from "./poll.js";
import { slot } from "./slots.js";

const WORDS = {
  connecting: "Connecting", connected: "Live", reconnecting: "Reconnecting", polling: "Polling", closed: "Not live",
};
const stream = () => document.getElementById("live");
const asking = new WeakSet();
const isStream = (event) => event.target.id === "live";

function tell(state) {
  const dot = stream();
  if (!dot?.dataset.state || dot.dataset.state === state) return;
  dot.dataset.state = state;
  dot.querySelector(".word").textContent = WORDS[state];
}

/** Let the page watch: when it is ready, shown again after it was hidden, or has a new stream for its new URL. */
async function resume() {
  const dot = stream();
  if (document.hidden || !dot?.dataset.state || dot.dataset.state === "closed") return;
  if (dot._htmx?.sse || asking.has(dot)) return;
  asking.add(dot);
  if (await slot.take()) window.htmx?.trigger(dot, "watch");
  else {
    asking.delete(dot);
    instead();
  }
}

/** A hidden page lets its stream go, and its right to one. */
function turn() {
  if (document.hidden) slot.give();
  else if (stream()?._htmx?.sse) slot.take();
  else resume();
}

function stop() {
  poll.stop();
  slot.give();
  tell("closed");
}

function instead() {
  tell("polling");
  poll.start(stream().dataset.regions.split(" "), stop, resume);
}

/** What a reader opened or ticked in a region stays so when the region is morphed. */
function steady(element, { attrName }) {
  const isOpened = attrName === "open" && element.matches("details");
  const isTicked = attrName === "checked" && element.matches("input");
  return !(isOpened || isTicked);
}

/** A row that is put first may stand in the list already, when it came while the page was read. */
function known({ target, detail }) {
  if (target.id !== "live") return;
  for (const { swapSpec, fragment } of detail.tasks) {
    if (swapSpec.style !== "afterbegin") continue;
    for (const row of fragment.children) if (row.id) document.getElementById(row.id)?.remove();
  }
}

/** Keep the live regions of the page true: by its stream, or by asking where there is none. */
export function living() {
  window.htmx?.registerExtension("steady", { htmx_before_morph_attr: steady });
  document.addEventListener("htmx:config:request", (event) => {
    // The way to the sign-in page is no stream; without this it would be followed and read as one.
    if (isStream(event)) event.detail.ctx.request.redirect = "error";
  });
  document.addEventListener("htmx:before:swap", known);
  document.addEventListener("htmx:after:request", (event) => {
    if (!isStream(event)) return;
    asking.delete(event.target);
    if (event.detail.ctx.response.status === 503) instead();
    else stop();
  });
  document.addEventListener("htmx:error", (event) => {
    if (!isStream(event)) return;
    asking.delete(event.target);
    instead();
  });
  document.addEventListener("htmx:sse:after:connection", ({ target }) => {
    asking.delete(target);
    poll.stop();
    tell("connected");
  });
  document.addEventListener("htmx:sse:error", ({ detail }) => {
    if (detail.status === 503) instead();
    else if (detail.status) window.htmx.trigger(stream(), "htmx:abort"), stop();
    else tell("reconnecting");
  });
  document.addEventListener("htmx:sse:close", ({ detail }) => detail.reason === "message" && stop());
  document.addEventListener("resync", (event) => isStream(event) && poll.once(stream().dataset.regions.split(" "), stop));
  document.addEventListener("visibilitychange", turn);
  document.addEventListener("htmx:after:swap", resume);
  // The extension begins in a task of its own, which was asked for before this one.
  setTimeout(resume);
}
