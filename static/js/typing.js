/* A form in which somebody types for long: while he types, his session does not end for want of requests (data-typed: the
   address that is told); and if it has ended since, he hears it (data-signed-out: the words) before what he typed is lost
   on the way. Without this script the session ends as elsewhere. Markup: templates/records/includes/typed.html. */
(() => {
  "use strict";

  const EVERY = 60_000;

  const watch = (form) => {
    let askedAt = Date.now();
    let isOver = false;

    const ask = async () => {
      askedAt = Date.now();
      try {
        // With the form's own token: after another sign-in that is worth nothing, and what is sent would be lost.
        const headers = { "X-CSRFToken": form.elements.csrfmiddlewaretoken.value };
        const answer = await fetch(form.dataset.typed, { method: "POST", headers, redirect: "manual" });
        if (!answer.ok) end();
      } catch {
        // No answer at all says nothing about the session.
      }
    };
    const end = () => {
      if (isOver) return;
      isOver = true;
      const box = Object.assign(document.createElement("p"), { className: "alert alert-warning mt-3", role: "alert" });
      box.textContent = form.dataset.signedOut;
      form.append(box);
    };

    form.addEventListener("input", () => {
      if (!isOver && Date.now() - askedAt >= EVERY) ask();
    });
    // Before the form is marked as sent.
    form.addEventListener(
      "submit",
      async (event) => {
        if (!isOver && Date.now() - askedAt < EVERY) return;
        event.preventDefault();
        event.stopImmediatePropagation();
        if (!isOver) await ask();
        if (isOver) form.lastElementChild.scrollIntoView({ block: "nearest" });
        else form.requestSubmit(event.submitter);
      },
      { capture: true },
    );
  };

  document.querySelectorAll("form[data-typed]").forEach(watch);
})();
