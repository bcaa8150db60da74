// A plain letter presses the link or button with that access key; j and k move over the queue's rows.
const loaded = performance.now();
const deciding = "a123r"; // a second press must not decide the next tool unseen
addEventListener("keydown", (event) => {
  const field = event.target.closest("input:not([type=checkbox]):not([type=radio]), textarea, select");
  if (field || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
  const key = event.key.length === 1 ? event.key.toLowerCase() : "";
  if (!key || (deciding.includes(key) && performance.now() - loaded < 500)) return;
  const rows = [...document.querySelectorAll("tr.row")];
  const at = rows.findIndex((row) => row.contains(document.activeElement));
  if (rows.length && (key === "j" || key === "k")) {
    rows[Math.max(0, Math.min(rows.length - 1, at + (key === "j" ? 1 : -1)))].querySelector(".tname a").focus();
  } else if (rows.length && key === "x" && at >= 0) {
    rows[at].querySelector("input[type=checkbox]")?.click();
  } else {
    const open = document.querySelector("[popover]:popover-open");
    const pressed = (open ?? document).querySelector(`[accesskey="${CSS.escape(key)}"]`);
    if (!pressed) return;
    pressed.click();
  }
  event.preventDefault();
});
