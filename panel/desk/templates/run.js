// Shows each exchange of a run as it is recorded; a lost stream goes on where it was cut off.
const log = document.querySelector("#events");
const state = document.querySelector("#state");
const source = new EventSource(log.dataset.stream);
let last = Number(log.dataset.last);
source.addEventListener("exchange", (event) => {
  const told = JSON.parse(event.data);
  last = told.number;
  state.textContent = "live";
  log.prepend(`${told.number}  ${told.name}  ${told.state}  ${told.says}\n`);
  const lane = document.getElementById(`of-${told.reviewer}`);
  if (!lane) return;
  lane.querySelector(".hd").textContent = `${told.state}, ${told.seconds}`;
  lane.querySelector(".say").textContent = told.says;
  lane.querySelector("progress")?.remove();
});
source.addEventListener("end", () => {
  source.close();
  location.reload();
});
source.addEventListener("error", () => {
  state.textContent = `not live, last event ${last}`;
});
