import { poll } from "./poll.js";

const WORDS = {
  connecting: "Connecting", connected: "Live", reconnecting: "Reconnecting", polling: "Checking every 10 s", closed: "Not live",
};
const stream = () => document.getElementById("live");
const isStream = (event) => event.target.id === "live";

function tell(state) {
  const dot = stream();
  if (!dot?.dataset.state || dot.dataset.state === state) return;
  dot.dataset.state = state;
  dot.querySelector(".word").textContent = WORDS[state];
}

/** A page shown again after it was hidden, or opened hidden: let it watch, unless it does already. */
function resume() {
  const dot = stream();
  if (document.hidden || !dot?.dataset.state || dot.dataset.state === "closed" || dot._htmx?.sse) return;
  window.htmx?.trigger(dot, "watch");
}

function stop() {
  poll.stop();
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

/** What is added at an end of a list and stands in it already is left out. */
function known({ target, detail }) {
  if (target.id !== "live") return;
  for (const { swapSpec, fragment } of detail.tasks) {
    if (!["afterbegin", "beforeend"].includes(swapSpec.style)) continue;
    for (const added of [...fragment.children]) if (added.id && document.getElementById(added.id)) added.remove();
  }
}

/** Keep the live regions of the page true: by its stream, or by asking where there is none. */
export function living() {
  window.htmx?.registerExtension("steady", { htmx_before_morph_attr: steady });
  document.addEventListener("htmx:before:request", (event) => {
    if (isStream(event) && document.hidden) event.preventDefault();
  });
  document.addEventListener("htmx:config:request", (event) => {
    // The way to the sign-in page is no stream; without this it would be followed and read as one.
    if (isStream(event)) event.detail.ctx.request.redirect = "error";
  });
  document.addEventListener("htmx:before:swap", known);
  document.addEventListener("htmx:after:request", (event) => {
    if (!isStream(event)) return;
    if (event.detail.ctx.response.status === 503) instead();
    else stop();
  });
  document.addEventListener("htmx:error", (event) => isStream(event) && instead());
  document.addEventListener("htmx:sse:after:connection", () => { poll.stop(); tell("connected"); });
  document.addEventListener("htmx:sse:error", ({ detail }) => {
    if (detail.status === 503) instead();
    else if (detail.status) window.htmx.trigger(stream(), "htmx:abort"), stop();
    else tell("reconnecting");
  });
  document.addEventListener("htmx:sse:close", ({ detail }) => detail.reason === "message" && stop());
  document.addEventListener("resync", (event) => isStream(event) && poll.once(stream().dataset.regions.split(" "), stop));
  document.addEventListener("visibilitychange", resume);
}
