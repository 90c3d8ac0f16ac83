/* Lets the browser's passkeys answer in forms marked with data-passkey: "create" makes one, "get" asks for one. What the
   browser is asked stands in the page (data-options names the element) or is fetched (data-ask). Such forms are hidden
   until this script has found that they can work: without it, codes do. Needs mfa/js/webauthn-json.js. */
(() => {
  "use strict";

  // No passkey belongs to an address of numbers.
  const works = () => window.webauthnJSON?.supported() && !/^[\d.]+$|^\[/.test(location.hostname);

  const options = async (form) => {
    if (form.dataset.options) return JSON.parse(document.getElementById(form.dataset.options).textContent);
    const answer = await fetch(form.dataset.ask, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(`${answer.status}`);
    return answer.json();
  };

  const create = async (form) => {
    const { creation_options: wanted } = await options(form);
    const alone = form.elements.passwordless?.checked ?? false;
    const choice = wanted.publicKey.authenticatorSelection;
    choice.residentKey = alone ? "required" : "discouraged";
    choice.requireResidentKey = alone;
    if (alone) choice.userVerification = "required";
    return window.webauthnJSON.create(wanted);
  };

  const get = async (form) => window.webauthnJSON.get((await options(form)).request_options);

  const start = (form) => {
    const problem = form.querySelector("[data-problem]");
    const button = form.querySelector("[type=submit]");
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      problem.hidden = true;
      button.disabled = true;
      try {
        const answer = await (form.dataset.passkey === "create" ? create(form) : get(form));
        form.elements.credential.value = JSON.stringify(answer);
        form.submit();
      } catch {
        // Given up by the person, or by the browser, which does not tell which.
        problem.hidden = false;
        button.disabled = false;
        button.focus();
      }
    });
    form.hidden = false;
  };

  document.addEventListener("DOMContentLoaded", () => {
    if (!works()) return;
    document.querySelectorAll("form[data-passkey]").forEach(start);
    document.querySelectorAll("[data-without-passkeys]").forEach((other) => (other.hidden = true));
  });
})();
