"use strict";
// Everything works without this file. It renews what changes by itself, copies, and takes "/" to the search.
(() => {
  const main = document.querySelector("main[data-live]");
  if (main && "EventSource" in window) {
    const source = new EventSource("/live?page=" + encodeURIComponent(main.dataset.live));
    source.addEventListener("part", (event) => {
      const part = JSON.parse(event.data);
      const place = document.getElementById(part.id);
      if (!place || place.contains(document.activeElement)) return;
      const next = document.createElement("template");
      next.innerHTML = part.html;
      if (next.innerHTML.trim() === place.innerHTML.trim()) return;
      const open = [...place.querySelectorAll("details")].map((details) => details.open);
      place.innerHTML = part.html;
      place.querySelectorAll("details").forEach((details, number) => { details.open = open[number] ?? false; });
    });
    source.addEventListener("over", () => { source.close(); location.reload(); });
    window.addEventListener("pagehide", () => source.close());
  }
  document.querySelectorAll("code.secret, pre > code").forEach((code) => {
    if (!navigator.clipboard) return;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "quiet";
    button.textContent = "Copy";
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(code.textContent);
      button.textContent = "Copied";
    });
    code.after(" ", button);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input, textarea, select")) return;
    const find = document.getElementById("find");
    if (!find) return;
    event.preventDefault();
    find.focus();
  });
})();
