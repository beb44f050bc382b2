const local = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "long" });

/** Add the reader's local time to the title of a time when it is first pointed at. */
export function localTimes() {
  const tell = (event) => {
    const time = event.target.closest?.("time[datetime]");
    if (!time || time.dataset.told === time.dateTime) return;
    const when = new Date(time.dateTime);
    if (Number.isNaN(when.valueOf())) return;
    time.dataset.told = time.dateTime;
    time.title = `${time.title || time.dateTime}\n${local.format(when)}`;
  };
  document.addEventListener("pointerover", tell);
  document.addEventListener("focusin", tell);
}
