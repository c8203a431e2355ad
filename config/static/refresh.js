// A list that refreshes itself must not take a nurse's place in it: while something in it has the focus, or a form in
// it is open or begun, the refresh is left out, and the next one tries again.
document.addEventListener("htmx:beforeRequest", (event) => {
  const list = event.target.closest("[data-refreshes]");
  if (!list || event.target !== list) return;
  const typing = [...list.querySelectorAll("input[type=text]")].some((field) => field.value !== field.defaultValue);
  const busy = typing || list.contains(document.activeElement) || list.querySelector("details[open]");
  if (busy) event.preventDefault();
});

// A phone shows its newest message.
const showNewest = () => {
  for (const talk of document.querySelectorAll("[data-newest-last]")) talk.scrollTop = talk.scrollHeight;
};
document.addEventListener("DOMContentLoaded", showNewest);
document.addEventListener("htmx:afterSwap", showNewest);
