// A browser opens six connections to a server; streams of its tabs may take so many of them.
const MOST = 4;
let release;
let asked;

function hold(number) {
  return new Promise((answer) => {
    navigator.locks.request(`headwater-live-${number}`, { ifAvailable: true }, (lock) => {
      answer(Boolean(lock));
      return lock && new Promise((done) => { release = done; });
    });
  });
}

async function find() {
  for (let number = 0; number < MOST; number += 1) if (await hold(number)) return true;
  return false;
}

/** The right of this tab to a stream, shared with the other tabs; a browser that cannot share grants it to all. */
export const slot = {
  async take() {
    if (release || !navigator.locks) return true;
    asked ??= find().finally(() => { asked = undefined; });
    return asked;
  },
  give() {
    release?.();
    release = undefined;
  },
};
