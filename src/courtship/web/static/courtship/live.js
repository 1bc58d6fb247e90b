// What is new on this page, as it is heard: said in one quiet line, shown when it is asked for. Nothing moves
// by itself, and without this file the page is as it was when it was opened.
"use strict";
(() => {
  const line = document.querySelector("[data-heard]");
  if (!line || !window.EventSource) return;
  const about = line.dataset.person || "";
  let position = Number(line.dataset.position) || 0;
  let source = null;
  let asking = false;
  let again = false;
  let fresh = null;

  const keys = (part) => Array.from(part.querySelectorAll("[data-item]"), (one) => one.dataset.item);
  const say = (count) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn";
    button.textContent = count > 0 ? `${count} new: show` : "This page has changed: show";
    button.addEventListener("click", show);
    line.replaceChildren(button);
  };
  const show = () => {
    const here = document.querySelector("[data-live]");
    if (!here || !fresh) return;
    const had = new Set(keys(here));
    // what is half written stays
    for (const field of here.querySelectorAll("input[id], textarea[id]")) {
      const same = field.value !== field.defaultValue && fresh.querySelector(`#${CSS.escape(field.id)}`);
      if (same) same.value = field.value;
    }
    here.replaceWith(document.adoptNode(fresh));
    const now = document.querySelector("[data-live]");
    fresh = null;
    line.replaceChildren();
    const first = Array.from(now.querySelectorAll("[data-item]")).find((one) => !had.has(one.dataset.item));
    const target = (first && first.querySelector("a, button")) || document.getElementById("main");
    if (target) target.focus({ preventScroll: true });
  };
  const look = async () => {
    if (asking) { again = true; return; }
    asking = true;
    try {
      const answer = await fetch(location.href, { headers: { "X-Requested-With": "fetch" }, credentials: "same-origin" });
      const found = answer.ok && !answer.redirected && new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-live]");
      const here = document.querySelector("[data-live]");
      if (found && here) {
        const had = new Set(keys(here));
        const more = Number(found.dataset.count || 0) - Number(here.dataset.count || 0);
        const count = keys(found).filter((key) => !had.has(key)).length || Math.max(0, more);
        if (found.textContent.replace(/\s+/g, " ") !== here.textContent.replace(/\s+/g, " ")) { fresh = found; say(count); }
        else { fresh = null; line.replaceChildren(); }
      }
    } catch (error) { /* the server is away: the stream comes back, and says it again */ }
    asking = false;
    if (again) { again = false; look(); }
  };
  const open = () => {
    if (source || document.hidden) return;
    source = new EventSource(`${line.dataset.heard}?since=${position}`);
    source.addEventListener("heard", (event) => {
      const told = JSON.parse(event.data);
      position = Math.max(position, told.position);
      if (!about || !told.people || told.people.includes(about)) look();
    });
  };
  const close = () => { if (source) { source.close(); source = null; } };
  // a hidden page holds no connection: a browser allows six to one server
  document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
  window.addEventListener("pagehide", close);
  window.addEventListener("pageshow", open);
  open();
})();
