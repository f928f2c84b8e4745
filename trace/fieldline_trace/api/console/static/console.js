// Live news for open pages, and small comforts. Everything works without it.
"use strict";
(() => {
  const body = document.body;
  for (const button of document.querySelectorAll("[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  }
  for (const slider of document.querySelectorAll("input[type=range]")) {
    const output = slider.form.querySelector("output");
    slider.addEventListener("input", () => { output.textContent = slider.value; });
  }
  const why = location.hash === "#why" && document.getElementById("why");
  if (why) why.focus({ preventScroll: true });
  if (!("live" in body.dataset) || !window.EventSource) return;

  const shown = Number(body.dataset.position);
  const chip = document.getElementById("live");
  const news = document.getElementById("news");
  const channel = window.BroadcastChannel ? new BroadcastChannel("fieldline") : null;
  let last = body.dataset.live;
  let latest = shown;

  // What is looked at is never redrawn: there is a link that shows what is new.
  const show = (position) => {
    if (!(position > latest)) return;
    latest = position;
    let link = news.firstElementChild;
    if (!link) {
      link = document.createElement("a");
      link.href = location.href;
      link.addEventListener("click", (event) => { event.preventDefault(); location.reload(); });
      news.append(link);
    }
    link.textContent = body.dataset.news.replace("{position}", position.toLocaleString("en"));
  };
  const state = (on) => {
    chip.hidden = false;
    chip.classList.toggle("lost", !on);
    chip.textContent = on ? body.dataset.on : body.dataset.lost;
  };
  const hear = (said) => {
    if (said.id) last = said.id;
    if (said.position) show(said.position);
    if ("on" in said) state(said.on);
  };
  const tell = (said) => {
    hear(said);
    if (channel) channel.postMessage(said);
  };
  if (channel) channel.addEventListener("message", (event) => {
    if (event.data.ask) { if (source) channel.postMessage({ on: source.readyState === 1, position: latest, id: last }); } else hear(event.data);
  });

  let source = null;
  const open = () => {
    source = new EventSource("/live?since=" + encodeURIComponent(last));
    source.addEventListener("open", () => tell({ on: true }));
    source.addEventListener("error", () => {
      tell({ on: false });
      // A browser gives up where the answer is no stream: begin again after what came last.
      if (source.readyState === 2) { source = null; setTimeout(open, 3000); }
    });
    for (const kind of ["alert", "scope", "position"]) {
      source.addEventListener(kind, (event) => tell({ id: event.lastEventId, position: JSON.parse(event.data).position }));
    }
  };
  const close = () => { if (source) { source.close(); source = null; } };

  // One stream a browser: who holds the lock listens, the others hear it from there. Locks exist on https and on this
  // machine only; without them a tab listens while it is looked at.
  if (navigator.locks && channel) {
    navigator.locks.request("fieldline-live", () => new Promise((released) => {
      open();
      window.addEventListener("pagehide", () => { close(); released(); });
    }));
    channel.postMessage({ ask: true });
  } else {
    const looked = () => (document.visibilityState === "visible" ? source || open() : close());
    document.addEventListener("visibilitychange", looked);
    looked();
  }
})();
