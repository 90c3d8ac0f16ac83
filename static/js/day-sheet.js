/* The day sheet refreshes itself every half minute, but never under somebody's hands. Without this script there is a
   link. Each asking is marked (X-Background): it keeps no session alive; and when the session has ended, the page goes,
   so that nobody reads on it. Markup: templates/admin/desk/sheet.html and sheet_body.html. */
(() => {
  "use strict";

  const EVERY = 30_000;
  const OFF = "day-sheet-refresh-off";

  document.querySelectorAll("[data-print]").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  });

  const control = document.getElementById("by-itself");
  if (!control) return;
  const said = document.querySelector(".refreshing [role=status]");
  const sheet = () => document.getElementById("sheet");

  /* A search cannot be refreshed: its words are in no address. */
  const isSearched = "searched" in sheet().dataset;
  const isOff = () => isSearched || !control.checked;
  /* A field anywhere, or a button or link of the sheet, has the focus; or something was typed into the search. */
  const isBusy = () => {
    const focused = document.activeElement;
    const field = focused?.matches("input:not([type=checkbox]), select, textarea");
    return Boolean(field || (focused !== sheet() && sheet().contains(focused) && focused.matches("a, button")));
  };
  const say = () => {
    const words = isOff() ? said.dataset.off : isBusy() ? said.dataset.paused : "";
    if (said.textContent !== words) said.textContent = words;
  };

  const ask = () => {
    say();
    // Asked also while paused: to learn whether the session still lives.
    window.htmx.trigger(sheet(), "refresh");
  };

  control.closest(".by-itself").hidden = isSearched;
  control.checked = sessionStorage.getItem(OFF) !== "yes";
  control.addEventListener("change", () => {
    sessionStorage.setItem(OFF, isOff() ? "yes" : "no");
    say();
    if (!isOff()) ask();
  });
  document.addEventListener("focusin", say);
  document.addEventListener("focusout", () => setTimeout(say));

  document.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr } = event.detail;
    if (new URL(xhr.responseURL).pathname !== location.pathname) {
      event.detail.shouldSwap = false;
      location.replace(location.pathname + location.search);
    } else if (isOff() || isBusy()) {
      event.detail.shouldSwap = false;
    }
  });
  document.addEventListener("htmx:afterSwap", () => {
    document.querySelector(".refreshing [data-as-of]").textContent = sheet().dataset.asOf;
  });
  setInterval(ask, EVERY);
  say();
})();
