const LEAST = 0.2;
const MOST = 2.5;
const PICTURE = "#picture";
const view = { zoom: 0, anchor: null, more: false };
const frame = () => document.querySelector("[data-frame]");
const drawing = () => document.querySelector("[data-frame] .graph-svg");
const clamp = (value, least, most) => Math.min(Math.max(value, least), most);
const node = (number) => document.querySelector(`[data-frame] [data-n="${number}"]`);

/** Resize the drawing; the point (x, y) of the frame stays where it is. */
function zoomTo(zoom, x, y) {
  const [box, svg] = [frame(), drawing()];
  if (!svg) return;
  const [, , width, height] = svg.getAttribute("viewBox").split(" ").map(Number);
  const [at, there] = [svg.getBoundingClientRect(), box.getBoundingClientRect()];
  const [px, py] = [x ?? box.clientWidth / 2, y ?? box.clientHeight / 2];
  const [fx, fy] = [(px + there.left - at.left) / at.width, (py + there.top - at.top) / at.height];
  view.zoom = clamp(zoom, LEAST, MOST);
  svg.setAttribute("width", Math.round(width * view.zoom));
  svg.setAttribute("height", Math.round(height * view.zoom));
  const after = svg.getBoundingClientRect();
  box.scrollLeft += fx * after.width + after.left - there.left - px;
  box.scrollTop += fy * after.height + after.top - there.top - py;
}

function fitting() {
  const [, , width, height] = drawing().getAttribute("viewBox").split(" ").map(Number);
  return Math.min(frame().clientWidth / width, frame().clientHeight / height, 1);
}

const DO = { in: () => zoomTo(view.zoom * 1.25), out: () => zoomTo(view.zoom / 1.25), fit: () => zoomTo(fitting()) };

/** Scroll the frame so that a node is inside it, in the middle when asked. */
function show(group, middle = false) {
  const [box, at] = [frame().getBoundingClientRect(), group.getBoundingClientRect()];
  const [x, y] = [at.left + at.width / 2 - box.left, at.top + at.height / 2 - box.top];
  const inside = at.left > box.left + 20 && at.right < box.right - 20 && at.top > box.top + 20 && at.bottom < box.bottom - 20;
  if (inside && !middle) return;
  frame().scrollLeft += x - box.width / 2;
  frame().scrollTop += y - box.height / 2;
}

/** Put boxes together that came without what is in them: the picture before had them, only their links are new. */
function refill(svg) {
  for (const group of svg.querySelectorAll("[data-v]:empty")) {
    const had = view.had?.get(group.dataset.v);
    if (!had) return location.reload();
    group.append(...had.cloneNode(true).childNodes);
    group.querySelector(".face").setAttribute("href", svg.dataset.select.replace("node:~", group.dataset.t));
    for (const side of group.querySelectorAll(".side")) {
      side.setAttribute("href", svg.dataset.open.replace("node:~.~", `${group.dataset.t}.${side.dataset.side}`));
    }
  }
  delete view.had;
}

/** Take up a drawing that is new on the page: zoom as before, the node last touched where it was. */
function settle() {
  const svg = drawing();
  const more = document.getElementById("ask-more");
  if (more) more.open = view.more;
  if (!svg || svg.dataset.settled) return;
  svg.dataset.settled = "1";
  refill(svg);
  const kept = view.anchor && document.querySelector(`[data-frame] [data-t="${CSS.escape(view.anchor.token)}"]`);
  if (!view.zoom) view.zoom = fitting() > 0.72 ? fitting() : 1;
  zoomTo(view.zoom);
  if (kept) {
    const [now, box] = [kept.getBoundingClientRect(), frame()];
    box.scrollLeft += now.left - view.anchor.left;
    box.scrollTop += now.top - view.anchor.top;
    show(kept);
    if (view.anchor.focus) (kept.querySelector(view.anchor.focus) ?? kept.querySelector("a"))?.focus({ preventScroll: true });
  } else {
    const first = svg.querySelector(".node.select") ?? svg.querySelector(".node.start");
    if (first) show(first, true);
  }
  view.anchor = null;
}

function remember(link) {
  const group = link.closest("[data-t]");
  const at = group?.getBoundingClientRect();
  const focus = link.matches("[data-side]") ? `[data-side="${link.dataset.side}"]` : ".face";
  if (group) view.anchor = { token: group.dataset.t, left: at.left, top: at.top, focus: document.activeElement === link && focus };
}

/** Follow a link within the same graph by loading the picture alone. */
function follow(event) {
  const link = event.target.closest?.(`${PICTURE} a[href^="?"]`);
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button || link.hasAttribute("download")) return;
  const to = new URL(link.getAttribute("href"), location.href);
  const [here, there] = [new URLSearchParams(location.search), to.searchParams];
  if (there.has("format") || String(here.getAll("start").sort()) !== String(there.getAll("start").sort())) return;
  if (view.dragged) return event.preventDefault();
  event.preventDefault();
  remember(link);
  view.had = new Map([...document.querySelectorAll("[data-frame] [data-v]")].map((group) => [group.dataset.v, group.cloneNode(true)]));
  htmx.ajax("GET", to.pathname + to.search, {
    source: document.querySelector(PICTURE), target: PICTURE, swap: "outerMorph", push: "true",
    headers: { "HX-Target": "section#picture", "X-Have": [...view.had.keys()].join("") },
  });
}

