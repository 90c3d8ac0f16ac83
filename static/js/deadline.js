/* Counts down how long a time is still kept, and says it at the marks that the page carries.
   Without this script the page shows until when. Markup: templates/includes/deadline.html. */
(() => {
  "use strict";

  const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;

  const start = (box) => {
    if (box.dataset.running) return;
    box.dataset.running = "yes";
    // The seconds left come from the server: a wrong clock on this device does no harm.
    const end = Date.now() + Number(box.dataset.deadline) * 1000;
    const shown = box.querySelector("[data-left]");
    const said = box.querySelector("[role=status]");
    const marks = [...box.querySelectorAll("[data-at]")];
    let before = Number(box.dataset.deadline) + 1;

    const tick = () => {
      const left = Math.max(0, Math.ceil((end - Date.now()) / 1000));
      shown.textContent = left ? `(${clock(left)})` : "";
      // After a sleep several marks may have passed: the last one is true.
      const mark = marks.filter(({ dataset }) => left <= Number(dataset.at) && Number(dataset.at) < before).pop();
      if (mark) said.textContent = mark.textContent;
      before = left;
      if (!left || !box.isConnected) clearInterval(timer);
    };
    const timer = setInterval(tick, 1000);
    tick();
  };

  const find = (root) => {
    if (root.matches?.("[data-deadline]")) start(root);
    root.querySelectorAll("[data-deadline]").forEach(start);
  };
  document.addEventListener("DOMContentLoaded", () => find(document));
  document.addEventListener("htmx:load", (event) => find(event.target));
})();
