const SLACK = 24;
let follows = true;
const log = () => document.querySelector("pre.log");
const box = () => document.querySelector("[data-follow]");
const atEnd = (pre) => pre.scrollHeight - pre.scrollTop - pre.clientHeight < SLACK;

function settle() {
  const pre = log();
  if (box()) box().checked = follows;
  if (pre && follows) pre.scrollTop = pre.scrollHeight;
}

/** Keep the last line of a log in sight, until somebody scrolls up. */
export function following() {
  document.addEventListener("change", ({ target }) => {
    if (!target.matches("[data-follow]")) return;
    follows = target.checked;
    settle();
  });
  document.addEventListener("scroll", ({ target }) => {
    if (target !== log()) return;
    follows = atEnd(target);
    if (box()) box().checked = follows;
  }, { capture: true, passive: true });
  document.addEventListener("htmx:after:swap", settle);
  settle();
}
