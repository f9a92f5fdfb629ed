"use strict";

// Shows what the admin API says, every two seconds. The token stays in this tab: it goes out only in the
// Authorization header of calls to the server that the page came from, so no other site can use it.

const REFRESH_MILLIS = 2000;
const KEY = "hearth-token";
const byId = (id) => document.getElementById(id);

async function get(path) {
  const response = await fetch("/api/v1" + path, {
    headers: { Authorization: "Bearer " + sessionStorage.getItem(KEY) },
    signal: AbortSignal.timeout(10000),
  });
  const body = await response.json();
  if (!response.ok) {
    throw new Error(body.error.message, { cause: response.status });
  }
  return body;
}

// Cells are texts or elements; never markup, since names and images come from outside.
function fill(table, rows) {
  byId(table).tBodies[0].replaceChildren(...rows.map((cells) => {
    const row = document.createElement("tr");
    for (const cell of cells) {
      row.insertCell().append(cell);
    }
    return row;
  }));
}

function link(url) {
  const a = document.createElement("a");
  a.href = url;
  a.rel = "noreferrer";
  a.textContent = url;
  return a;
}

function show(services, instances) {
  fill("services", services.map((s) =>
    [s.name, link(s.url), s.revision, s.revisions.find((r) => r.name === s.revision)?.image ?? "", String(s.instances)]));
  fill("instances", instances.map((i) =>
    [i.id, i.revision, i.state, String(i.inFlight), i.cpu, i.memoryInUse]));
  byId("no-services").hidden = services.length > 0;
}

function complain(message) {
  byId("problem").textContent = message;
  byId("problem").hidden = !message;
}

async function refresh() {
  if (!sessionStorage.getItem(KEY)) {
    return;
  }
  try {
    const [services, instances] = await Promise.all([get("/services"), get("/instances")]);
    show(services, instances);
    complain("");
    byId("sign-in").hidden = true;
    byId("overview").hidden = false;
  } catch (failure) {
    if (failure.cause === 401) {
      signOut();
    }
    complain(failure.cause ? failure.message : "The platform does not answer; trying again.");
  }
}

function signOut() {
  sessionStorage.removeItem(KEY);
  byId("sign-in").hidden = false;
  byId("overview").hidden = true;
  complain("");
}

byId("sign-in").addEventListener("submit", (event) => {
  event.preventDefault();
  sessionStorage.setItem(KEY, byId("token").value.trim());
  byId("token").value = "";
  refresh();
});
byId("sign-out").addEventListener("click", signOut);
setInterval(refresh, REFRESH_MILLIS);
refresh();
