const EVERY_MS = 10_000;
const seen = new Map();
let timer = 0;

/** Ask for one region as the page shows it; answers whether there is more to come. */
async function ask(id) {
  const region = document.getElementById(id);
  if (!region) return true;
  const headers = { "HX-Request": "true", "HX-Request-Type": "partial", "HX-Live": "poll", "HX-Target": `${region.localName}#${id}` };
  const tag = seen.get(id);
  if (tag?.url === location.href) headers["If-None-Match"] = tag.etag;
  const answer = await fetch(location.href, { headers, redirect: "error", cache: "no-store" });
  if (answer.status === 200) {
    seen.set(id, { url: location.href, etag: answer.headers.get("ETag") });
    const text = await answer.text();
    await window.htmx.swap({ text, target: region, sourceElement: region, swap: "outerMorph", polled: true });
  } else if (answer.status !== 304) return answer.status >= 500;
  return !answer.headers.has("HX-Final");
}

async function round(ids, over) {
  if (document.hidden) return;
  try {
    for (const id of ids) if (!(await ask(id))) return over();
  } catch {
    // The server is away; the next round asks again.
  }
}

/** Asking for regions every 10 s where there is no stream. */
export const poll = {
  once: round,
  start(ids, over, again) {
    if (timer) return;
    timer = setInterval(async () => {
      await round(ids, over);
      again();
    }, EVERY_MS);
  },
  stop() {
    clearInterval(timer);
    timer = 0;
  },
};
