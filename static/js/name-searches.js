/* Names the admin's fields with search after their labels: by itself Select2 says only what was chosen. It is loaded after
   Django's own script, whose turn thereby comes first. */
django.jQuery(() => {
  "use strict";

  for (const select of document.querySelectorAll("select.admin-autocomplete")) {
    const label = document.querySelector(`label[for="${CSS.escape(select.id)}"]`);
    const box = select.nextElementSibling;
    if (!label || !box) continue;
    label.id ||= `${select.id}_label`;
    const chosen = box.querySelector(".select2-selection__rendered");
    for (const field of box.querySelectorAll("[role=combobox], [role=searchbox], [role=textbox]")) {
      field.setAttribute("aria-labelledby", chosen && chosen.id ? `${label.id} ${chosen.id}` : label.id);
    }
  }
});
