const UNITS = [[60, "s", 1], [3600, "min", 60], [86_400, "h", 3600], [3_888_000, "d", 86_400], [46_656_000, "mo", 2_629_800], [Infinity, "y", 31_557_600]];
const EVERY_MS = 10_000;

/** Say how long ago a moment is, in the words of the server. */
function words(moment) {
  const seconds = (Date.now() - moment) / 1000;
  const size = Math.abs(seconds);
  if (size < 1) return "just now";
  const [, unit, length] = UNITS.find(([limit]) => size < limit);
  const distance = `${Math.floor(size / length)} ${unit}`;
  return seconds > 0 ? `${distance} ago` : `in ${distance}`;
}

function tell() {
  for (const time of document.querySelectorAll("time[data-ago]")) {
    const said = words(new Date(time.dateTime));
    if (time.textContent !== said) time.textContent = said;
  }
}

/** Times of live pages come as moments in UTC, which stay true; say them from here and now. */
export function relating() {
  tell();
  setInterval(tell, EVERY_MS);
  document.addEventListener("htmx:after:swap", tell);
}
