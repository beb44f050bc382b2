const MOST = 100;

/** Say how many things changed since the picture on the page was drawn; the picture itself stays as it is. */
function tell() {
  const [line, picture] = [document.getElementById("since"), document.getElementById("picture")];
  if (!line || !picture?.dataset.after) return;
  const number = line.dataset.changes.split(" ").filter((id) => Number(id) > Number(picture.dataset.after)).length;
  line.hidden = number === 0;
  line.querySelector("[data-number]").textContent = `${number}${number === MOST ? "+" : ""} ${number === 1 ? "change" : "changes"}`;
  line.querySelector("[data-anew]").href = location.href;
}

/** Keep the line about changes of a graph true. */
export function since() {
  tell();
  document.addEventListener("htmx:after:swap", tell);
}
