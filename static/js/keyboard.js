const SECTIONS = { o: "overview", l: "lineage", j: "jobs" };
const typing = (node) => node.matches?.("input, select, textarea, [contenteditable]");
let leader = -Infinity;

function go(section) {
  document.querySelector(`#nav [data-section="${section}"] a`)?.click();
}

function step(by) {
  const links = [...document.querySelectorAll("main tbody tr")].map((row) => row.querySelector("a")).filter(Boolean);
  if (!links.length) return;
  const row = document.activeElement.closest?.("main tbody tr");
  const at = row ? links.indexOf(row.querySelector("a")) + by : 0;
  const link = links[Math.min(Math.max(at, 0), links.length - 1)];
  link.classList.add("row-link");
  link.focus();
  link.scrollIntoView({ block: "nearest" });
}

const KEYS = {
  "?": () => document.getElementById("keys")?.showModal(),
  "/": () => document.querySelector("[data-search]")?.focus(),
  j: () => step(1),
  k: () => step(-1),
  e: () => document.querySelector("[data-edit]")?.click(),
};

/** Shortcuts, never while someone types or holds a modifier; Enter on a row is the link's own. */
export function keyboard() {
  for (const button of document.querySelectorAll("[data-keys]")) {
    button.hidden = false;
    button.addEventListener("click", KEYS["?"]);
  }
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && typing(event.target)) event.target.blur();
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    const led = event.timeStamp - leader < 1200;
    leader = event.key === "g" && !led ? event.timeStamp : -Infinity;
    if (led && SECTIONS[event.key]) return go(SECTIONS[event.key]);
    if (!KEYS[event.key] || document.querySelector("dialog[open]")) return;
    event.preventDefault();
    KEYS[event.key]();
  });
}
