/* Says that a file is too large as soon as it is chosen (data-largest: bytes; data-too-large: the words), and does not
   send it: what else was typed stays. Without this script the server says so. */
(() => {
  "use strict";

  const judge = (field) => {
    const isTooLarge = [...field.files].some((file) => file.size > Number(field.dataset.largest));
    field.setCustomValidity(isTooLarge ? field.dataset.tooLarge : "");
    return !isTooLarge;
  };

  document.querySelectorAll("input[type=file][data-largest]").forEach((field) => {
    field.addEventListener("change", () => judge(field) || field.reportValidity());
    // Before the form is marked as sent.
    field.form.addEventListener(
      "submit",
      (event) => {
        if (judge(field)) return;
        event.preventDefault();
        event.stopImmediatePropagation();
        field.reportValidity();
      },
      { capture: true },
    );
  });
})();
