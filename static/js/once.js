/* Sends a form marked with data-once only once, however often its button is pressed while the answer is on its way.
   Without this script the second sending does no harm: the server knows it. */
(() => {
  "use strict";

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("[data-once]")) return;
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
  });

  // A page that comes back with the back button can be sent again.
  window.addEventListener("pageshow", () => {
    document.querySelectorAll("[data-sent]").forEach((form) => delete form.dataset.sent);
  });
})();
