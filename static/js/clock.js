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

/** A length as estimates say it: whole seconds below two minutes, then minutes, hours with minutes, days. */
function about(seconds) {
  if (seconds < 120) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 120) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours} h${minutes % 60 ? ` ${minutes % 60} min` : ""}`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** Let the bars of what goes on reach until now, and the others make room. */
function grow(table) {
  const now = (Date.now() - new Date(table.dataset.begins)) / 1000;
  const bars = [...table.querySelectorAll("rect[data-at]")].map((bar) => {
    const at = Number(bar.dataset.at);
    return [bar, at, "open" in bar.dataset ? Math.max(now - at, 0) : Number(bar.dataset.for)];
  });
  const total = Math.max(...bars.map(([, at, length]) => at + length));
  if (!(total > 0)) return;
  for (const [bar, at, length] of bars) {
    const width = Math.max((1000 * length) / total, 4);
    bar.setAttribute("width", width.toFixed(1));
    bar.setAttribute("x", Math.min((1000 * at) / total, 1000 - width).toFixed(1));
  }
  const ticks = [...table.querySelectorAll(".scale > span")];
  ticks.forEach((tick, part) => {
    if (part) tick.textContent = `+${words(Math.floor((total * part) / (ticks.length - 1))).split(" ", 2).join(" ")}`;
  });
}

function tick() {
  if (document.hidden) return;
  for (const clock of document.querySelectorAll("time[data-clock]")) {
    const since = Math.floor((Date.now() - new Date(clock.dateTime)) / 1000);
    if (since >= 0) clock.textContent = words(since);
  }
  for (const end of document.querySelectorAll("[data-eta]")) {
    const left = (new Date(end.dataset.eta) - Date.now()) / 1000;
    end.textContent = left < 0 ? `over by ${about(-left)}` : `about ${about(left)} left`;
  }
  for (const table of document.querySelectorAll("table[data-begins]")) grow(table);
}

/** Let the time that has gone by since a beginning go on while the page is looked at. */
export function ticking() {
  tick();
  setInterval(tick, 1000);
  document.addEventListener("htmx:after:swap", tick);
}
