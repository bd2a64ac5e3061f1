"use strict";
// Everything works without this file. It renews what changes by itself, copies, takes "/" to the search, and Ctrl-K to any page.
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
  if (location.pathname === "/go") document.querySelector("main [type=search]")?.focus();
  document.addEventListener("keydown", (event) => {
    const go = document.getElementById("go");
    if (go && event.key === "k" && (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey) {
      event.preventDefault();
      location.assign(go.href);
      return;
    }
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input, textarea, select")) return;
    const find = document.getElementById("find");
    event.preventDefault();
    if (find) find.focus();
    else if (go) location.assign(go.href);
  });
})();
