const WORDS = { connecting: "Connecting", connected: "Live", reconnecting: "Reconnecting", closed: "Not live" };

/** Let the dot beside the search say how the page's event stream is. */
export function living() {
  const tell = (state) => {
    const live = document.getElementById("live");
    if (!live || live.dataset.state === state) return;
    live.dataset.state = state;
    live.querySelector(".word").textContent = WORDS[state];
  };
  document.addEventListener("htmx:sse:after:connection", () => tell("connected"));
  document.addEventListener("htmx:sse:error", () => tell("reconnecting"));
  document.addEventListener("htmx:sse:close", () => tell("closed"));
}