/** Light up the lines of a node that is pointed at or focused. */
function light(event) {
  const group = event.target.closest?.("[data-frame] [data-n]");
  for (const line of document.querySelectorAll("[data-frame] .hot")) line.classList.remove("hot");
  if (!group) return;
  const own = group.dataset.n;
  for (const line of document.querySelectorAll(`[data-frame] [data-e^="${own} "], [data-frame] [data-e$=" ${own}"]`)) line.classList.add("hot");
}

/** The neighbour to go to from a node: along a line for left and right, the next in its layer for up and down. */
function neighbour(group, key) {
  const own = group.dataset.n;
  const at = group.getBoundingClientRect();
  const all = [...document.querySelectorAll("[data-frame] [data-n]")];
  const joined = [...document.querySelectorAll("[data-frame] [data-e]")].map((line) => line.dataset.e.split(" "))
    .filter((ends) => ends.includes(own)).map(([one, other]) => node(one === own ? other : one));
  const box = (each) => each.getBoundingClientRect();
  const ways = {
    ArrowLeft: joined.filter((each) => box(each).left < at.left),
    ArrowRight: joined.filter((each) => box(each).left > at.left),
    ArrowUp: all.filter((each) => Math.abs(box(each).left - at.left) < 2 && box(each).top < at.top),
    ArrowDown: all.filter((each) => Math.abs(box(each).left - at.left) < 2 && box(each).top > at.top),
  };
  return ways[key]?.sort((one, other) => Math.abs(box(one).top - at.top) - Math.abs(box(other).top - at.top))[0];
}

function press(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || !drawing() || document.querySelector("dialog[open]")) return;
  if (event.target.matches?.("input, select, textarea")) return;
  const act = { "+": "in", "=": "in", "-": "out", f: "fit" }[event.key];
  if (act) return event.preventDefault(), DO[act]();
  const inside = event.target.closest?.("[data-frame]");
  if (!inside || !event.key.startsWith("Arrow")) return;
  const group = event.target.closest("[data-n]") ?? (event.target === inside && drawing().querySelector(".node.select, .node.start"));
  const next = event.target === inside ? group : group && neighbour(group, event.key);
  if (!next) return;
  event.preventDefault();
  next.querySelector("a")?.focus({ preventScroll: true });
  show(next);
}

/** Move the drawing with the mouse; a drag is no click. */
function drag(event) {
  const box = event.target.closest?.("[data-frame]");
  if (!box || event.button || event.pointerType === "touch") return;
  const [x, y, left, top] = [event.clientX, event.clientY, box.scrollLeft, box.scrollTop];
  view.dragged = false;
  const move = (to) => {
    if (Math.hypot(to.clientX - x, to.clientY - y) > 4) view.dragged = true;
    if (!view.dragged) return;
    box.classList.add("dragging");
    [box.scrollLeft, box.scrollTop] = [left + x - to.clientX, top + y - to.clientY];
  };
  const stop = () => {
    removeEventListener("pointermove", move);
    box.classList.remove("dragging");
    setTimeout(() => { view.dragged = false; });
  };
  addEventListener("pointermove", move);
  addEventListener("pointerup", stop, { once: true });
}

function wheel(event) {
  const box = event.target.closest?.("[data-frame]");
  if (!box || !(event.ctrlKey || event.metaKey)) return;
  event.preventDefault();
  const at = box.getBoundingClientRect();
  zoomTo(view.zoom * Math.exp(-event.deltaY / 300), event.clientX - at.left, event.clientY - at.top);
}

/** Buttons of the page that are not links: zoom, one step more or less, copy the address. */
async function buttons(event) {
  const button = event.target.closest?.("[data-do], [data-step], [data-copy-here]");
  if (!button) return;
  if (button.dataset.do) DO[button.dataset.do]();
  if (button.dataset.step) {
    const field = button.parentElement.querySelector("input");
    field.value = clamp(Number(field.value) + Number(button.dataset.step), field.min, field.max);
    field.dispatchEvent(new Event("change", { bubbles: true }));
  }
  if ("copyHere" in button.dataset) await navigator.clipboard.writeText(location.href);
}

/** Leave out of the address what is as usual. */
function shorten({ detail }) {
  const { request, sourceElement } = detail.ctx;
  if (!sourceElement.matches?.("[data-defaults]")) return;
  const usual = JSON.parse(sourceElement.dataset.defaults);
  for (const [name, value] of [...request.body]) if (value === "" || usual[name] === value) request.body.delete(name);
  const known = request.body.getAll("evidence");
  const all = [...sourceElement.querySelectorAll("[name=evidence]")].map((field) => field.value);
  if (String(known) === String(all.filter((value) => value !== "control"))) request.body.delete("evidence");
}

/** Zoom, drag, walk and expand in place; without this the same drawing scrolls and its links open pages. */
export function graphing() {
  document.addEventListener("click", follow);
  document.addEventListener("click", buttons);
  for (const name of ["pointerover", "focusin"]) document.addEventListener(name, light);
  document.addEventListener("keydown", press);
  document.addEventListener("pointerdown", drag);
  document.addEventListener("toggle", ({ target }) => { if (target.id === "ask-more") view.more = target.open; }, true);
  document.addEventListener("wheel", wheel, { passive: false });
  document.addEventListener("dragstart", (event) => event.target.closest?.("[data-frame]") && event.preventDefault());
  document.addEventListener("htmx:config:request", shorten);
  document.addEventListener("htmx:after:swap", settle);
  settle();
}
