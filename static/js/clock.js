const STEPS = [[86400, "d", 3600, "h"], [3600, "h", 60, "min"], [60, "min", 1, "s"]];

/** A length of time as pages write it: 12 s, 4 min 5 s, 2 h 3 min, 3 d 4 h. */
function words(seconds) {
  for (const [size, unit, part, name] of STEPS) {
    if (seconds < size) continue;
    const rest = Math.floor((seconds % size) / part);
    return `${Math.floor(seconds / size)} ${unit}${rest ? ` ${rest} ${name}` : ""}`;
  }
  return `${seconds} s`;
}

function tick() {
  if (document.hidden) return;
  for (const clock of document.querySelectorAll("[data-clock]")) {
    const since = Math.floor((Date.now() - new Date(clock.dataset.clock)) / 1000);
    if (since >= 0) clock.textContent = words(since);
  }
}

/** Let the time that has gone by since a beginning go on while the page is looked at. */
export function ticking() {
  tick();
  setInterval(tick, 1000);
  document.addEventListener("htmx:after:swap", tick);
}
